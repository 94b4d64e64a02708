"""The model as JSON and back."""

import json
from pathlib import Path

import jsonschema
import pytest

from renga_schema import Unreadable, read
from renga_schema.serialization import VERSION, from_json, json_schema, to_json

CASES = sorted((Path(__file__).parent / "readers" / "sql" / "cases").glob("*/*.sql"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.stem}")
def test_a_model_comes_back_as_it_was(case: Path) -> None:
    """To the last origin; the JSON is valid by the published schema, and is read like any other description."""
    schema = read(case.read_text(), file=case.name, dialect=case.parent.name).schema  # type: ignore[arg-type]  # a folder
    text = to_json(schema)
    jsonschema.validate(json.loads(text), json_schema())
    assert from_json(text) == schema
    assert read(text).schema == schema


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"model_version": 2, "tables": []}', f"of version 2; this release reads version {VERSION}"),
        ('{"tables": []}', "of version null"),
        ('{"model_version": 1, "tables": [{"nam": "t"}]}', "tables.0.name: Field required"),
        ('{"model_version": 1', "This is not JSON"),
        ("[]", "of version null"),
    ],
)
def test_what_is_no_model_is_refused(text: str, message: str) -> None:
    """Another version and anything else is a clear error, never a guess."""
    with pytest.raises(Unreadable, match=message) as caught:
        from_json(text)
    assert caught.value.diagnostic.help
