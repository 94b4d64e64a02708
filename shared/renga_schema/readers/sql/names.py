"""Names: how a dialect folds them, unquotes them, and tells whether two are the same."""

import re
from typing import Final

from renga_schema.model import Dialect

DEFAULT_NAMESPACES: Final[dict[Dialect, str]] = {"postgres": "public", "sqlite": "main", "mssql": "dbo"}
"""Where an object lives that says nothing else. `public.t` and `t` are the same table in PostgreSQL."""

_ESCAPE = re.compile(r"\\(.)|''|\"\"", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "0": "\0"}


def unquote_name(written: str) -> str:
    """The name between quotes of any dialect."""
    if written[0] == "[":
        return written[1:-1].replace("]]", "]")
    quote = written[0]
    return written[1:-1].replace(quote + quote, quote)


def unquote_string(written: str, *, backslashes: bool) -> str:
    """The value of a string literal: plain, escaped (`E''`), double- or dollar-quoted."""
    if written[0] == "$":
        tag = written.index("$", 1) + 1
        return written[tag:-tag]
    if written[0] in "eE":
        written, backslashes = written[1:], True
    quote = written[0]
    if not backslashes:
        return written[1:-1].replace(quote + quote, quote)
    return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]) if match[1] else match[0][0], written[1:-1])


def fold(name: str, dialect: Dialect) -> str:
    """What an unquoted name becomes."""
    return name.lower() if dialect == "postgres" else name


def name_key(name: str, dialect: Dialect) -> str:
    """The form in which equal names of columns and constraints are equal strings."""
    return name if dialect == "postgres" else name.casefold()


def object_key(namespace: str | None, name: str, dialect: Dialect) -> tuple[str, str]:
    """The form in which equal qualified names are equal; MySQL tells tables apart by case."""
    if namespace is None or name_key(namespace, dialect) == DEFAULT_NAMESPACES.get(dialect):
        namespace = ""
    if dialect == "mysql":
        return namespace, name
    return name_key(namespace, dialect), name_key(name, dialect)


def implied_name(table: str, columns: tuple[str, ...], suffix: str) -> str:
    """What PostgreSQL calls a constraint or index that was given no name (`ChooseRelationName`, 63 bytes)."""
    middle = "_".join(columns)
    room = 63 - len(suffix.encode()) - 1 - (1 if middle else 0)
    first, second = table.encode()[:room], middle.encode()[:room]
    while len(first) + len(second) > room:
        if len(first) > len(second):
            first = first[:-1]
        else:
            second = second[:-1]
    parts = (first.decode(errors="ignore"), second.decode(errors="ignore"), suffix)
    return "_".join(part for part in parts if part)
