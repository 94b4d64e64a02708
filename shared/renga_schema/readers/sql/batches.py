"""Cut a SQL Server script into statements: batches end at a line that says GO, and semicolons are a matter of taste."""

import re
from collections.abc import Iterator
from typing import Final

from renga_schema.readers.sql.lexer import Token, iterate
from renga_schema.readers.sql.lexicon import Lexicon
from renga_schema.readers.sql.split import Span

_STARTERS: Final = {
    "CREATE", "ALTER", "DROP", "INSERT", "UPDATE", "DELETE", "SET", "USE", "EXEC", "EXECUTE", "PRINT", "IF", "DECLARE",
    "SELECT", "GRANT", "REVOKE", "DENY", "BEGIN", "END", "TRUNCATE", "BACKUP", "RESTORE", "BULK", "RAISERROR", "WHILE",
    "COMMIT", "ROLLBACK", "SAVE", "DBCC", "ELSE",
}  # fmt: skip
_HEAD: Final = 8
"""So many tokens of a statement are remembered, and its last one."""

_WHOLE_BATCH: Final = {"PROC", "PROCEDURE", "FUNCTION", "TRIGGER", "VIEW"}
_CONTINUES_AFTER: Final = {"ON", "DELETE", "UPDATE", "AFTER", "FOR", "OF", ",", "AS", "OR", "AND", "NOT"}
_AFTER_CONDITION: Final = {"CREATE", "ALTER", "DROP", "EXEC", "EXECUTE", "BEGIN", "PRINT", "RAISERROR", "TRUNCATE"}
"""What may follow the condition of an IF on its line."""
_CONTINUES_BEFORE: Final = {"COLUMN", "CONSTRAINT"}
_UNCLOSED: Final = {"'", '"'}
_LINE_END = re.compile(r"[ \t]*\d*[ \t]*;?[ \t]*(?:\r?\n|\Z|--)")


def batches(text: str, lexicon: Lexicon) -> Iterator[Span]:
    """The statements of a script."""
    statement: list[Token] = []
    depth = 0
    whole = False
    past = 0
    guard = _Guard()
    for token, following in _with_next(text, lexicon):
        key = token.key
        if token.start < past:
            continue  # GO 5
        if key in _UNCLOSED or (key == "/" and following == "*"):
            start = statement[0].start if statement else token.start
            what = "comment" if key == "/" else "quote"
            yield Span(start, len(text), problem=f"The {what} that opens here is never closed.", problem_at=token.start)
            return
        depth += (key == "(") - (key == ")")
        first = _starts_line(text, token.start)
        go = _LINE_END.match(text, token.end) if key == "GO" and first else None
        ends = go is not None or (key == ";" and depth <= 0 and not whole)
        begins = depth <= 0 and not whole and _begins(key, following, statement, first=first)
        if (ends or begins) and statement:
            yield _span(text, statement, guarded=guard.over(statement[0].key))
            statement = []
        if go is not None:
            past = go.end()
            yield Span(token.start, token.end, client=True)
        if ends:
            depth, whole = 0, False
            if go is not None:
                guard = _Guard()
        elif len(statement) < _HEAD:
            statement.append(token)
            whole = whole or (statement[0].key in {"CREATE", "ALTER"} and key in _WHOLE_BATCH and len(statement) < 5)
        else:
            statement[-1] = token
    if statement:
        yield _span(text, statement, guarded=guard.over(statement[0].key))


class _Guard:
    """Whether statements stand under an IF or ELSE: the next one, or all from BEGIN to END."""

    def __init__(self) -> None:
        self._pending = False
        self._blocks: list[bool] = []

    def over(self, key: str) -> bool:
        """Go on to the statement that begins with this word, and say whether it is guarded."""
        guarded = self._pending or any(self._blocks)
        if key in {"IF", "ELSE"}:
            self._pending = True
            return guarded
        if key == "BEGIN":
            self._blocks.append(self._pending)
        elif key == "END" and self._blocks:
            self._blocks.pop()
        self._pending = False
        return guarded


def _span(text: str, statement: list[Token], *, guarded: bool = False) -> Span:
    end = statement[-1].end
    while end > statement[0].end and text[end - 1] in "; \t\r\n":
        end -= 1
    return Span(statement[0].start, end, guarded=guarded)


def _with_next(text: str, lexicon: Lexicon) -> Iterator[tuple[Token, str]]:
    """Each token with the key of the one after it, one at a time: a script may be large."""
    waiting: Token | None = None
    for token in iterate(text, 0, len(text), lexicon):
        if waiting is not None:
            yield waiting, token.key
        waiting = token
    if waiting is not None:
        yield waiting, ""


def _starts_line(text: str, at: int) -> bool:
    at -= 1
    while at >= 0 and text[at] in " \t":
        at -= 1
    return at < 0 or text[at] == "\n"


def _begins(key: str, following: str, statement: list[Token], *, first: bool) -> bool:
    if not first:
        return bool(statement) and statement[0].key in {"IF", "ELSE"} and key in _AFTER_CONDITION
    if key not in _STARTERS or following in _CONTINUES_BEFORE:
        return False
    return not statement or statement[-1].key not in _CONTINUES_AFTER
