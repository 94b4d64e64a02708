"""SQLite's virtual tables: a module keeps their rows, in shadow tables of its own that nobody describes."""

import re
from typing import Final

from renga_schema.model import Column, DataType, Dialect, Origin
from renga_schema.readers.source import Source
from renga_schema.readers.sql.builder import Builder
from renga_schema.readers.sql.cursor import Cursor
from renga_schema.readers.sql.drafts import TableDraft
from renga_schema.readers.sql.lexer import END, STRING
from renga_schema.readers.sql.names import unquote_name
from renga_schema.readers.sql.outcome import Outcome
from renga_schema.readers.sql.split import Span
from renga_schema.types import parse

_FTS: Final = {"fts3", "fts4", "fts5"}
_RTREE: Final = {"rtree", "rtree_i32"}
_SHADOWS: Final = {
    **dict.fromkeys(("fts3", "fts4"), ("content", "segments", "segdir", "docsize", "stat")),
    "fts5": ("data", "idx", "content", "docsize", "config"),
    **dict.fromkeys((*_RTREE, "geopoly"), ("node", "parent", "rowid")),
}
"""Module -> the ends of its shadow tables' names."""
_INTERNAL: Final = "sqlite_"
"""What the names of SQLite's own tables begin with; nobody else may use it."""

_INSERTED: Final = re.compile(
    r"INSERT\s+INTO\s+\"?sqlite_(?:schema|master)\"?\s*\([^()]*\)\s*VALUES\s*"
    r"\('table',\s*'(?:[^']|'')*+',\s*'(?:[^']|'')*+',\s*0,\s*'(?P<statement>CREATE VIRTUAL (?:[^']|'')*+)'\)\s*",
    re.IGNORECASE,
)


def create_virtual_table(cursor: Cursor, builder: Builder) -> Outcome:
    """CREATE VIRTUAL TABLE ... USING module(arguments)."""
    optional = cursor.accept("IF", "NOT", "EXISTS")
    origin, offset = cursor.origin, cursor.offset
    ref = builder.home(cursor.qualified())
    if builder.tables.get(ref.namespace, ref.name) or builder.views.get(ref.namespace, ref.name):
        if optional:
            return "noted"
        raise builder.duplicate("table or view", ref, offset)
    cursor.expect("USING")
    mark = cursor.here
    module = cursor.name().lower()
    table = builder.draft(ref, origin)
    if cursor.key == "(":
        _arguments(module, cursor.group(), builder, table)
    if module in _FTS - {"fts5"} and not table.columns:
        table.put(_column("content", origin))
    cursor.expect_end()
    table.module = cursor.since(mark)
    builder.put_table(table)
    return "applied"


def _arguments(module: str, group: Cursor, builder: Builder, table: TableDraft) -> None:
    """The columns among a module's arguments, as far as the module is one of SQLite's own."""
    content: str | None = None
    for place, item in enumerate(group.items()):
        origin = item.origin
        if module in _FTS:
            named = item.at_name and item.peek(1) != "=" and item.key not in {"TOKENIZE", "TOKENIZER"}
            if named:
                table.put(_column(item.name(), origin))
            elif item.accept("CONTENT", "=") and (item.at_name or item.key == STRING):
                content = item.name() if not item.sees(STRING, END) else unquote_name(item.rest())
        elif module in _RTREE:
            auxiliary = item.accept("+")
            number = "INT" if place == 0 or module == "rtree_i32" else "REAL"
            name = item.name()
            table.put(_column(name, origin, (item.rest() or "") if auxiliary else number))
    source = builder.tables.get(table.namespace, content) if content and module == "fts4" else None
    if source is not None and not table.columns:
        for column in source.columns.values():
            table.put(_column(column.name, column.origin))


def _column(name: str, origin: Origin | None, written: str = "") -> Column:
    type_ = parse(written, "sqlite") if written else DataType(name="any", written="")
    return Column(name=name, origin=origin, type=type_)


def inserted_table(source: Source, span: Span, dialect: Dialect) -> Source | None:
    """The CREATE statement that a dump writes straight into SQLite's catalogue, as it does for virtual tables.

    It is at the place where it stands in the dump.
    """
    match = _INSERTED.fullmatch(source.text, span.start, span.end) if dialect == "sqlite" else None
    if match is None:
        return None
    above = "\n" * (source.origin(match.start("statement")).line - 1)
    return Source(above + match["statement"].replace("''", "'"), source.file)


def is_internal(table: str, namespace: str | None, builder: Builder) -> bool:
    """Whether a table is SQLite's own, or the shadow of a virtual one; dumps show both kinds."""
    if table.lower().startswith(_INTERNAL):
        return True
    owner, _, end = table.rpartition("_")
    virtual = builder.tables.get(namespace, owner) if owner else None
    if virtual is None or virtual.module is None:
        return False
    return end.lower() in _SHADOWS.get(virtual.module.partition("(")[0].strip().lower(), ())
