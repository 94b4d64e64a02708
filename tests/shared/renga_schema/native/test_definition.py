"""The published JSON Schema."""

import jsonschema

from renga_schema.native.definition import json_schema


def test_the_schema_is_valid_and_describes_its_keys() -> None:
    """It is a JSON Schema of its draft, closed, and says what the main parts are."""
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["additionalProperties"] is False
    assert all("description" in part for part in schema["$defs"].values())
