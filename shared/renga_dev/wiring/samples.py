"""One real wire event for each type, as it would be found in a log.

A sample that is missing is made by a real run: a function that emits the type is given the sample of what it
consumes. Only where no run leads to the type is one built from its fields.
"""

import json
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from renga import wire
from renga.wire import NotAnEvent, WireEvent
from renga_dev.wiring.discovery import Function
from renga_dev.wiring.trial import DidNotStart, hosted
from renga_dev.wiring.vocabulary import schema_of
from renga_events.base import Event
from renga_events.envelope import Envelope

_STRUCTURED_HEADERS = {"content-type": wire.STRUCTURED}
_MOMENT = "2026-01-01T00:00:00Z"


def fault(text: bytes, cls: type[Event]) -> str | None:
    """Why a text is no sample of a type, in one sentence, or None."""
    try:
        event = wire.decode(_STRUCTURED_HEADERS, text)
        if event.envelope.type != cls.ce_type:
            return f"it is a {event.envelope.type}, not a {cls.ce_type}"
        cls.from_json(event.data or b"{}", event.envelope)
    except (NotAnEvent, ValidationError) as error:
        return " ".join(str(error).split())
    return None


def made(
    missing: Iterable[str],
    known: Mapping[str, bytes],
    *,
    types: Mapping[str, type[Event]],
    functions: Iterable[Function],
    root: Path,
) -> dict[str, bytes]:
    """Samples of types that have none.

    Args:
        missing: the types.
        known: the samples that there are, by type.
        types: the vocabulary.
        functions: who emits what.
        root: the project's root.
    """
    wanted = set(missing)
    found: dict[str, bytes] = {}
    emitters = tuple(functions)
    progress = True
    while wanted and progress:
        given = {**known, **found}
        answers = _answers(emitters, wanted, given, root)
        found |= answers
        wanted -= answers.keys()
        progress = bool(answers)
    return found | {ce_type: as_text(built(types[ce_type])) for ce_type in sorted(wanted)}


def as_text(event: WireEvent) -> bytes:
    """An event in structured mode, to be read by people too."""
    value = json.loads(wire.encode_structured(event))
    return json.dumps(value, indent=2, ensure_ascii=False).encode() + b"\n"


def built(cls: type[Event]) -> WireEvent:
    """An event of a type made up from its required fields."""
    schema = schema_of(cls)
    data = json.dumps(_value(schema, schema.get("$defs", {}), "data")).encode()
    event = cls.from_json(data)
    name = cls.__name__.lower()
    envelope = Envelope(
        id=f"sample-{name}",
        source="/samples",
        type=cls.ce_type,
        subject=event.subject(),
        time=_MOMENT,
        datacontenttype="application/json",
        extensions={"correlationid": f"sample-{name}"},
    )
    return WireEvent(envelope, event.to_json())


def _answers(
    functions: Iterable[Function], wanted: set[str], given: Mapping[str, bytes], root: Path
) -> dict[str, bytes]:
    """What the functions answer that is wanted, given the samples of what they consume."""
    found: dict[str, bytes] = {}
    for function in functions:
        inputs = [given[ce_type] for ce_type in function.consumes if ce_type in given]
        if not inputs or not wanted.intersection(function.answers):
            continue
        with tempfile.TemporaryDirectory(prefix="renga-sample-") as state:
            try:
                found |= _replay(root / "functions" / function.name / "main.py", inputs, Path(state))
            except DidNotStart:
                continue  # It needs what is not here, such as a setting; its types are then built.
    return {ce_type: text for ce_type, text in found.items() if ce_type in wanted}


def _replay(source: Path, inputs: Iterable[bytes], state: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    with hosted(source, state=state) as function:
        for sample in inputs:
            try:
                events = function.deliver(sample).events()
            except NotAnEvent:
                continue  # It was refused: no answer, no sample.
            for event in events:
                found.setdefault(event.envelope.type, as_text(event))
    return found


def _value(schema: Mapping[str, Any], definitions: Mapping[str, Any], name: str) -> Any:
    """The plainest value that a schema takes; texts repeat the name of their field."""
    if "$ref" in schema:
        return _value(definitions[schema["$ref"].rpartition("/")[2]], definitions, name)
    if alternatives := schema.get("anyOf") or schema.get("oneOf"):
        return _value(alternatives[0], definitions, name)
    if values := [schema["const"]] if "const" in schema else schema.get("enum"):
        return values[0]
    match schema.get("type"):
        case "object":
            properties = schema.get("properties", {})
            return {field: _value(properties[field], definitions, field) for field in schema.get("required", ())}
        case "array":
            prefix = [_value(item, definitions, name) for item in schema.get("prefixItems", ())]
            missing = schema.get("minItems", 0) - len(prefix)
            return prefix + [_value(schema["items"], definitions, name) for _ in range(missing)]
        case "integer" | "number":
            return max(schema.get("minimum", 1), schema.get("exclusiveMinimum", 0) + 1)
        case "boolean":
            return True
        case "null":
            return None
    return _FORMATS.get(schema.get("format", ""), name.ljust(schema.get("minLength", 0), "."))


_FORMATS = {
    "date-time": _MOMENT,
    "date": _MOMENT[:10],
    "uuid": "00000000-0000-4000-8000-000000000000",
    "uri": "https://example.org/",
}
