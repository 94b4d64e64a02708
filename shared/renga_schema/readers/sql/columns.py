"""Column definitions: a name, a type, and then any of the attributes in any order."""

import itertools
from collections.abc import Callable
from typing import Any, Final

from renga_schema.model import (
    Column,
    Constraint,
    DataType,
    Generated,
    Identity,
    Index,
    PrimaryKey,
    Ref,
    Sequence,
    Unique,
)
from renga_schema.readers.sql import sqlserver_columns
from renga_schema.readers.sql.builder import Builder
from renga_schema.readers.sql.constraints import check, constraint_name, key_columns, references, tail
from renga_schema.readers.sql.cursor import Cursor
from renga_schema.readers.sql.datatypes import data_type
from renga_schema.readers.sql.drafts import TableDraft
from renga_schema.readers.sql.expressions import default, expression
from renga_schema.readers.sql.names import implied_name
from renga_schema.readers.sql.sequences import SequenceClauses, sequence_clauses
from renga_schema.types import SERIALS, parse

_COMPUTED: Final = DataType(name="any", written="")


class Definition:
    """One column while its attributes are read."""

    def __init__(self, cursor: Cursor, builder: Builder, table: TableDraft, type_: DataType | None = None) -> None:
        self.cursor = cursor
        self.builder = builder
        self.table = table
        self.origin = cursor.origin
        self.name = cursor.name()
        self.found: dict[str, object] = {}
        self.options: dict[str, str] = {}
        self.constraints: list[Constraint] = []
        self.indexes: list[Index] = []
        self.constraint_name: str | None = None
        self.sequence: Sequence | None = None
        untyped = cursor.dialect == "mssql" and cursor.key == "AS"
        self.type = type_ or (_COMPUTED if untyped else data_type(cursor, builder))

    def read_attributes(self) -> None:
        """Take attributes up to the first word that is none."""
        rules = ATTRIBUTES[self.cursor.dialect]
        while (rule := rules.get(self.cursor.key) or _engine_attribute(self.cursor)) is not None:
            if rule not in _TAKE_THEIR_KEYWORD:
                self.cursor.advance()
            rule(self)

    def column(self) -> Column:
        """The column as described."""
        return Column(
            name=self.name,
            origin=self.origin,
            type=self.type,
            options=self.options,
            **self.found,
        )


def define_column(cursor: Cursor, builder: Builder, table: TableDraft, *, replacing: bool = False) -> Column:
    """Take a column definition and add the column, with the constraints it brings, to the table."""
    offset = cursor.offset
    definition = Definition(cursor, builder, table)
    if not replacing and table.column(definition.name) is not None:
        raise builder.duplicate(f"column in table {table.ref}", Ref(name=definition.name), offset)
    _expand_serial(definition)
    definition.read_attributes()
    column = definition.column()
    table.put(column)
    for constraint in definition.constraints:
        table.add(constraint)
    for index in definition.indexes:
        builder.add_index(table, index)
    if definition.sequence:
        builder.sequences.put(definition.sequence)
    return column


def refine_column(cursor: Cursor, builder: Builder, table: TableDraft) -> None:
    """Take `name [WITH OPTIONS] attributes`: PostgreSQL says more of a column that a parent or a type gives."""
    column = builder.column(table, cursor.peek_name(), cursor.offset)
    definition = Definition(cursor, builder, table, column.type)
    cursor.accept("WITH", "OPTIONS")
    definition.read_attributes()
    table.put(column.model_copy(update={**definition.found, "options": column.options | definition.options}))
    for constraint in definition.constraints:
        table.add(constraint)


def _expand_serial(definition: Definition) -> None:
    """`serial` is an integer column that is not null and counts up a sequence of its own."""
    spelled = definition.type.written.lower()
    dialect = definition.cursor.dialect
    if spelled not in SERIALS or dialect not in {"postgres", "mysql"}:
        return
    definition.found["nullable"] = False
    if dialect == "mysql":
        definition.type = definition.type.model_copy(update={"unsigned": True})
        definition.found["identity"] = Identity(style="auto_increment")
        definition.constraints.append(Unique(origin=definition.origin, columns=(definition.name,)))
        return
    table = definition.table
    suffixes = itertools.chain(["seq"], (f"seq{number}" for number in itertools.count(1)))
    names = (implied_name(table.name, (definition.name,), suffix) for suffix in suffixes)
    name = next(name for name in names if not definition.builder.has_relation(name, table.namespace))
    definition.sequence = Sequence(
        name=name,
        namespace=table.namespace,
        origin=definition.origin,
        type=None if definition.type.name == "bigint" else parse(definition.type.name, "postgres"),
        owned_by=(table.ref, definition.name),
    )
    definition.found["identity"] = Identity(style="serial", sequence=definition.sequence.ref)


# Attributes: each takes what follows its keyword.


def _constraint(definition: Definition) -> None:
    definition.constraint_name = constraint_name(definition.cursor)


def _take_name(definition: Definition) -> str | None:
    name, definition.constraint_name = definition.constraint_name, None
    return name


def _not(definition: Definition) -> None:
    cursor = definition.cursor
    if cursor.accept("FOR", "REPLICATION"):
        definition.options["not for replication"] = "true"
        return
    cursor.expect("NULL")
    definition.found["nullable"] = False
    if name := _take_name(definition):
        definition.options["not null constraint"] = name
    if cursor.accept("NO", "INHERIT"):
        definition.options["not null no inherit"] = "true"
    if cursor.accept("ON", "CONFLICT"):
        definition.options["not null on conflict"] = cursor.name().lower()


def _null(definition: Definition) -> None:
    definition.found.setdefault("nullable", True)
    _take_name(definition)
    if definition.cursor.accept("ON", "CONFLICT"):
        definition.cursor.name()  # of which nothing can come


def _default(definition: Definition) -> None:
    cursor = definition.cursor
    mark = cursor.here
    while cursor.accept_any("+-"):
        pass
    cursor.step()
    cursor.skip_to(_DEFAULT_STOPS[cursor.dialect])
    definition.found["default"] = default(cursor.since(mark), definition.type, cursor.dialect)
    if name := _take_name(definition):
        definition.options["default constraint"] = name


def _primary(definition: Definition) -> None:
    cursor = definition.cursor
    origin = definition.origin
    if cursor.key != "KEY" and cursor.dialect != "mysql":
        raise cursor.error("KEY is expected")
    cursor.accept("KEY")
    cursor.accept_any({"CLUSTERED", "NONCLUSTERED"})
    descending = cursor.accept_any({"ASC", "DESC"}) == "DESC"
    key = PrimaryKey(name=_take_name(definition), origin=origin, **_own_columns(definition))
    if descending:
        key = key.model_copy(update={"options": {"order": "desc"}})
    definition.constraints.append(tail(cursor, key))
    if cursor.dialect != "sqlite" and definition.name in key.columns:
        definition.found["nullable"] = False


def _own_columns(definition: Definition) -> dict[str, Any]:
    """The column alone; but SQL Server lets the comma go before a key of the table, which then lists its columns."""
    if definition.cursor.dialect == "mssql" and definition.cursor.key == "(":
        return key_columns(definition.cursor)[0]
    return {"columns": (definition.name,)}


def _key(definition: Definition) -> None:
    """MySQL: KEY alone is PRIMARY KEY."""
    key = PrimaryKey(origin=definition.origin, columns=(definition.name,))
    definition.constraints.append(key)
    definition.found["nullable"] = False


def _unique(definition: Definition) -> None:
    cursor = definition.cursor
    cursor.accept_any({"KEY", "CLUSTERED", "NONCLUSTERED"})
    nulls_not_distinct = cursor.accept("NULLS", "NOT", "DISTINCT")
    cursor.accept("NULLS", "DISTINCT")
    unique = Unique(
        name=_take_name(definition),
        origin=definition.origin,
        **_own_columns(definition),
        nulls_not_distinct=nulls_not_distinct,
    )
    definition.constraints.append(tail(cursor, unique))


def _check(definition: Definition) -> None:
    definition.constraints.append(check(definition.cursor, _take_name(definition), definition.origin))


def _references(definition: Definition) -> None:
    cursor = definition.cursor
    columns = (definition.name,)
    key = references(cursor, definition.builder, _take_name(definition), definition.origin, columns=columns, options={})
    if cursor.dialect == "mysql":
        # The engine reads the clause and drops it; only FOREIGN KEY makes a constraint.
        key = key.model_copy(update={"ignored": True})
    definition.constraints.append(key)


def _foreign(definition: Definition) -> None:
    """SQL Server: `FOREIGN KEY REFERENCES t (c)` inside a column."""
    definition.cursor.expect("KEY")
    _references(definition)


def _collate(definition: Definition) -> None:
    definition.cursor.accept("=")
    names = definition.cursor.dotted()
    definition.found["collation"] = ".".join(names[1:] if names[0] == "pg_catalog" else names)


def _generated(definition: Definition) -> None:
    cursor = definition.cursor
    style = "always"
    if not cursor.accept("ALWAYS"):
        cursor.expect("BY", "DEFAULT")
        cursor.accept("ON", "NULL")
        style = "by default"
    cursor.expect("AS")
    if cursor.accept("IDENTITY"):
        clauses = sequence_clauses(cursor.group(), definition.builder) if cursor.key == "(" else SequenceClauses()
        definition.found["identity"] = Identity(
            style="always" if style == "always" else "by default",
            options=clauses.options(type_=definition.type),
            sequence=clauses.name,
        )
        definition.found["nullable"] = False
    else:
        _as(definition)


def _as(definition: Definition) -> None:
    """`AS (expression) [STORED | VIRTUAL | PERSISTENT | PERSISTED]`."""
    cursor = definition.cursor
    if cursor.accept("ROW"):
        definition.options["generated as row"] = (cursor.accept_any({"START", "END"}) or "").lower()
        return
    text = cursor.group().rest()
    kept = cursor.accept_any({"STORED", "PERSISTENT", "PERSISTED", "VIRTUAL"})
    storage = "virtual" if kept in {None, "VIRTUAL"} else "stored"
    found = expression(text, cursor.dialect)
    definition.found["generated"] = Generated(expression=found, storage=storage)


def _auto_increment(definition: Definition) -> None:
    definition.found["identity"] = Identity(style="auto_increment")
    definition.found["nullable"] = False


def _autoincrement(definition: Definition) -> None:
    definition.found["identity"] = Identity(style="autoincrement")


def _comment(definition: Definition) -> None:
    definition.cursor.accept("=")
    definition.found["comment"] = definition.cursor.string() or None


def _on(definition: Definition) -> None:
    cursor = definition.cursor
    cursor.expect("UPDATE")
    mark = cursor.here
    cursor.step()
    if cursor.key == "(":
        cursor.skip_group()
    definition.found["on_update"] = expression(cursor.since(mark), cursor.dialect)


def _charset(definition: Definition) -> None:
    cursor = definition.cursor
    cursor.accept("SET")
    cursor.accept("=")
    definition.found["charset"] = cursor.name()


def _option(name: str) -> Callable[[Definition], None]:
    def take(definition: Definition) -> None:
        definition.cursor.accept("=")
        definition.options[name] = definition.cursor.value().lower()

    return take


def _engine_attribute(cursor: Cursor) -> Callable[[Definition], None] | None:
    """What only MariaDB's storage engines know has one form: `name = value`."""
    if cursor.dialect == "mysql" and cursor.peek(1) == "=" and cursor.at_name:
        return _option(cursor.peek_name())
    return None


def _flag(name: str) -> Callable[[Definition], None]:
    def take(definition: Definition) -> None:
        definition.options[name] = "true"

    return take


def _set(field: str, value: object) -> Callable[[Definition], None]:
    def take(definition: Definition) -> None:
        definition.found[field] = value

    return take


def _options(definition: Definition) -> None:
    """OPTIONS of a foreign table's column."""
    definition.options["options"] = definition.cursor.group().rest()


def _with(definition: Definition) -> None:
    """MariaDB: `WITH|WITHOUT SYSTEM VERSIONING`; MySQL: nothing else."""
    definition.cursor.expect("SYSTEM", "VERSIONING")


_STANDARD: Final[dict[str, Callable[[Definition], None]]] = {
    "CONSTRAINT": _constraint,
    "NOT": _not,
    "NULL": _null,
    "DEFAULT": _default,
    "PRIMARY": _primary,
    "UNIQUE": _unique,
    "CHECK": _check,
    "REFERENCES": _references,
    "COLLATE": _collate,
}

ATTRIBUTES: Final[dict[str, dict[str, Callable[[Definition], None]]]] = {
    "postgres": _STANDARD
    | {
        "GENERATED": _generated,
        "STORAGE": _option("storage"),
        "COMPRESSION": _option("compression"),
        "OPTIONS": _options,
    },
    "mysql": _STANDARD
    | {
        "KEY": _key,
        "GENERATED": _generated,
        "AS": _as,
        "AUTO_INCREMENT": _auto_increment,
        "COMMENT": _comment,
        "ON": _on,
        "CHARACTER": _charset,
        "CHARSET": _charset,
        "CHAR": _charset,
        "BINARY": _flag("binary"),
        "BYTE": _flag("byte"),
        "ASCII": _set("charset", "latin1"),
        "UNICODE": _set("charset", "ucs2"),
        "VISIBLE": _set("visible", value=True),
        "INVISIBLE": _set("visible", value=False),
        "COLUMN_FORMAT": _option("column_format"),
        "STORAGE": _option("storage"),
        "SRID": _option("srid"),
        "REF_SYSTEM_ID": _option("srid"),
        "WITH": _with,
        "WITHOUT": _with,
        "COMPRESSED": _flag("compressed"),
    },
    "sqlite": _STANDARD | {"GENERATED": _generated, "AS": _as, "AUTOINCREMENT": _autoincrement},
    "mssql": _STANDARD | {"AS": _as, "FOREIGN": _foreign, "GENERATED": _generated} | sqlserver_columns.ATTRIBUTES,
}
"""Dialect -> keyword -> what takes the rest of the attribute."""

_TAKE_THEIR_KEYWORD: Final = {_constraint, _check, _references}
_DEFAULT_STOPS: Final = {dialect: {*rules, ",", "FIRST", "AFTER"} for dialect, rules in ATTRIBUTES.items()}
