"""The words between CREATE and the kind of object: OR REPLACE, TEMPORARY, UNIQUE, DEFINER = ..."""

from dataclasses import dataclass, field
from typing import Final

from renga_schema.model import Options
from renga_schema.readers.sql.cursor import Cursor
from renga_schema.readers.sql.lexer import END

_WORDS: Final = {
    "OR", "REPLACE", "ALTER", "GLOBAL", "LOCAL", "TEMP", "TEMPORARY", "UNLOGGED", "FOREIGN", "VIRTUAL", "RECURSIVE",
    "MATERIALIZED", "UNIQUE", "FULLTEXT", "SPATIAL", "CLUSTERED", "NONCLUSTERED", "COLUMNSTORE", "XML", "PRIMARY",
    "CONSTRAINT", "EVENT", "TRUSTED", "PROCEDURAL", "ONLINE", "OFFLINE", "IGNORE", "DEFAULT", "EXTERNAL",
}  # fmt: skip


@dataclass(slots=True)
class Modifiers:
    """What stood between CREATE and the kind."""

    words: set[str] = field(default_factory=set)
    options: Options = field(default_factory=dict)
    """MySQL's `definer`, `algorithm` and `sql security`."""

    def __contains__(self, word: str) -> bool:
        return word in self.words

    @classmethod
    def take(cls, cursor: Cursor) -> "Modifiers":
        """Take every modifier; what stands next is the kind."""
        found = cls()
        while cursor.key != END:
            if cursor.key in {"DEFINER", "ALGORITHM"}:
                name = cursor.advance()
                cursor.expect("=")
                found.options[name.key.lower()] = _account(cursor)
            elif cursor.accept("SQL", "SECURITY"):
                found.options["sql security"] = cursor.name().lower()
            elif cursor.key in _WORDS and not _is_kind(cursor):
                found.words.add(cursor.advance().key)
            else:
                break
        return found


def _is_kind(cursor: Cursor) -> bool:
    """Whether a word that can be a modifier names what is made: CREATE EVENT, CREATE XML SCHEMA COLLECTION."""
    if cursor.key == "DEFAULT":
        return cursor.dialect == "mssql"
    return (cursor.key == "EVENT" and cursor.peek(1) != "TRIGGER") or cursor.sees("XML", "SCHEMA")


def _account(cursor: Cursor) -> str:
    """Take `user@host`, `CURRENT_USER` or a word."""
    mark = cursor.here
    cursor.advance()
    if cursor.accept("@"):
        cursor.advance()
    if cursor.key == "(":
        cursor.skip_group()
    return cursor.since(mark).lower() if mark + 1 == cursor.here else cursor.since(mark)
