"""Where a data type ends in a statement; what it means is `renga_schema.types`'s affair."""

from typing import Final

from renga_schema.model import DataType
from renga_schema.readers.sql.builder import Builder
from renga_schema.readers.sql.cursor import Cursor
from renga_schema.readers.sql.lexer import END, NAME
from renga_schema.readers.sql.names import unquote_name
from renga_schema.types import parse

_SQLITE_STOPS: Final = {
    "CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE", "REFERENCES", "GENERATED", "AS",
    "AUTOINCREMENT", "DEFERRABLE", "ON", "COMMENT",
}  # fmt: skip

_CHARACTER: Final = (("VARYING",), ("LARGE", "OBJECT"))
_MORE_WORDS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "DOUBLE": (("PRECISION",),),
    "CHARACTER": _CHARACTER,
    "CHAR": _CHARACTER,
    "NCHAR": (("VARYING",),),
    "BIT": (("VARYING",),),
    "BINARY": _CHARACTER,
    "LONG": (("VARCHAR",), ("VARBINARY",)),
    "NATIONAL": (
        ("CHARACTER", "VARYING"),
        ("CHAR", "VARYING"),
        ("CHARACTER",),
        ("CHAR",),
        ("VARCHAR",),
    ),
}
_TIME_ZONES: Final = (("WITH", "TIME", "ZONE"), ("WITHOUT", "TIME", "ZONE"))
_INTERVAL_FIELDS: Final = {"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "TO"}
_WIDTHS: Final = {"tinyint": 3, "smallint": 5, "mediumint": 8, "integer": 10, "bigint": 20}
"""To how many digits MySQL fills with zeros where nothing is said."""

_SUFFIXES: Final = {"UNSIGNED", "SIGNED", "ZEROFILL"}


def data_type(cursor: Cursor, builder: Builder) -> DataType:
    """Take a data type."""
    mark = cursor.here
    written = take_type(cursor)
    if cursor.dialect == "sqlite" and cursor.here == mark + 1 and written[0] in "\"'`[":
        written = unquote_name(written)
    type_ = parse(written, cursor.dialect)
    if type_.zerofill and not type_.arguments and type_.name in _WIDTHS:
        type_ = type_.model_copy(update={"arguments": (_WIDTHS[type_.name],)})
    return builder.resolve_type(type_) if cursor.dialect == "postgres" else type_


def take_type(cursor: Cursor) -> str:
    """Take a data type and give it as written."""
    mark = cursor.here
    if cursor.dialect == "sqlite":
        _take_sqlite(cursor)
    else:
        _take(cursor)
    written = cursor.since(mark)
    return written if "'" in written else " ".join(written.split())  # the labels of an ENUM keep their spaces


def _take_sqlite(cursor: Cursor) -> None:
    """SQLite takes any words, or none at all."""
    while cursor.key not in _SQLITE_STOPS and cursor.key != END and cursor.at_name:
        cursor.advance()
        if cursor.key == "(":
            cursor.skip_group()


def _take(cursor: Cursor) -> None:
    if cursor.key == "SETOF":
        cursor.advance()
    first = cursor.key
    cursor.dotted()
    if first != NAME:
        any(cursor.accept(*more) for more in _MORE_WORDS.get(first, ()))
    if first == "INTERVAL":
        while cursor.accept_any(_INTERVAL_FIELDS):
            pass
    if cursor.key == "(":
        cursor.skip_group()
    if first in {"TIME", "TIMESTAMP"}:
        any(cursor.accept(*zone) for zone in _TIME_ZONES)
    if cursor.dialect == "mysql":
        while cursor.accept_any(_SUFFIXES):
            pass
    cursor.accept("ARRAY")
    while cursor.key == "[":
        cursor.skip_group()
