"""Histories that nobody would write are read to their end."""

from collections import Counter
from typing import get_args

import pytest

import renga_schema
from histories import history
from renga_schema.model import Dialect, Schema

HISTORIES = 200
"""Of each dialect: some seconds."""


@pytest.mark.parametrize("dialect", get_args(Dialect))
def test_every_history_is_read(dialect: Dialect) -> None:
    """No statement ends the reading, whatever came before it; no two tables have one name, and the model is whole."""
    outcomes = Counter[str]()
    for seed in range(HISTORIES):
        reading = renga_schema.read(history(dialect, seed), dialect=dialect)
        names = Counter(str(table.ref).casefold() for table in reading.schema.tables)
        assert [name for name, count in names.items() if count > 1] == [], seed
        assert Schema.model_validate_json(reading.schema.model_dump_json()) == reading.schema, seed
        outcomes += Counter(applied=reading.statements.applied, failed=reading.statements.failed)
    assert outcomes["applied"] > HISTORIES
    assert outcomes["failed"] > HISTORIES
