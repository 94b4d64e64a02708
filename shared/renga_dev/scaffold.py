"""A new function, working from its first minute: its folder and its test. The wiring adds the manifest."""

import keyword
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from renga_dev.suggestion import did_you_mean
from renga_dev.wiring.discovery import EVERYTHING, name_fault
from renga_dev.wiring.vocabulary import short_name
from renga_events.base import AnyEvent, Event
from renga_events.vocabulary import vocabulary

_SCALARS = {"str": '"text"', "int": "1", "float": "1.0", "bool": "True"}
"""What a request's field may be, and a value that a test sends."""


class CannotScaffold(ValueError):  # noqa: N818 - says what is the case
    """A function of that name or with those types cannot be made; the message says why."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is written about the new function."""

    name: str
    consumes: tuple[type[Event], ...]
    emits: tuple[type[Event], ...]
    answer: type[Event] | None
    """The type that it answers with from the start; None where that needs more than its input holds."""

    @property
    def is_door(self) -> bool:
        return not self.consumes

    @property
    def request(self) -> str:
        """The class that a door takes."""
        return "".join(map(str.capitalize, self.name.partition("/")[2].split("-"))) + "Request"

    @property
    def parameter(self) -> str:
        """What the handler calls its input."""
        if self.is_door:
            return "request"
        if len(self.consumes) > 1 or self.consumes[0] is AnyEvent:
            return "event"
        parts = short_name(self.consumes[0].ce_type).split(".")[1:]
        words = "_".join(part for part in parts if not (part[0] == "v" and part[1:].isdigit()))
        return f"{words}_" if keyword.iskeyword(words) else words.replace("-", "_") or "event"

    @property
    def passed_on(self) -> list[str]:
        """The fields of the answer that are taken over from the input."""
        if self.answer is None:
            return []
        return list(_required(self.answer) if self.is_door else _shared(self.consumes[0], self.answer))

    @property
    def summary(self) -> str:
        """One sentence that is true of what is written."""
        heard = "every event" if self.consumes == (AnyEvent,) else _either(self.consumes)
        answers = f" and answer with {_either(self.emits)}" if self.emits else ""
        return f"Take {'a plain HTTP request' if self.is_door else heard}{answers}."


def scaffold(root: Path, name: str, *, consumes: Iterable[str] = (), emits: Iterable[str] = ()) -> list[str]:
    """Write a function's folder and its test.

    Args:
        root: the folder that holds functions/ and tests/.
        name: `schema/enrich`.
        consumes: event types, in full, without `dev.renga.`, or by class; none makes a door, `*` hears everything.
        emits: likewise.

    Returns:
        The paths of what was written, below the root.

    Raises:
        CannotScaffold: the name is bad or taken, or a type is unknown.
    """
    if fault := name_fault(name):
        raise CannotScaffold(f"{fault}.")
    folder, tests = root / "functions" / name, root / "tests" / "functions" / name
    for taken in (folder, tests):
        if taken.exists():
            raise CannotScaffold(f"{name} is taken: {taken.relative_to(root)} exists.")
    plan = _plan(name, [_type(given) for given in consumes], [_type(given) for given in emits])
    files = {
        folder / "main.py": _main(plan),
        folder / "requirements.txt": "renga\n",
        folder / "README.md": _readme(plan),
        tests / "test_main.py": _test(plan),
    }
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return [str(path.relative_to(root)) for path in files]


def _type(given: str) -> type[Event]:
    if given == EVERYTHING:
        return AnyEvent
    types = vocabulary()
    names = {spelled: cls for ce_type, cls in types.items() for spelled in (ce_type, short_name(ce_type), cls.__name__)}
    if given not in names:
        known = [name for name in names if name in types] if given.startswith("dev.") else names
        raise CannotScaffold(
            f"{given} is no event type.{did_you_mean(given, known)} Types are declared in events/renga_events."
        )
    return names[given]


def _plan(name: str, consumes: Sequence[type[Event]], emits: Sequence[type[Event]]) -> _Plan:
    if AnyEvent in emits:
        raise CannotScaffold("A function emits types by name; * is for what it consumes.")
    if AnyEvent in consumes and (len(consumes) > 1 or emits):
        raise CannotScaffold(
            "A function that hears everything consumes nothing else and emits nothing: it would hear itself."
        )
    return _Plan(name, tuple(consumes), tuple(emits), next((cls for cls in emits if _follows(cls, consumes)), None))


def _follows(answer: type[Event], consumes: Sequence[type[Event]]) -> bool:
    """Whether an answer can be made of the input alone."""
    if not consumes:
        return all(_kind(answer, field) in _SCALARS for field in _required(answer))
    return len(consumes) == 1 and set(_required(answer)) <= set(_shared(consumes[0], answer))


def _kind(cls: type[Event], field: str) -> str:
    """A field's type as it is written, where it is a plain class."""
    annotation = cls.model_fields[field].annotation
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)


def _required(cls: type[Event]) -> list[str]:
    return [name for name, field in cls.model_fields.items() if field.is_required()]


def _shared(given: type[Event], answer: type[Event]) -> list[str]:
    fields = given.model_fields
    return [
        name
        for name, field in answer.model_fields.items()
        if name in fields and fields[name].annotation == field.annotation
    ]


def _either(types: Iterable[type[Event]]) -> str:
    return " or ".join(short_name(cls.ce_type) for cls in types)


def _main(plan: _Plan) -> str:
    imports = ["from pydantic import BaseModel"] if plan.is_door else []
    imports.append("from renga import function")
    modules: dict[str, set[str]] = {}
    for cls in (*plan.consumes, *plan.emits):
        modules.setdefault(cls.__module__, set()).add(cls.__name__)
    imports += [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(modules.items())]
    taken = plan.request if plan.is_door else " | ".join(cls.__name__ for cls in plan.consumes)
    given = [cls.__name__ for cls in plan.emits] + ([] if plan.answer else ["None"])
    lines = [f'"""{plan.summary}"""', "", *imports, "", ""]
    if plan.is_door:
        lines += [f"class {plan.request}(BaseModel):", '    """What a caller hands in."""', ""]
        lines += [f"    {name}: {kind}" for name, kind in _request_fields(plan).items()] + ["", ""]
    lines += ["@function", f"def handle({plan.parameter}: {taken}) -> {' | '.join(given)}:"]
    if plan.answer:
        lines += ['    """Pass on what the answer shares with the input."""', f"    return {plan.answer.__name__}("]
        lines += [f"        {field}={plan.parameter}.{field}," for field in plan.passed_on] + ["    )"]
    elif plan.emits:
        needs = ", ".join(_required(plan.emits[0]))
        lines += [
            '    """Take it, and give no answer until there is one to give."""',
            f"    # {plan.emits[0].__name__} needs {needs}.",
        ]
    else:
        lines.append('    """Take it; there is nothing to answer."""')
    return "\n".join(lines) + "\n"


def _request_fields(plan: _Plan) -> dict[str, str]:
    if plan.answer is None:
        return {"name": "str"}
    return {name: _kind(plan.answer, name) for name in _required(plan.answer)}


def _readme(plan: _Plan) -> str:
    consumes = ", ".join(f"`{cls.ce_type}`" for cls in plan.consumes) or "plain HTTP only"
    emits = ", ".join(f"`{cls.ce_type}`" for cls in plan.emits) or "nothing"
    return "\n".join(
        [
            f"# {plan.name}",
            "",
            plan.summary,
            "",
            f"- Consumes: {consumes}",
            f"- Emits: {emits}",
            "- Settings: none",
            "",
        ]
    )


def _test(plan: _Plan) -> str:
    if plan.is_door:
        body = ", ".join(f'"{name}": {_SCALARS[kind]}' for name, kind in _request_fields(plan).items())
        given = [
            f"    body = json.dumps({{{body}}}).encode()",
        ]
        call = 'function.request("POST", "/", body, {"content-type": "application/json"})'
        heard = "A plain HTTP request"
    else:
        ce_type = plan.consumes[0].ce_type if plan.consumes[0] is not AnyEvent else next(iter(vocabulary()))
        given = [f'    sample = repository / "events" / "samples" / "{ce_type}.json"']
        call = "function.deliver(sample.read_bytes())"
        heard = f"A real {short_name(ce_type)}"
    if plan.answer is None:
        outcome, proof = "is taken", ["    assert answer.status == 204, answer.body"]
    elif plan.is_door:
        outcome = "is answered with the data of the event that it leads to"
        proof = [
            "    assert answer.status == 200, answer.body",
            f"    assert {plan.answer.__name__}.from_json(answer.body)",
        ]
    else:
        outcome = f"is answered with a {short_name(plan.answer.ce_type)}"
        proof = [
            "    (event,) = answer.events()",
            f"    assert event.envelope.type == {plan.answer.__name__}.ce_type",
        ]
    imports = ["from renga_dev.wiring.trial import hosted"]
    if plan.answer:
        imports.append(f"from {plan.answer.__module__} import {plan.answer.__name__}")
    suite, _, own = plan.name.partition("/")
    return "\n".join(
        [
            f'"""{plan.name} over the wire, under its real host."""',
            "",
            *(["import json"] if plan.is_door else []),
            "from pathlib import Path",
            "",
            *imports,
            "",
            "",
            f"def test_{own.replace('-', '_')}_answers(repository: Path, tmp_path: Path) -> None:",
            f'    """{heard} {outcome}."""',
            *given,
            f'    source = repository / "functions" / "{suite}" / "{own}" / "main.py"',
            "    with hosted(source, state=tmp_path) as function:",
            f"        answer = {call}",
            *proof,
            "",
        ]
    )
