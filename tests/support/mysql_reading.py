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
    Sequence,
    Table,
)
from renga_schema.readers.sql.charsets import charset_of
from renga_schema.readers.sql.expressions import default, expression
from renga_schema.types import category

LEFT_TO_THE_SERVER = {"engine", "charset", "collation", "start", "minimum", "maximum"}
"""Aspects of which a script may say nothing."""
_PERIOD = re.compile(r"PERIOD FOR (?!SYSTEM_TIME)\S+ *\((\S+), *(\S+)\)", re.IGNORECASE)
_ENGINES = {"heap": "memory", "merge": "mrg_myisam"}
"""Engines that have two names."""
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
    shown = _shown(default(text, type_, "mysql"))
    # The server pads the default of a BINARY column with zero bytes.
    return shown.replace("\0", "") if type_.name == "binary" else shown


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
                yield from self._table(self._with_defaults(table))
        for view in schema.views:
            yield Fact(self._name(view), "is"), "view"
        for sequence in schema.sequences:
            yield from _sequence(self._name(sequence), sequence)
        for trigger in schema.triggers:
            said = f"{trigger.timing} {', '.join(trigger.events)}"
            yield Fact(f"{self._name(trigger.table)}/trigger {trigger.name}", "is"), said
        for routine in schema.routines:
            yield Fact(f"{self._name(routine)}()", "is"), routine.kind
        for other in schema.others:
            if other.kind == "event":
                yield Fact(f"{self._name(other)}()", "is"), "event"

    def _with_defaults(self, table: Table) -> Table:
        """A table that says which character set it has from its database."""
        given = next((each.options for each in self._schema.namespaces if each.name == table.namespace), {})
        if table.charset or table.collation or not given:
            return table
        return table.model_copy(update={"charset": given.get("charset"), "collation": given.get("collate")})

    def _table(self, table: Table) -> Iterator[tuple[Fact, str]]:
        name = self._name(table)
        yield Fact(name, "is"), "table"
        yield Fact(name, "comment"), table.comment or ""
        if table.partitioning:
            yield Fact(name, "partitions"), str(_partitions(table.partitioning))
        if table.engine:
            yield Fact(name, "engine"), _ENGINES.get(table.engine.lower(), table.engine.lower())
        for column in table.columns:
            yield from _column(f"{name}/column {column.name}", column, table)
            if column.type.name == "json":  # what MariaDB makes of it
                yield Fact(f"{name}/check {canonical(f'json_valid(`{column.name}`)')}", "is"), "check"
        for index, said in _indexes(table).items():
            yield Fact(f"{name}/index {index}", "is"), said
        if table.engine is None or table.engine.lower() == "innodb":
            yield from self._foreign_keys(table)
        if (period := _PERIOD.match(table.options.get("period", ""))) is not None:
            yield Fact(f"{name}/check {canonical(f'{period[1]} < {period[2]}')}", "is"), "check"
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


def _sequence(name: str, sequence: Sequence) -> Iterator[tuple[Fact, str]]:
    yield Fact(name, "is"), "sequence"
    numbers = sequence.options
    yield Fact(name, "increment"), str(1 if numbers.increment is None else numbers.increment)
    yield Fact(name, "cycle"), "yes" if numbers.cycle else "no"
    given = {"start": numbers.start, "minimum": numbers.minimum, "maximum": numbers.maximum}
    yield from ((Fact(name, aspect), str(number)) for aspect, number in given.items() if number is not None)


def _charset(column: Column, table: Table) -> tuple[str | None, str | None]:
    """The character set and the collation that a column has of its own or from its table, as far as they say."""
    if column.charset or column.collation:
        return charset_of(column.charset, column.collation), column.collation
    if category(column.type) in {"text", "enum"} and column.type.name != "json":
        return charset_of(table.charset, table.collation), table.collation
    return None, None


def _column(name: str, column: Column, table: Table) -> Iterator[tuple[Fact, str]]:
    yield Fact(name, "is"), "longtext" if column.type.name == "json" else type_name(column.type)
    yield Fact(name, "null"), "yes" if column.nullable else "no"
    yield Fact(name, "comment"), column.comment or ""
    charset, collation = _charset(column, table)
    if charset:
        yield Fact(name, "charset"), _UTF8.sub("utf8mb3", charset.lower())
    if collation:
        yield Fact(name, "collation"), _UTF8.sub("utf8mb3", collation.lower())
    if column.identity:
        yield Fact(name, "identity"), column.identity.style
    if column.on_update:
        yield Fact(name, "on update"), "now"
    if (bound := column.options.get("generated as row")) is not None:
        yield Fact(name, "generated"), f"stored ROW {bound.upper()}"
    if column.generated:
        yield Fact(name, "generated"), f"{column.generated.storage} {_shown(column.generated.expression)}"
    elif column.default and (shown := canonical_default(column.default.text, column.type)) != "NULL":
        yield Fact(name, "default"), shown


def _indexes(table: Table) -> dict[str, str]:
    """All indexes by name: those of keys, those of their own, and those that InnoDB makes for foreign keys."""
    found: dict[str, str] = {}
    shapes: list[tuple[str, ...]] = []
    if table.primary_key:
        found["PRIMARY"] = f"unique {_key(table.primary_key)}"
        shapes.append(table.primary_key.columns)
    indexes = {index.name: "" for index in table.indexes}
    for unique in table.uniques:
        found[unique.name or _free(unique.columns[0], indexes | found)] = f"unique {_key(unique)}"
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
    falling = {part.removesuffix(" DESC") for part in key.options.get("keys", "").split(", ") if part.endswith(" DESC")}
    return listed(f"{name}{lengths.get(name, '')}{' desc' if name in falling else ''}" for name in key.columns)


def _part(part: IndexPart, *, lengths: bool) -> str:
    length = f"({part.length})" if part.length and lengths else ""
    return f"{part.column}{length}{' desc' if part.order == 'desc' else ''}"


def _partitions(how: Partitioning) -> int:
    within = how.subpartitioning.count or 1 if how.subpartitioning else 1
    return sum(len(each.subpartitions) or within for each in how.partitions) or how.count or 1
