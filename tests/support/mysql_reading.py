"""What a model read from MySQL's SQL says, as plain facts; `mysql_catalogue` is the other side."""

import re
from collections.abc import Iterator
from itertools import count

from agreement import Fact, Facts, listed
from renga_schema.catalog import Catalog
from renga_schema.model import (
    Column,
    DataType,
    Expression,
    ForeignKey,
    IndexPart,
    Key,
    Object,
    Partitioning,
    Ref,
    Schema,
    Table,
)
from renga_schema.readers.sql.expressions import default, expression

LEFT_TO_THE_SERVER = {"engine", "charset", "collation"}
"""Aspects of which a script may say nothing."""
_UTF8 = re.compile(r"utf8(?=_|$)")
"""What MariaDB takes for `utf8mb3`, as its own dumps of old did."""


def read(schema: Schema, home: str) -> Facts:
    """Everything that is compared about a model; `home` is the database of what names none."""
    return dict(_Reading(schema, home).facts())


def canonical(text: str) -> str:
    """The form in which two spellings of one expression are the same."""
    return _shown(expression(text, "mysql"))


def canonical_default(text: str, type_: DataType) -> str:
    """The same for a default of a column of that type."""
    return _shown(default(text, type_, "mysql"))


def _shown(found: Expression) -> str:
    return found.canonical or found.text


def type_name(type_: DataType) -> str:
    """A type as it is compared."""
    return f"{type_}{' zerofill' if type_.zerofill else ''}"


class _Reading:
    def __init__(self, schema: Schema, home: str) -> None:
        self._schema = schema
        self._home = home
        self._catalog = Catalog(schema)

    def _name(self, item: Object | Ref) -> str:
        return f"{item.namespace or self._home}.{item.name}"

    def facts(self) -> Iterator[tuple[Fact, str]]:
        schema = self._schema
        for table in schema.tables:
            if table.persistence != "temporary":
                yield from self._table(table)
        for view in schema.views:
            yield Fact(self._name(view), "is"), "view"
        for trigger in schema.triggers:
            said = f"{trigger.timing} {', '.join(trigger.events)}"
            yield Fact(f"{self._name(trigger.table)}/trigger {trigger.name}", "is"), said
        for routine in schema.routines:
            yield Fact(f"{self._name(routine)}()", "is"), routine.kind
        for other in schema.others:
            if other.kind == "event":
                yield Fact(f"{self._name(other)}()", "is"), "event"

    def _table(self, table: Table) -> Iterator[tuple[Fact, str]]:
        name = self._name(table)
        yield Fact(name, "is"), "table"
        yield Fact(name, "comment"), table.comment or ""
        if table.partitioning:
            yield Fact(name, "partitions"), str(_partitions(table.partitioning))
        if table.engine:
            yield Fact(name, "engine"), table.engine.lower()
        for column in table.columns:
            yield from _column(f"{name}/column {column.name}", column)
        for index, said in _indexes(table).items():
            yield Fact(f"{name}/index {index}", "is"), said
        if table.engine is None or table.engine.lower() == "innodb":
            yield from self._foreign_keys(table)
        for check in table.checks:
            yield Fact(f"{name}/check {_shown(check.expression)}", "is"), "check"

    def _foreign_keys(self, table: Table) -> Iterator[tuple[Fact, str]]:
        numbers = count(1)
        for key in table.foreign_keys:
            if key.ignored:
                continue
            name = key.name or f"{table.name}_ibfk_{next(numbers)}"
            referred = listed(self._catalog.referred_columns(key))
            rules = f"on delete {_action(key.on_delete)} on update {_action(key.on_update)}"
            said = f"{listed(key.columns)} references {self._name(key.target)} {referred} {rules}"
            yield Fact(f"{self._name(table)}/foreign key {name}", "is"), said


def _action(written: str) -> str:
    return "restrict" if written == "no action" else written


def _column(name: str, column: Column) -> Iterator[tuple[Fact, str]]:
    yield Fact(name, "is"), type_name(column.type)
    yield Fact(name, "null"), "yes" if column.nullable else "no"
    yield Fact(name, "comment"), column.comment or ""
    if column.charset:
        yield Fact(name, "charset"), _UTF8.sub("utf8mb3", column.charset.lower())
    if column.collation:
        yield Fact(name, "collation"), _UTF8.sub("utf8mb3", column.collation.lower())
    if column.identity:
        yield Fact(name, "identity"), column.identity.style
    if column.on_update:
        yield Fact(name, "on update"), "now"
    if column.generated:
        yield Fact(name, "generated"), f"{column.generated.storage} {_shown(column.generated.expression)}"
    elif column.default and _shown(column.default) != "NULL":
        yield Fact(name, "default"), _shown(column.default)


def _indexes(table: Table) -> dict[str, str]:
    """All indexes by name: those of keys, those of their own, and those that InnoDB makes for foreign keys."""
    found: dict[str, str] = {}
    shapes: list[tuple[str, ...]] = []
    if table.primary_key:
        found["PRIMARY"] = f"unique {_key(table.primary_key)}"
        shapes.append(table.primary_key.columns)
    for unique in table.uniques:
        found[_free(unique.name or unique.columns[0], found)] = f"unique {_key(unique)}"
        shapes.append(unique.columns)
    for index in table.indexes:
        special = f"{index.method} " if index.method in {"fulltext", "spatial"} else ""
        parts = listed(_part(part, lengths=not special) for part in index.parts)
        found[index.name] = f"{special}{'unique ' if index.unique else ''}{parts}"
        shapes.append(tuple(part.column or "" for part in index.parts))
    for key in _unserved(table, shapes):
        named = key.name is not None and not re.fullmatch(rf"{re.escape(table.name)}_ibfk_\d+", key.name)
        found[_free(key.name if named and key.name else key.columns[0], found)] = listed(key.columns)
    return found


def _unserved(table: Table, shapes: list[tuple[str, ...]]) -> Iterator[ForeignKey]:
    """The foreign keys that no index begins with."""
    if table.engine is not None and table.engine.lower() != "innodb":
        return
    for key in table.foreign_keys:
        if not key.ignored and not any(shape[: len(key.columns)] == key.columns for shape in shapes):
            shapes.append(key.columns)
            yield key


def _free(name: str, taken: dict[str, str]) -> str:
    numbered = (f"{name}_{number}" for number in count(2))
    return name if name not in taken else next(each for each in numbered if each not in taken)


def _key(key: Key) -> str:
    lengths = {name: f"({length})" for name, length in key.prefix_lengths.items()}
    return listed(f"{name}{lengths.get(name, '')}" for name in key.columns)


def _part(part: IndexPart, *, lengths: bool) -> str:
    length = f"({part.length})" if part.length and lengths else ""
    return f"{part.column}{length}{' desc' if part.order == 'desc' else ''}"


def _partitions(how: Partitioning) -> int:
    within = how.subpartitioning.count or 1 if how.subpartitioning else 1
    return sum(len(each.subpartitions) or within for each in how.partitions) or how.count or 1
