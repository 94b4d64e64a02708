"""CREATE TABLE, in all its forms."""

from typing import Final

from renga_schema.model import Column, DataType, Identity, Ref, View
from renga_schema.readers.sql import table_options
from renga_schema.readers.sql.builder import Builder
from renga_schema.readers.sql.charsets import settle_types
from renga_schema.readers.sql.columns import define_column
from renga_schema.readers.sql.constraints import starts_constraint, table_constraint
from renga_schema.readers.sql.cursor import Cursor
from renga_schema.readers.sql.drafts import TableDraft
from renga_schema.readers.sql.inheritance import copy_indexes, of_type, partition_of
from renga_schema.readers.sql.lexer import END
from renga_schema.readers.sql.modifiers import Modifiers
from renga_schema.readers.sql.outcome import Outcome
from renga_schema.readers.sql.virtual_tables import is_internal

_TEMPORARY: Final = {"TEMP", "TEMPORARY"}
_LIKE_PARTS: Final = {
    "COMMENTS", "COMPRESSION", "CONSTRAINTS", "DEFAULTS", "GENERATED", "IDENTITY", "INDEXES", "STATISTICS", "STORAGE",
}  # fmt: skip
_UNKNOWN: Final = DataType(name="any")
"""The type of a column of which only the name is known."""
_QUERIES: Final = {"AS", "SELECT", "WITH", "VALUES", "IGNORE", "REPLACE", "("}


def create_table(cursor: Cursor, builder: Builder, modifiers: Modifiers) -> Outcome:
    """CREATE [TEMPORARY | UNLOGGED | FOREIGN] TABLE."""
    optional = cursor.accept("IF", "NOT", "EXISTS")
    origin, offset = cursor.origin, cursor.offset
    ref = builder.home(cursor.qualified())
    existing = _existing(builder, ref, temporary=bool(modifiers.words & _TEMPORARY))
    if existing is not None and optional:
        return "noted"
    if builder.dialect == "sqlite" and is_internal(ref.name, ref.namespace, builder):
        return "noted"
    if existing is not None and "REPLACE" not in modifiers:
        raise builder.duplicate("table or view", ref, offset)
    table = builder.draft(ref, origin)
    if modifiers.words & _TEMPORARY or table.name.startswith("#"):
        table.persistence = "temporary"
    elif "UNLOGGED" in modifiers:
        table.persistence = "unlogged"
    outcome = _contents(cursor, builder, table)
    cursor.expect_end()
    for name in table.awaited:
        builder.column(table, name, offset)
    builder.put_table(table)
    if builder.dialect == "sqlite":
        recognise_rowid(table)
        table.drop_redundant_uniques()
    return outcome


def select_into(cursor: Cursor, builder: Builder) -> Outcome:
    """PostgreSQL's SELECT ... INTO table makes a table; of any other query nothing is kept."""
    cursor.skip_to({"INTO", "FROM"})
    if not cursor.accept("INTO"):
        return "noted"
    temporary = cursor.accept_any(_TEMPORARY) is not None
    cursor.accept_any({"UNLOGGED"})
    cursor.accept("TABLE")
    origin, offset = cursor.origin, cursor.offset
    ref = builder.home(cursor.qualified())
    if _existing(builder, ref, temporary=temporary) is not None:
        raise builder.duplicate("table or view", ref, offset)
    table = builder.draft(ref, origin)
    table.persistence = "temporary" if temporary else "permanent"
    builder.lose(table, "columns of SELECT ... INTO", "The table is kept without columns.", origin)
    builder.put_table(table)
    return "ledger"


def _existing(builder: Builder, ref: Ref, *, temporary: bool) -> TableDraft | View | None:
    """What has the name already, and so stands in the way; a temporary table of MySQL's only hides it."""
    table = builder.tables.get(ref.namespace, ref.name)
    if temporary and builder.dialect == "mysql" and not builder.is_temporary(ref):
        return None
    return table or builder.views.get(ref.namespace, ref.name)


def _contents(cursor: Cursor, builder: Builder, table: TableDraft) -> Outcome:
    if cursor.accept("PARTITION", "OF"):
        partition_of(cursor, builder, table)
    elif cursor.accept("OF"):
        of_type(cursor, builder, table)
    elif cursor.accept("LIKE"):
        _like(cursor, builder, table)
    elif cursor.key == "(" and cursor.peek(1) not in {"SELECT", "WITH"}:
        _elements(cursor.group(), builder, table)
    if table.primary_key and table.dialect != "sqlite":
        table.forbid_nulls(table.primary_key.columns)  # the key may stand before its columns
    if table.dialect == "postgres" and len(table.uniques) > 0:
        table.drop_redundant_uniques()
    table_options.take(cursor, builder, table)
    if table.dialect == "mysql":
        settle_types(table)
    if cursor.key in _QUERIES:
        cursor.rest()
        instead = "The table is kept with the columns that are spelled out, if any."
        builder.lose(table, "columns of CREATE TABLE ... AS a query", instead, table.origin)
        return "ledger"
    if not table.columns and table.dialect != "postgres":
        raise cursor.error("at least one column is expected")
    return "applied"


def _elements(group: Cursor, builder: Builder, table: TableDraft) -> None:
    """Columns, constraints and indexes between the parentheses of CREATE TABLE."""
    if table.dialect == "postgres" and group.peek(1) in {",", END}:
        for item in group.items():  # of CREATE TABLE t (a, b) AS a query
            table.put(Column(name=item.name(), type=_UNKNOWN))
    while not group.at_end:
        _element(group, builder, table)
        if group.at_end:
            return
        if group.accept(","):
            if group.at_end and table.dialect != "mssql":
                raise group.error("another column or constraint is expected")
        elif table.dialect != "sqlite" or not starts_constraint(group):
            # SQLite lets the comma between table constraints go.
            raise group.error("a comma or a closing parenthesis is expected")


def _element(group: Cursor, builder: Builder, table: TableDraft) -> None:
    if starts_constraint(group):
        table_constraint(group, builder, table)
    elif group.accept("LIKE"):
        _like(group, builder, table)
    elif group.sees("PERIOD", "FOR"):
        mark = group.here
        group.skip_to({","})
        table.options["period"] = group.since(mark)
        group.back_to(mark + 3)
        table.forbid_nulls(group.names())
    else:
        define_column(group, builder, table)


def _like(group: Cursor, builder: Builder, table: TableDraft) -> None:
    """PostgreSQL: `LIKE source [INCLUDING part] [EXCLUDING part]`."""
    offset = group.offset
    source = builder.table(group.qualified(), offset)
    builder.take_over(len(source.columns), offset)
    parts: set[str] = set()
    while (verb := group.accept_any({"INCLUDING", "EXCLUDING"})) is not None:
        part = group.name().upper()
        named = _LIKE_PARTS if part == "ALL" else {part}
        parts = parts | named if verb == "INCLUDING" else parts - named
    if table.dialect == "mysql":
        parts = _LIKE_PARTS
    _copy(builder, source, table, parts)


def _copy(builder: Builder, source: TableDraft, table: TableDraft, parts: set[str]) -> None:
    """Copy the columns of a table, and of what else it has the named parts."""
    for original in source.columns.values():
        table.put(builder.copies.of(original, frozenset(parts)))
    if "CONSTRAINTS" in parts:
        table.checks += source.checks
    if "INDEXES" in parts:
        _copy_keys(builder, source, table)


def _copy_keys(builder: Builder, source: TableDraft, table: TableDraft) -> None:
    """Copy keys and indexes. Names are per table in MySQL; elsewhere the engine makes up new ones."""
    kept: dict[str, None] = {} if table.dialect == "mysql" else {"name": None}
    if source.primary_key:
        table.primary_key = source.primary_key.model_copy(update=kept)
    table.uniques += [unique.model_copy(update=kept) for unique in source.uniques]
    if table.dialect == "mysql":
        table.indexes |= source.indexes
    elif table.dialect == "postgres":
        copy_indexes(builder, source, table)


def recognise_rowid(table: TableDraft) -> None:
    """SQLite: a sole primary key of type INTEGER is the rowid, which counts by itself and is never null."""
    key = table.primary_key
    if key is None:
        return
    if table.without_rowid:
        table.forbid_nulls(key.columns)
        return
    column = table.column(key.columns[0])
    if len(key.columns) != 1 or column is None or column.type.written.lower() != "integer":
        return
    if key.options.get("order") != "desc" and (column.identity is None or column.identity.style == "autoincrement"):
        identity = column.identity or Identity(style="rowid")
        table.put(column.model_copy(update={"identity": identity, "nullable": False}))
