"""What SQL Server alone says of an index."""

from typing import Any, Final

from renga_schema.model import Options
from renga_schema.readers.sql.cursor import Cursor
from renga_schema.readers.sql.expressions import expression
from renga_schema.readers.sql.lexer import END

_PLACES: Final = {"ON", "FILESTREAM_ON"}
_STOPS: Final = {"WITH", "ON", "FILESTREAM_ON", ",", END}


def clauses(cursor: Cursor) -> dict[str, Any]:
    """Take what follows the keys, wherever the index is described, as fields of `Index`."""
    found: dict[str, Any] = {}
    options: Options = {}
    while (rule := cursor.key) in _CLAUSES and _CLAUSES[rule](cursor, found, options):
        pass
    if options:
        found["options"] = options
    return found


def take_language(item: Cursor) -> None:
    """Of a full-text key, what type of document it holds and in which language; neither is kept."""
    if item.accept("TYPE", "COLUMN"):
        item.name()
    if item.accept("LANGUAGE"):
        item.value()
    item.accept("STATISTICAL_SEMANTICS")


def _include(cursor: Cursor, found: dict[str, Any], _: Options) -> bool:
    cursor.advance()
    found["include"] = cursor.names()
    return True


def _where(cursor: Cursor, found: dict[str, Any], _: Options) -> bool:
    cursor.advance()
    mark = cursor.here
    cursor.skip_to(_STOPS)
    found["predicate"] = expression(cursor.since(mark), cursor.dialect)
    return True


def _with(cursor: Cursor, _: dict[str, Any], options: Options) -> bool:
    """`WITH (a = b, ...)`, or the older `WITH a = b, c`, and `WITH CHANGE_TRACKING AUTO` of full-text indexes."""
    if cursor.peek(1) == "VALUES":
        return False
    cursor.advance()
    parts = cursor.group() if cursor.key == "(" else cursor
    while not parts.at_end:
        name = parts.name().lower()
        mark = parts.here
        if parts.accept("="):
            mark = parts.here
            parts.step()
            if parts.key == "(":
                parts.skip_group()
        elif parts.at_name and parts.key not in _STOPS:
            parts.advance()
        options[name] = parts.since(mark).strip("'") or "true"
        while parts is not cursor and parts.key not in {",", END}:
            parts.step()
        if not parts.accept(","):
            break
    return True


def _on(cursor: Cursor, _: dict[str, Any], options: Options) -> bool:
    """A filegroup, a partition scheme with its column, or a full-text catalogue."""
    kind = "tablespace" if cursor.advance().key == "ON" else "filestream_on"
    mark = cursor.here
    if cursor.key == "(":
        cursor.skip_group()
    else:
        options[kind] = ".".join(cursor.dotted())
        if cursor.key == "(":
            cursor.skip_group()
        return True
    options["catalog"] = cursor.since(mark)
    return True


def _key(cursor: Cursor, _: dict[str, Any], options: Options) -> bool:
    """The unique index by which a full-text index knows the rows."""
    cursor.expect("KEY", "INDEX")
    options["key index"] = cursor.name()
    return True


def _using(cursor: Cursor, _: dict[str, Any], options: Options) -> bool:
    cursor.advance()
    if cursor.accept("XML", "INDEX"):
        options["xml index"] = cursor.name()
    else:
        options["using"] = cursor.name().lower()
    return True


def _for(cursor: Cursor, _: dict[str, Any], options: Options) -> bool:
    """What of its documents an XML index is for."""
    cursor.advance()
    mark = cursor.here
    cursor.step()
    options["for"] = cursor.since(mark).lower()
    return True


def _order(cursor: Cursor, _: dict[str, Any], options: Options) -> bool:
    cursor.advance()
    options["order"] = cursor.group().rest()
    return True


_CLAUSES: Final = {
    "INCLUDE": _include,
    "WHERE": _where,
    "WITH": _with,
    "ON": _on,
    "FILESTREAM_ON": _on,
    "KEY": _key,
    "USING": _using,
    "FOR": _for,
    "ORDER": _order,
}
