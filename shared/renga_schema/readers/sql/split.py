"""Cut a script into statements, as the dialect's own client would, without reading what they mean.

One regular expression carries each statement to its delimiter, so data costs next to nothing. What a client does beyond
that is here: DELIMITER, backslash commands, COPY data, and routine bodies whose semicolons end no statement.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from renga_schema.readers.sql.lexer import tokens
from renga_schema.readers.sql.lexicon import Lexicon, chunk_pattern, trivia_pattern


class Span(NamedTuple):
    """One statement: where it stands, and what is wrong with its ends if anything is."""

    start: int
    end: int
    client: bool = False
    """A command to the client (`\\connect`, DELIMITER), not to the database."""
    problem: str | None = None
    problem_at: int = 0


_RECOVERIES: Final = 16
"""So often a quote that is never closed ends at the next semicolon; after that it swallows the rest of the file."""

_HEAD = 600
"""Characters in which the words that begin a statement are looked for."""

_BODY = re.compile(
    r"\s*CREATE\b(?:(?!\b(?:TABLE|INDEX|VIEW|TYPE|DOMAIN|SEQUENCE|SCHEMA|DATABASE)\b)[^;(])*?"
    r"\b(?P<kind>TRIGGER|PROCEDURE|FUNCTION|EVENT|PACKAGE|RULE)\b",
    re.IGNORECASE,
)
_COPY = re.compile(r"COPY\b[^;]*\bFROM\s+STDIN\b", re.IGNORECASE)
_COPY_END = re.compile(r"^\\\.\r?$", re.MULTILINE)
_DELIMITER = re.compile(r"DELIMITER[ \t]+(?P<delimiter>\S+)[^\n]*", re.IGNORECASE)
_SEMICOLON = re.compile(r";[ \t]*\r?$", re.MULTILINE)
_VERSION_MARK = re.compile(r"/\*M?!\d*")

_OPENS: Final = {"BEGIN", "CASE"}
_CLOSED_BY_NAME: Final = {"IF", "LOOP", "REPEAT", "WHILE", "FOR"}


class Splitter:
    """Cuts `text`. The reader may change `lexicon` between two statements, as `SET` does in a session."""

    def __init__(self, text: str, lexicon: Lexicon) -> None:
        self.text = text
        self.lexicon = lexicon
        self._delimiter = ";"
        self._recoveries = 0

    def __iter__(self) -> Iterator[Span]:
        text, at = self.text, 0
        while True:
            at = self._skip_trivia(at)
            if at >= len(text):
                return
            span, at = self._client_command(at) or self._statement(at)
            yield span

    def _skip_trivia(self, at: int) -> int:
        """The start of the next statement: past white space, comments and empty statements."""
        pattern = trivia_pattern(self.lexicon)
        while True:
            match = pattern.match(self.text, at)
            end = match.end() if match else at
            if not self.text.startswith(self._delimiter, end):
                return end
            at = end + len(self._delimiter)

    def _client_command(self, at: int) -> tuple[Span, int] | None:
        if self.lexicon.dialect == "postgres" and self.text[at] == "\\":
            end = self._end_of_line(at)
            return Span(at, end, client=True), end
        if self.lexicon.dialect == "mysql" and (match := _DELIMITER.match(self.text, at)):
            self._delimiter = match["delimiter"]
            return Span(at, match.end(), client=True), match.end()
        return None

    def _end_of_line(self, at: int) -> int:
        end = self.text.find("\n", at)
        return len(self.text) if end < 0 else end

    def _statement(self, start: int) -> tuple[Span, int]:
        """The statement that starts at `start`, and where to go on after it."""
        text = self.text
        chunk = chunk_pattern(self.lexicon, self._delimiter)
        body = _Body.of(text, start, self.lexicon)
        at = start
        while True:
            match = chunk.match(text, at)
            end = match.end() if match else at
            if end >= len(text):
                return Span(start, end), end
            if text[end] == "\\" and self.lexicon.dialect == "postgres":
                return Span(start, end), end  # \g and its kind: the client's way to say "go"
            if not text.startswith(self._delimiter, end):
                return self._unclosed(start, end)
            after = end + len(self._delimiter)
            if body is None or body.closed(at, end):
                break
            at = after
        if _COPY.match(text, start, end):
            after = self._after_copy(after)
        return Span(start, end), after

    def _after_copy(self, at: int) -> int:
        """Past the lines of data that follow COPY ... FROM stdin."""
        match = _COPY_END.search(self.text, at)
        return match.end() if match else len(self.text)

    def _unclosed(self, start: int, at: int) -> tuple[Span, int]:
        self._recoveries += 1
        match = _SEMICOLON.search(self.text, at) if self._recoveries <= _RECOVERIES else None
        end = match.end() if match else len(self.text)
        opener = "comment" if self.text[at] == "/" else "quote"
        return Span(start, end, problem=f"The {opener} that opens here is never closed.", problem_at=at), end


class _Body:
    """Counts what opens and closes inside a routine, trigger or rule, so that its own semicolons do not end it."""

    def __init__(self, text: str, lexicon: Lexicon, *, parentheses: bool) -> None:
        self._text = text
        self._lexicon = lexicon
        self._parentheses = parentheses
        self._depth = 0

    @classmethod
    def of(cls, text: str, start: int, lexicon: Lexicon) -> "_Body | None":
        head = text[start : start + _HEAD]
        if "CREATE" not in head[:80].upper():
            return None
        match = _BODY.match(_VERSION_MARK.sub(" ", head).replace("*/", " "))
        return cls(text, lexicon, parentheses=match["kind"].upper() == "RULE") if match else None

    def closed(self, start: int, end: int) -> bool:
        """Whether nothing is open any more after `text[start:end]` was read too."""
        previous = ""
        for token in tokens(self._text, start, end, self._lexicon):
            key = token.key
            if self._parentheses:
                self._depth += (key == "(") - (key == ")")
            elif key == "END":
                self._depth -= 1
            elif key in _CLOSED_BY_NAME:
                self._depth += previous == "END"  # it closes an IF or a loop, which was not counted
            elif key in _OPENS:
                self._depth += not (key == "CASE" and previous == "END")
            previous = key
        return self._depth <= 0
