"""Cut a script into statements, as the dialect's own client would, without reading what they mean.

One regular expression carries each statement to its delimiter, so data costs next to nothing. What a client does beyond
that is here: DELIMITER, backslash commands, COPY data, and routine bodies whose semicolons end no statement.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from renga_schema.readers.sql.lexer import STRING, tokens
from renga_schema.readers.sql.lexicon import DOLLAR_TAG, Lexicon, chunk_pattern, trivia_pattern


class Span(NamedTuple):
    """One statement: where it stands, and what is wrong with its ends if anything is."""

    start: int
    end: int
    client: bool = False
    """A command to the client (`\\connect`, DELIMITER), not to the database."""
    problem: str | None = None
    problem_at: int = 0
    guarded: bool = False
    """It runs only if what it makes is not there yet, or what it changes is: SQL Server's IF before it."""


_RECOVERIES: Final = 16
"""So often a quote that is never closed ends at the next semicolon; after that it swallows the rest of the file."""

_HEAD = 600
"""Characters in which the words that begin a statement are looked for."""

_LONGEST_DELIMITER: Final = 15
"""Characters of a delimiter that MySQL's client heeds."""

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

_BLOCK = re.compile(r"(?:BEGIN\s+NOT\s+ATOMIC|IF|WHILE|LOOP|REPEAT|FOR|CASE)\b", re.IGNORECASE)
"""MariaDB runs a routine's statements outside a routine too, if the client sends them whole."""

_OPENS_STATEMENT: Final = {"IF", "LOOP", "REPEAT", "WHILE", "FOR"}
"""What opens only where a statement begins; elsewhere it is a function, or a word of another statement."""
_BEFORE_STATEMENT: Final = {"", "BEGIN", "ATOMIC", "THEN", "ELSE", "DO", "LOOP", "REPEAT", ":"}
_BEFORE_FIRST_STATEMENT: Final = {"ROW", ")", "DETERMINISTIC", "SQL", "DATA", "INVOKER", "DEFINER", STRING}
_EXPRESSION: Final = "an expression's CASE"


class Splitter:
    """Cuts `text`. The reader may change `lexicon` between two statements, as `SET` does in a session."""

    def __init__(self, text: str, lexicon: Lexicon) -> None:
        self.text = text
        self.lexicon = lexicon
        self._stops: tuple[str, ...] = (";",)
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
            stop = self._stop(end)
            if stop is not None:
                at = end + len(stop)
            elif self.lexicon.dialect == "sqlite" and self.text.startswith("#", end) and self._starts_line(end):
                at = self._end_of_line(end)  # the shell's own kind of comment, between statements only
            else:
                return end

    def _stop(self, at: int) -> str | None:
        """The delimiter that stands here: the client's, or the semicolon at which the server cuts what it is sent."""
        return next((stop for stop in self._stops if self.text.startswith(stop, at)), None)

    def _starts_line(self, at: int) -> bool:
        return at == 0 or self.text[at - 1] in "\r\n"

    def _client_command(self, at: int) -> tuple[Span, int] | None:
        if self.lexicon.dialect == "postgres" and self.text[at] == "\\":
            end = self._end_of_line(at)
            return Span(at, end, client=True), end
        if self.lexicon.dialect == "sqlite" and self.text[at] == "." and self._starts_line(at):
            end = self._end_of_line(at)
            return Span(at, end, client=True), end
        if self.lexicon.dialect == "mysql" and (match := _DELIMITER.match(self.text, at)):
            self._stops = tuple(dict.fromkeys((match["delimiter"][:_LONGEST_DELIMITER], ";")))
            return Span(at, match.end(), client=True), match.end()
        return None

    def _end_of_line(self, at: int) -> int:
        end = self.text.find("\n", at)
        return len(self.text) if end < 0 else end

    def _statement(self, start: int) -> tuple[Span, int]:
        """The statement that starts at `start`, and where to go on after it."""
        text = self.text
        chunk = chunk_pattern(self.lexicon, self._stops)
        body = _Body.of(text, start, self.lexicon)
        if body is None and len(self._stops) > 1 and _BLOCK.match(text, start):
            body = _Body(text, self.lexicon)
        at = start
        while True:
            end = self._end_of_chunk(chunk, at)
            if end >= len(text):
                return Span(start, end), end
            if text[end] == "\\" and self.lexicon.dialect == "postgres":
                return Span(start, end), end  # \g and its kind: the client's way to say "go"
            stop = self._stop(end)
            if stop is None:
                return self._unclosed(start, end)
            after = end + len(stop)
            if stop != ";" or body is None or body.closed(at, end):
                break
            at = after
        if _COPY.match(text, start, end):
            after = self._after_copy(after)
        return Span(start, end), after

    def _end_of_chunk(self, chunk: re.Pattern[str], at: int) -> int:
        """Where the chunk that begins at `at` ends; dollar quotes are part of it."""
        while True:
            match = chunk.match(self.text, at)
            end = match.end() if match else at
            tag = DOLLAR_TAG.match(self.text, end) if self.lexicon.dialect == "postgres" else None
            close = self.text.find(tag[0], tag.end()) if tag else -1
            if tag is None or close < 0:
                return end
            at = close + len(tag[0])

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
    """What is open inside a routine, trigger or rule, so that its own semicolons do not end it."""

    def __init__(self, text: str, lexicon: Lexicon, kind: str = "") -> None:
        self._text = text
        self._lexicon = lexicon
        self._is_rule = kind == "RULE"
        self._open = ["PACKAGE"] if kind == "PACKAGE" else []
        self._before = _BEFORE_STATEMENT | _BEFORE_FIRST_STATEMENT

    @classmethod
    def of(cls, text: str, start: int, lexicon: Lexicon) -> "_Body | None":
        head = text[start : start + _HEAD]
        if "CREATE" not in head[:80].upper():
            return None
        match = _BODY.match(_VERSION_MARK.sub(" ", head).replace("*/", " "))
        return cls(text, lexicon, match["kind"].upper()) if match else None

    def closed(self, start: int, end: int) -> bool:
        """Whether nothing is open any more after `text[start:end]` was read too."""
        previous = ""
        for token in tokens(self._text, start, end, self._lexicon):
            key = token.key
            if self._is_rule:
                self._match_parenthesis(key)
            elif key == "END" and previous != ".":
                del self._open[-1:]
            elif previous != "." and (previous != "END" or key == "BEGIN"):  # END IF closes what IF opened
                self._match_opener(key, previous)
            previous = key
        self._before = _BEFORE_STATEMENT
        return not self._open

    def _match_parenthesis(self, key: str) -> None:
        if key == "(":
            self._open.append(key)
        elif key == ")":
            del self._open[-1:]

    def _match_opener(self, key: str, previous: str) -> None:
        in_expression = self._open[-1:] == [_EXPRESSION]
        begins = previous in self._before and not in_expression
        if key == "BEGIN" or (begins and key in _OPENS_STATEMENT):
            self._open.append(key)
        elif key == "CASE":
            self._open.append(key if begins else _EXPRESSION)
