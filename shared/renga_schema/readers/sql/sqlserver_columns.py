"""What SQL Server alone says in a column definition."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from renga_schema.model import Identity, Index, IndexPart, SequenceOptions
from renga_schema.readers.sql.sqlserver_indexes import clauses

if TYPE_CHECKING:
    from renga_schema.readers.sql.columns import Definition


def _identity(definition: "Definition") -> None:
    """`IDENTITY [(seed, increment)]`."""
    cursor = definition.cursor
    start = increment = 1
    if cursor.key == "(":
        group = cursor.group()
        start = group.integer()
        group.expect(",")
        increment = group.integer()
    options = SequenceOptions(start=None if start == 1 else start, increment=None if increment == 1 else increment)
    definition.found["identity"] = Identity(style="always", options=options)
    definition.found["nullable"] = False


def _with(definition: "Definition") -> None:
    """`WITH VALUES`, which says what a new column's old rows get."""
    definition.cursor.expect("VALUES")


def _protected(name: str) -> "Callable[[Definition], None]":
    """`MASKED WITH (...)`, `ENCRYPTED WITH (...)`."""

    def take(definition: "Definition") -> None:
        definition.cursor.expect("WITH")
        definition.options[name] = definition.cursor.group().rest()

    return take


def _column_set(definition: "Definition") -> None:
    definition.cursor.expect("FOR", "ALL_SPARSE_COLUMNS")
    definition.options["column set"] = "true"


def _flag(name: str) -> "Callable[[Definition], None]":
    def take(definition: "Definition") -> None:
        definition.options[name] = "true"

    return take


def _hidden(definition: "Definition") -> None:
    definition.found["visible"] = False


def _index(definition: "Definition") -> None:
    """`INDEX name [UNIQUE] [[NON]CLUSTERED] ...` of the column alone."""
    cursor = definition.cursor
    origin = cursor.origin
    name = cursor.name()
    unique = cursor.accept("UNIQUE")
    cursor.accept_any({"CLUSTERED", "NONCLUSTERED"})
    found = clauses(cursor)
    parts = (IndexPart(column=definition.name),)
    definition.indexes.append(Index(name=name, origin=origin, parts=parts, unique=unique, **found))


ATTRIBUTES: "Final[dict[str, Callable[[Definition], None]]]" = {
    "IDENTITY": _identity,
    "WITH": _with,
    "MASKED": _protected("masked"),
    "ENCRYPTED": _protected("encrypted"),
    "COLUMN_SET": _column_set,
    "ROWGUIDCOL": _flag("rowguidcol"),
    "SPARSE": _flag("sparse"),
    "FILESTREAM": _flag("filestream"),
    "HIDDEN": _hidden,
    "INDEX": _index,
}
"""Keyword -> what takes the rest of the attribute."""
