"""What the writers' tests share: schemas to write, and what it means that two are equal."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from renga_schema import Schema, read
from renga_schema.model import Dialect

CASES = Path(__file__).parent / "cases"
_PLACES = {"origin"}
_SPELLINGS = {"written", "owner"}


@pytest.fixture
def case() -> Callable[[Dialect], Schema]:
    """The schema of `cases/<dialect>.sql`, read without a complaint."""

    def load(dialect: Dialect) -> Schema:
        reading = read((CASES / f"{dialect}.sql").read_text(), dialect=dialect)
        assert not reading.diagnostics
        return reading.schema

    return load


@pytest.fixture
def essence() -> Callable[[Schema], dict[str, Any]]:
    """A schema as data without places and spellings, and without the order of its top-level objects.

    A type is compared by what it means, not by how it was written; an expression by its canonical form where it has
    one. Owners are left out: the PostgreSQL writer leaves them to whoever runs the script, and says so in its ledger.
    """

    def of(schema: Schema) -> dict[str, Any]:
        data: dict[str, Any] = _plain(schema.model_dump())
        return {kind: sorted(items, key=_key) if isinstance(items, list) else items for kind, items in data.items()}

    return of


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {"text", "canonical"}:
            return value["canonical"] or value["text"]
        kept = {name: _plain(item) for name, item in value.items() if name not in _PLACES | _SPELLINGS}
        if kept.get("namespace") == "public":  # PostgreSQL's default, which a dump may name or not
            kept["namespace"] = None
        return kept
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def _key(item: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(item.get(name)) for name in ("namespace", "name", "signature", "table", "definition"))
