"""Which type of the target holds a type's values."""

import pytest

from renga_schema.model import Dialect
from renga_schema.types import parse
from renga_schema.writers.lowering.types import lower_type


@pytest.mark.parametrize(
    ("source", "written", "target", "expected", "lossy"),
    [
        ("mysql", "int unsigned", "postgres", "bigint", True),
        ("mysql", "mediumtext", "postgres", "text", False),
        ("mysql", "datetime", "postgres", "timestamp(0)", False),
        ("mysql", "datetime(6)", "postgres", "timestamp", False),
        ("mysql", "timestamp(3)", "postgres", "timestamptz(3)", False),
        ("mysql", "tinyint(1)", "postgres", "boolean", False),
        ("mysql", "double(10,2)", "postgres", "double", True),
        ("mysql", "set('a','b')", "postgres", "text", True),
        ("mssql", "money", "postgres", "numeric(19,4)", False),
        ("mssql", "uniqueidentifier", "postgres", "uuid", False),
        ("postgres", "timestamptz", "mysql", "timestamptz(6)", False),
        ("postgres", "timestamp(0)", "mysql", "timestamp", False),
        ("postgres", "text", "mysql", "longtext", False),
        ("postgres", "text[]", "mysql", "json", True),
        ("postgres", "numeric", "mysql", "numeric(65,30)", True),
        ("postgres", "bytea", "mysql", "longblob", False),
        ("postgres", "uuid", "mysql", "char(36)", True),
        ("postgres", "bit(100)", "mysql", "longtext", True),
        ("postgres", "char(400)", "mysql", "varchar(400)", False),
        ("postgres", "jsonb", "mysql", "json", False),
        ("postgres", "interval", "sqlite", "text", True),
        ("postgres", "varchar(20)", "sqlite", "varchar(20)", False),
        ("postgres", "tsvector", "sqlite", "text", True),
        ("mysql", "int unsigned", "sqlite", "integer", True),
    ],
)
def test_types(source: Dialect, written: str, target: Dialect, expected: str, lossy: bool) -> None:
    """A type of the same kind that holds every value is no loss; anything else is one."""
    lowered = lower_type(parse(written, source), source, target)
    assert (str(lowered.type), lowered.lossy) == (expected, lossy)


@pytest.mark.parametrize(
    ("written", "expected", "lossy"),
    [("text", "varchar(255)", True), ("varchar(80)", "varchar(80)", False), ("bytea", "varbinary(255)", True)],
)
def test_a_key_of_mysql_needs_a_length(written: str, expected: str, lossy: bool) -> None:
    """A text without a length cannot be part of a key."""
    lowered = lower_type(parse(written, "postgres"), "postgres", "mysql", keyed=True)
    assert (str(lowered.type), lowered.lossy) == (expected, lossy)
