"""What MariaDB's catalogue says about its databases, as plain facts; `mysql_reading` is the other side."""
# ruff: noqa: S608 - the queries are put together of nothing but constants

import re
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

from agreement import Fact, Facts, listed
from mysql_reading import canonical, canonical_default, type_name
from renga_schema.types import parse

if TYPE_CHECKING:
    from pymysql import Connection

Row = tuple[Any, ...]

_COMMENT = re.compile(r"\s*/\*.*?\*/")
"""MariaDB shows what MySQL would not know, such as COMPRESSED, in a comment within the type."""
_KINDS = {"VIEW": "view", "SEQUENCE": "sequence"}
_OURS = "NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')"

_DATABASES = f"SELECT schema_name FROM information_schema.schemata WHERE schema_name {_OURS}"
_TABLES = f"""
SELECT table_schema, table_name, table_type, engine, table_comment
FROM information_schema.tables WHERE table_schema {_OURS}
"""
_PARTITIONS = f"""
SELECT table_schema, table_name, count(*) FROM information_schema.partitions
WHERE table_schema {_OURS} AND partition_name IS NOT NULL GROUP BY 1, 2
"""
_COLUMNS = f"""
SELECT c.table_schema, c.table_name, column_name, column_type, is_nullable, column_default, extra, column_comment,
       generation_expression, character_set_name, collation_name
FROM information_schema.columns c
JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
WHERE c.table_schema {_OURS} AND table_type NOT IN ('VIEW', 'SEQUENCE')
"""
_INDEXES = f"""
SELECT table_schema, table_name, index_name, non_unique, index_type, column_name, sub_part, collation
FROM information_schema.statistics WHERE table_schema {_OURS}
ORDER BY table_schema, table_name, index_name, seq_in_index
"""
_FOREIGN_KEYS = f"""
SELECT k.table_schema, k.table_name, k.constraint_name, referenced_table_schema, k.referenced_table_name,
       delete_rule, update_rule, column_name, referenced_column_name
FROM information_schema.key_column_usage k
JOIN information_schema.referential_constraints r ON r.constraint_schema = k.constraint_schema
    AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name
WHERE k.table_schema {_OURS} ORDER BY k.table_schema, k.table_name, k.constraint_name, ordinal_position
"""
_CHECKS = f"""
SELECT constraint_schema, table_name, check_clause FROM information_schema.check_constraints
WHERE constraint_schema {_OURS}
"""
_TRIGGERS = f"""
SELECT trigger_schema, event_object_table, trigger_name, action_timing, event_manipulation
FROM information_schema.triggers WHERE trigger_schema {_OURS}
"""
_ROUTINES = f"""
SELECT routine_schema, routine_name, routine_type FROM information_schema.routines WHERE routine_schema {_OURS}
UNION ALL SELECT event_schema, event_name, 'EVENT' FROM information_schema.events WHERE event_schema {_OURS}
"""


def databases(connection: "Connection[Any]") -> list[str]:
    """The names of all databases but the system's."""
    return [name for (name,) in _rows(connection, _DATABASES)]


def catalogued(connection: "Connection[Any]") -> Facts:
    """Everything that is compared about all databases but the system's."""
    return dict(_facts(connection))


def _rows(connection: "Connection[Any]", query: str) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def _facts(connection: "Connection[Any]") -> Iterator[tuple[Fact, str]]:
    yield from _tables(connection)
    yield from _keys(connection)
    for space, table, name, timing, event in _rows(connection, _TRIGGERS):
        yield Fact(f"{space}.{table}/trigger {name}", "is"), f"{timing} {event}".lower()
    for space, name, kind in _rows(connection, _ROUTINES):
        yield Fact(f"{space}.{name}()", "is"), kind.lower()


def _tables(connection: "Connection[Any]") -> Iterator[tuple[Fact, str]]:
    for space, name, count in _rows(connection, _PARTITIONS):
        yield Fact(f"{space}.{name}", "partitions"), str(count)
    for space, name, kind, engine, comment in _rows(connection, _TABLES):
        table = f"{space}.{name}"
        yield Fact(table, "is"), _KINDS.get(kind, "table")
        if kind == "SEQUENCE":
            yield from _sequence(connection, space, name)
        elif kind != "VIEW":
            yield Fact(table, "engine"), engine.lower()
            yield Fact(table, "comment"), comment
    for row in _rows(connection, _COLUMNS):
        yield from _column(row)


def _keys(connection: "Connection[Any]") -> Iterator[tuple[Fact, str]]:
    for (space, table, name, non_unique, kind), rows in groupby(_rows(connection, _INDEXES), lambda row: row[:5]):
        special = f"{kind.lower()} " if kind in {"FULLTEXT", "SPATIAL"} else ""
        parts = [
            f"{column}{f'({length})' if length and not special else ''}{' desc' if direction == 'D' else ''}"
            for *_, column, length, direction in rows
        ]
        unique = "" if non_unique else "unique "
        yield Fact(f"{space}.{table}/index {name}", "is"), f"{special}{unique}{listed(parts)}"
    for (space, table, name, other, target, on_delete, on_update), rows in groupby(
        _rows(connection, _FOREIGN_KEYS), lambda row: row[:7]
    ):
        pairs = [row[7:] for row in rows]
        columns, referred = listed(pair[0] for pair in pairs), listed(pair[1] for pair in pairs)
        rules = f"on delete {_action(on_delete)} on update {_action(on_update)}"
        said = f"{columns} references {other}.{target} {referred} {rules}"
        yield Fact(f"{space}.{table}/foreign key {name}", "is"), said
    for space, table, clause in _rows(connection, _CHECKS):
        yield Fact(f"{space}.{table}/check {canonical(clause)}", "is"), "check"


def _sequence(connection: "Connection[Any]", space: str, name: str) -> Iterator[tuple[Fact, str]]:
    place = ".".join("`{}`".format(part.replace("`", "``")) for part in (space, name))
    query = f"SELECT start_value, minimum_value, maximum_value, increment, cycle_option FROM {place}"
    [(start, minimum, maximum, increment, cycle)] = _rows(connection, query)
    said = {"start": start, "minimum": minimum, "maximum": maximum, "increment": increment}
    yield from ((Fact(f"{space}.{name}", aspect), str(number)) for aspect, number in said.items())
    yield Fact(f"{space}.{name}", "cycle"), "yes" if cycle else "no"


def _action(rule: str) -> str:
    """InnoDB does the same for both, and MariaDB tells them apart only as they were written."""
    return "restrict" if rule == "NO ACTION" else rule.lower()


def _column(row: Row) -> Iterator[tuple[Fact, str]]:
    space, table, name, type_, nullable, given, extra, comment, computed, charset, collation = row
    column = f"{space}.{table}/column {name}"
    parsed = parse(_COMMENT.sub("", type_), "mysql")
    yield Fact(column, "is"), type_name(parsed)
    yield Fact(column, "null"), nullable.lower()
    yield Fact(column, "comment"), comment
    if charset:
        yield Fact(column, "charset"), charset
        yield Fact(column, "collation"), collation
    if "auto_increment" in extra:
        yield Fact(column, "identity"), "auto_increment"
    if "on update" in extra:
        yield Fact(column, "on update"), "now"
    if computed:
        yield Fact(column, "generated"), f"{'stored' if 'STORED' in extra else 'virtual'} {canonical(computed)}"
    elif given is not None and (default := canonical_default(given, parsed)) != "NULL":
        yield Fact(column, "default"), default
