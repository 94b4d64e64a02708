"""SQLite itself is the judge: its catalogue after running a script holds what the reader says from reading it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

import renga_schema
from renga_schema.model import Table

CASES = sorted((Path(__file__).parent / "cases" / "sqlite").glob("*.sql"))
REFUSED = "-- refused by SQLite"
"""A case that begins like this is about what SQLite refuses, so SQLite cannot judge it."""


class ColumnFacts(NamedTuple):
    """What both sides say about a column."""

    name: str
    declared: str
    key_position: int
    generated: bool
    not_null: bool


class KeyFacts(NamedTuple):
    """What both sides say about a foreign key."""

    target: str
    on_update: str
    on_delete: str
    columns: tuple[str, ...]
    referred: tuple[str, ...]


class IndexFacts(NamedTuple):
    """What both sides say about an index; None stands for an expression."""

    name: str
    unique: bool
    partial: bool
    columns: tuple[str | None, ...]


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    """An empty database."""
    with closing(sqlite3.connect(":memory:")) as opened:
        yield opened


def quoted(name: str) -> str:
    """A name as SQL spells it."""
    return '"' + name.replace('"', '""') + '"'


def catalogued_tables(connection: sqlite3.Connection) -> dict[str, str]:
    """Name and kind (`table`, `virtual`) of every table that a script made."""
    rows = connection.execute("PRAGMA table_list").fetchall()
    return {name: kind for _, name, kind, *_ in rows if kind in {"table", "virtual"} and not name.startswith("sqlite_")}


def catalogued_columns(connection: sqlite3.Connection, table: str) -> list[ColumnFacts]:
    """A table's columns. A rowid by another name is never null, whether or not it was declared so."""
    rows = connection.execute(f"PRAGMA table_xinfo({quoted(table)})").fetchall()
    origins = [origin for _, _, _, origin, _ in connection.execute(f"PRAGMA index_list({quoted(table)})")]
    return [
        ColumnFacts(
            name,
            declared.upper().removesuffix("GENERATED ALWAYS").strip(),
            key,
            hidden in {2, 3},
            bool(not_null) or (key > 0 and "pk" not in origins),
        )
        for _, name, declared, not_null, _, key, hidden in rows
    ]


def read_columns(table: Table) -> list[ColumnFacts]:
    """The same, from the model."""
    key = table.primary_key.columns if table.primary_key else ()
    return [
        ColumnFacts(
            column.name,
            column.type.written.upper(),
            key.index(column.name) + 1 if column.name in key else 0,
            column.generated is not None,
            not column.nullable,
        )
        for column in table.columns
    ]


def catalogued_foreign_keys(connection: sqlite3.Connection, table: str) -> list[KeyFacts]:
    """A table's foreign keys."""
    keys: dict[int, KeyFacts] = {}
    for number, _, target, column, referred, on_update, on_delete, _ in connection.execute(
        f"PRAGMA foreign_key_list({quoted(table)})"
    ):
        key = keys.get(number, KeyFacts(target.lower(), on_update.lower(), on_delete.lower(), (), ()))
        more = (referred.lower(),) if referred else ()
        keys[number] = key._replace(columns=(*key.columns, column.lower()), referred=(*key.referred, *more))
    return sorted(keys.values())


def read_foreign_keys(table: Table) -> list[KeyFacts]:
    """The same, from the model."""
    return sorted(
        KeyFacts(
            key.target.name.lower(),
            key.on_update,
            key.on_delete,
            tuple(name.lower() for name in key.columns),
            tuple(name.lower() for name in key.referred_columns),
        )
        for key in table.foreign_keys
    )


def catalogued_indexes(connection: sqlite3.Connection, table: str) -> list[IndexFacts]:
    """A table's indexes, without those that a constraint brought along."""
    rows = connection.execute(f"PRAGMA index_list({quoted(table)})").fetchall()
    return sorted(
        IndexFacts(
            name,
            bool(unique),
            bool(partial),
            tuple(column for _, _, column in connection.execute(f"PRAGMA index_info({quoted(name)})")),
        )
        for _, name, unique, origin, partial in rows
        if origin == "c"
    )


def read_indexes(table: Table) -> list[IndexFacts]:
    """The same, from the model."""
    return sorted(
        IndexFacts(index.name, index.unique, index.predicate is not None, tuple(part.column for part in index.parts))
        for index in table.indexes
    )


def agree(connection: sqlite3.Connection, script: str) -> None:
    """Run a script and read it, and compare what each of the two has then."""
    connection.executescript(script)
    schema = renga_schema.read(script, dialect="sqlite").schema
    kinds = catalogued_tables(connection)
    assert kinds == {table.name: "virtual" if table.module else "table" for table in schema.tables}
    for table in schema.tables:
        if table.module is None:
            assert catalogued_columns(connection, table.name) == read_columns(table)
        assert catalogued_foreign_keys(connection, table.name) == read_foreign_keys(table)
        assert catalogued_indexes(connection, table.name) == read_indexes(table)
    for kind, read in (("view", schema.views), ("trigger", schema.triggers)):
        query = "SELECT name FROM sqlite_schema WHERE type = ? ORDER BY name"
        assert [name for (name,) in connection.execute(query, (kind,))] == sorted(each.name for each in read)


@pytest.mark.parametrize("twin", ["chinook", "sakila"])
def test_twins_read_as_sqlite_loads_them(shared_material: Path, connection: sqlite3.Connection, twin: str) -> None:
    """The SQLite editions of well-known sample databases give the catalogue that SQLite gives them."""
    agree(connection, (shared_material / "corpus" / "twins" / twin / "sqlite.sql").read_text("utf-8-sig"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_cases_read_as_sqlite_loads_them(connection: sqlite3.Connection, case: Path) -> None:
    """Each committed SQLite case is true: SQLite runs it and has the same catalogue afterwards."""
    script = case.read_text()
    if script.startswith(REFUSED):
        pytest.skip("the case is about what SQLite refuses")
    agree(connection, script)
