"""The published JSON Schema."""

import json
from pathlib import Path

import jsonschema

from renga_schema.native.definition import json_schema


def test_the_committed_schema_is_in_step(repository: Path) -> None:
    """`schemas/native.schema.json` is what the definition generates.

    To write it anew: `json.dumps(json_schema(), indent=2, ensure_ascii=False)` and a line break.
    """
    committed = (repository / "shared" / "renga_schema" / "schemas" / "native.schema.json").read_text()
    assert committed == json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def test_the_schema_is_valid_and_describes_its_keys() -> None:
    """It is a JSON Schema of its draft, closed, and says what the main parts are."""
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["additionalProperties"] is False
    assert all("description" in part for part in schema["$defs"].values())
