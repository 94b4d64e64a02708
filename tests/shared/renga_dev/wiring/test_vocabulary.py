"""Event types become JSON Schemas that say what the source says."""

from typing import Any, ClassVar

from jsonschema import Draft202012Validator
from pydantic import BaseModel

from renga_dev.wiring.vocabulary import attribute_docstrings, schema_of, short_name
from renga_events.base import Event
from renga_events.vocabulary import vocabulary


class Part(BaseModel, extra="forbid"):
    """A part.

    Its description is told
    on two lines.
    """

    name: str
    """What it is
    called."""
    size: int = 1


class Whole(Event):
    """The whole."""

    ce_type: ClassVar[str] = "test.vocabulary.whole.v1"

    part: Part
    """The part of it."""
    label: str = "x"


def test_the_vocabulary_is_what_renga_events_declares() -> None:
    """Types that other modules declare in the same process are no part of it."""
    types = vocabulary()
    assert {"dev.renga.schema.submitted.v1", "dev.renga.platform.attempt.failed.v1"} <= types.keys()
    assert Whole.ce_type not in types
    assert list(types) == sorted(types)


def test_docstrings_become_descriptions() -> None:
    """Those of classes and of attributes, in nested classes too, each paragraph on one line."""
    schema = schema_of(Whole)
    assert schema["description"] == "The whole."
    assert schema["properties"]["part"]["description"] == "The part of it."
    assert schema["$defs"]["Part"]["description"] == "A part.\n\nIts description is told on two lines."
    assert schema["$defs"]["Part"]["properties"]["name"]["description"] == "What it is called."
    assert "description" not in schema["properties"]["label"]


def test_a_description_is_inherited_with_its_field() -> None:
    """A field that a base class describes is described in its subclasses."""
    described = attribute_docstrings(vocabulary()["dev.renga.schema.parsed.v1"])
    assert described["schema_id"] == "Chosen by the submitter; the same id always means the same design."
    assert described["losses"] == "What the reader understood but could not represent."


def test_a_class_made_at_run_time_has_no_docstrings_to_read() -> None:
    """Where there is no source there are no descriptions, and no error."""
    made = type("Made", (BaseModel,), {"__annotations__": {"name": str}, "__module__": "nowhere"})
    assert attribute_docstrings(made) == {}


def test_a_schema_is_valid_closed_to_nothing_and_named() -> None:
    """It is JSON Schema 2020-12, carries the type in its id, and lets newer fields pass at every depth."""
    for ce_type, cls in vocabulary().items():
        schema = schema_of(cls, comment="from here")
        Draft202012Validator.check_schema(schema)
        assert schema["$id"] == f"https://renga.dev/schemas/{ce_type}.json"
        assert schema["title"] == cls.__name__
        assert schema["$comment"] == "from here"
        assert not [node for node in _nodes(schema) if node.get("additionalProperties") is False]


def test_a_default_makes_a_field_optional() -> None:
    """What has a default does not travel, so it is not required."""
    assert schema_of(Whole)["required"] == ["part"]


def test_short_names_leave_out_what_all_have() -> None:
    """`dev.renga.` is dropped, and nothing else is."""
    assert short_name("dev.renga.schema.parsed.v1") == "schema.parsed.v1"
    assert short_name("com.example.done") == "com.example.done"


def _nodes(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return [value, *(node for child in value.values() for node in _nodes(child))]
    return [node for child in value for node in _nodes(child)] if isinstance(value, list) else []
