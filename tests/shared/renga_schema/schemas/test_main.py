"""The published JSON Schemas."""

from pathlib import Path

import jsonschema
import pytest

from renga_schema.schemas.__main__ import PUBLISHED, text


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_is_committed_is_what_the_classes_say(name: str, repository: Path) -> None:
    """`make generate` writes both anew; both are JSON Schemas of their draft, and closed."""
    assert (repository / "shared/renga_schema/schemas" / name).read_text() == text(name)
    schema = PUBLISHED[name]()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["additionalProperties"] is False


def test_nothing_else_is_published(repository: Path) -> None:
    """Every file in the folder is generated."""
    assert {path.name for path in (repository / "shared/renga_schema/schemas").glob("*.json")} == set(PUBLISHED)
