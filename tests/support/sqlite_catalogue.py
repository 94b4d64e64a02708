"""What SQLite's catalogue says about its databases, as plain facts; `sqlite_reading` is the other side."""

import re
import sqlite3
from collections.abc import Iterator
from typing import Any

from agreement import Fact, Facts, listed
from sqlite_reading import folded, plain

Row = tuple[Any, ...]

_GENERATED = re.compile(r"\s*\bGENERATED\s+ALWAYS\Z", re.IGNORECASE)
"""SQLite takes these words of a generated column for words of its type."""
_STORAGES = {2: "virtual", 3: "stored"}


def catalogued(connection: sqlite3.Connection) -> Facts:
    """Everything that is compared about the main and the attached databases."""
    return dict(_facts(connection))


def quoted(name: str) -> str:
    """A name as SQL spells it."""
    return '"' + name.replace('"', '""') + '"'


def _facts(connection: sqlite3.Connection) -> Iterator[tuple[Fact, str]]:
    spaces = [name for _, name, _ in connection.execute("PRAGMA database_list").fetchall()]
    for space, name, kind, _, without_rowid, strict in connection.execute("PRAGMA table_list").fetchall():
        if name.startswith("sqlite_") or kind == "shadow" or (space == "temp" and kind != "view"):
            continue
        table = f"{'main' if space == 'temp' else space}.{name}".lower()
        yield Fact(table, "is"), kind
        if kind == "table":
            yield Fact(table, "strict"), str(bool(strict))
            yield Fact(table, "without rowid"), str(bool(without_rowid))
            yield from _table(connection, space, name, table)
    for space in spaces:
        query = f"SELECT name, tbl_name FROM {quoted(space)}.sqlite_schema WHERE type = 'trigger'"  # noqa: S608 - quoted
        for name, on in connection.execute(query).fetchall():
            yield Fact(f"{'main' if space == 'temp' else space}.{on}/trigger ".lower() + name, "is"), "trigger"


def _table(connection: sqlite3.Connection, space: str, name: str, table: str) -> Iterator[tuple[Fact, str]]:
    def ask(pragma: str, about: str) -> list[Row]:
        return connection.execute(f"PRAGMA {quoted(space)}.{pragma}({quoted(about)})").fetchall()

    columns = ask("table_xinfo", name)
    indexes = ask("index_list", name)
    key = [column for _, column, _, _, _, _, _ in sorted(filter(_position, columns), key=_position)]
    rowid = bool(key) and not any(origin == "pk" for _, _, _, origin, _ in indexes)
    yield Fact(table, "columns"), listed(row[1] for row in columns)
    yield Fact(table, "primary key"), folded(tuple(key))
    for row in columns:
        yield from _column(table, row, rowid=rowid)
    for _, index, unique, origin, partial in indexes:
        parts = [row for row in ask("index_xinfo", index) if row[5]]
        if origin == "u":
            yield Fact(f"{table}/unique {folded(tuple(row[2] for row in parts))}", "is"), "unique"
        elif origin == "c":
            kind = f"{'unique ' if unique else ''}{'partial ' if partial else ''}"
            yield Fact(f"{table}/index {index}", "is"), kind + listed(map(_part, parts))
    keys: dict[int, list[Row]] = {}
    for row in ask("foreign_key_list", name):
        keys.setdefault(row[0], []).append(row)
    for rows in keys.values():
        _, _, target, _, _, on_update, on_delete, _ = rows[0]
        referring = folded(tuple(row[3] for row in rows))
        referred = folded(tuple(row[4] for row in rows if row[4] is not None))
        rules = f"{referred} on delete {on_delete.lower()} on update {on_update.lower()}"
        yield Fact(f"{table}/foreign key {referring} {target.lower()}", "is"), rules


def _position(row: Row) -> int:
    """A column's place in the primary key; 0 where it has none."""
    return int(row[5])


def _column(table: str, row: Row, *, rowid: bool) -> Iterator[tuple[Fact, str]]:
    """A column. A rowid by another name is never null, whether or not it was declared so."""
    _, name, declared, not_null, default, position, hidden = row
    place = f"{table}/column {name}"
    type_ = _GENERATED.sub("", declared) if hidden else declared
    yield Fact(place, "is"), " ".join(type_.upper().split())
    yield Fact(place, "null"), "no" if not_null or (rowid and position) else "yes"
    if hidden in _STORAGES:
        yield Fact(place, "generated"), _STORAGES[hidden]
    if default is not None:
        yield Fact(place, "default"), plain(default)


def _part(row: Row) -> str:
    _, cid, name, descending, collation, _ = row
    order = " desc" if descending else ""
    return f"expression{order}" if cid == -2 else f"{(name or 'rowid').lower()} {collation.upper()}{order}"
