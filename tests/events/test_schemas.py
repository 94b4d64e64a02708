"""The committed JSON Schemas are sound, and as strict as the classes."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from renga_events.vocabulary import vocabulary

TYPES = vocabulary()


def schema(repository: Path, ce_type: str) -> dict[str, Any]:
    """The committed schema of a type."""
    loaded: dict[str, Any] = json.loads((repository / "events" / "schemas" / f"{ce_type}.json").read_text())
    return loaded


def test_each_type_has_exactly_one_schema(repository: Path) -> None:
    """And there is no schema of anything else."""
    assert sorted(path.stem for path in (repository / "events" / "schemas").iterdir()) == sorted(TYPES)


@pytest.mark.parametrize("ce_type", TYPES)
def test_a_schema_is_json_schema(repository: Path, ce_type: str) -> None:
    """Of the draft that it names, with every reference leading somewhere."""
    found = schema(repository, ce_type)
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(found)
    references = {node["$ref"] for node in _nodes(found) if isinstance(node.get("$ref"), str)}
    assert references == {f"#/$defs/{name}" for name in found.get("$defs", {})}


@pytest.mark.parametrize("ce_type", TYPES)
def test_schema_and_class_ask_for_the_same(repository: Path, ce_type: str) -> None:
    """Leaving out a required field of a sample is refused by both; an unknown field is passed over by both."""
    data = json.loads((repository / "events" / "samples" / f"{ce_type}.json").read_text())["data"]
    validator = Draft202012Validator(schema(repository, ce_type))
    required = [name for name, field in TYPES[ce_type].model_fields.items() if field.is_required()]
    assert required
    for name in required:
        without = {field: value for field, value in data.items() if field != name}
        assert not validator.is_valid(without)
        with pytest.raises(ValidationError):
            TYPES[ce_type].from_json(json.dumps(without))
    more = data | {"not_yet_known": 1}
    assert validator.is_valid(more)
    TYPES[ce_type].from_json(json.dumps(more))


@pytest.mark.parametrize("ce_type", TYPES)
def test_a_schema_explains_its_type(repository: Path, ce_type: str) -> None:
    """The class and every class inside it are described."""
    found = schema(repository, ce_type)
    silent = [name for name, definition in found.get("$defs", {}).items() if not definition.get("description")]
    assert found["description"]
    assert not silent


def _nodes(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return [value, *(node for child in value.values() for node in _nodes(child))]
    return [node for child in value for node in _nodes(child)] if isinstance(value, list) else []
