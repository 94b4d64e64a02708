"""What the readers of languages made of blocks share: a text cut into its blocks, and a grammar for each of them.

A block is cut out before it is parsed, so that one that is wrong costs nothing but itself, and one that is never closed
ends where the next one clearly begins. The grammars are lark's, in `.lark` files beside their readers.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from lark import Lark, TextSlice, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken
from lark.lark import PostLex
from lark.lexer import BasicLexer, Lexer, LexerState, LexerThread, LineCounter

DEEPEST: Final = 40
"""Levels of brackets in brackets; a schema needs about four."""

MOST_READ_AGAIN: Final = 400_000
"""Characters of wrong blocks, all together, that are read again without their wrong lines."""

_MOST_WRONG_LINES: Final = 10
_LONGEST_NAME: Final = 10_000
"""Characters; what has a name is spoken of by it, again and again."""
_NAMES: Final = {"NAME", "QUOTED", "WORD"}

_NEW_LINE = "_NL"
_OPENING: Final = {"LPAR", "LSQB"}
_CLOSING: Final = {"RPAR", "RSQB"}
_IN_WORDS: Final = {
    _NEW_LINE: "the end of the line",
    "AT": "`@`",
    "COLON": "`:`",
    "COMMA": "`,`",
    "DOC": "a comment",
    "DOT": "`.`",
    "EQUAL": "`=`",
    "LBRACE": "`{`",
    "LPAR": "`(`",
    "LSQB": "`[`",
    "NAME": "a name",
    "NUMBER": "a number",
    "OPTIONAL": "`?`",
    "__ANON_0": "`@@`",
    "QUOTED": "a quoted name",
    "RBRACE": "`}`",
    "RPAR": "`)`",
    "RSQB": "`]`",
    "STRING": "a text in quotes",
    "WORD": "a name",
}
_MOST_NAMED: Final = 4
_BRACE_BELOW = re.compile(r"\s*\{")
_SPACE = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a text that stands for itself: `model User { ... }`, `Ref: a.b > c.d`."""

    keyword: str
    """The word it begins with, in lower case; empty where it begins with none."""
    start: int
    end: int
    lead: int
    """Where the comments begin that stand directly above; `start` where there are none."""


@dataclass(frozen=True, slots=True)
class Lexis:
    """What has to be known of a language to find its blocks."""

    skipped: str
    """A pattern for what may hold brackets that do not count: texts in quotes."""
    header: re.Pattern[str]
    """What begins a block without doubt when it begins a line."""
    goes_on_below: re.Pattern[str] = _BRACE_BELOW
    """What cannot begin a block, so that the one above it goes on."""
    goes_on_after: str = ""
    """Characters that cannot end a block."""
    has_tail: frozenset[str] = frozenset()
    """Keywords of the blocks that go on after their closing brace."""

    def is_unfinished(self, text: str, end: int, below: int) -> bool:
        """Whether a block that has been read up to `end` goes on in the line that begins at `below`."""
        if self.goes_on_below.match(text, below):
            return True
        following = _SPACE.match(text, below).end()  # type: ignore[union-attr]  # it matches everywhere
        return text[end - 1] in self.goes_on_after and not self.header.match(text, following)

    def tokens(self) -> re.Pattern[str]:
        """The pattern that cuts a text."""
        return re.compile(
            r"(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))"
            rf"|(?P<skipped>{self.skipped})"
            r"|(?P<open>[{(\[])|(?P<close>[})\]])|(?P<line>\n)|(?P<word>\w+)|(?P<other>[^\s\w])",
            re.DOTALL,
        )


class Malformed(Exception):  # noqa: N818  it becomes a diagnostic, and a diagnostic is no error of the program
    """A block does not follow the grammar."""

    def __init__(self, offset: int, message: str) -> None:
        super().__init__(message)
        self.offset = offset
        """Characters from the start of the whole text."""


class _Lines(PostLex):
    """Makes line ends count only where they end something: not in brackets, not twice, not before or after `{`."""

    always_accept = ()

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        """The tokens with those line ends only."""
        depth = 0
        ended = True  # nothing is left to end: a line end would be one too many
        pending: Token | None = None
        for token in stream:
            kind = token.type
            _check_length(token)
            if kind in _OPENING or (kind == "LBRACE" and depth):
                depth += 1
                if depth > DEEPEST:
                    raise Malformed(token.start_pos or 0, f"This is nested deeper than {DEEPEST} levels.")
            elif depth and (kind in _CLOSING or kind == "RBRACE"):
                depth -= 1
            elif kind == _NEW_LINE:
                if not (depth or ended):
                    pending, ended = token, True
                continue
            elif depth and kind == "DOC":
                continue
            elif kind == "RBRACE" and not depth and not ended:
                pending = Token.new_borrow_pos(_NEW_LINE, "\n", token)
            if pending is not None and kind != "LBRACE":
                yield pending
            pending = None
            ended = kind == "LBRACE" and not depth
            yield token


class _Offsets(BasicLexer):
    """Cuts a text into tokens that know their offsets alone: to count lines and columns takes as long as to cut."""

    def lex(self, state: LexerState, parser_state: Any) -> Iterator[Token]:
        """The tokens of what is left.

        Raises:
            UnexpectedCharacters: no token begins there.
        """
        text, at = state.text, state.line_ctr.char_pos
        cut, callbacks, ignored = self.scanner.match, self.callback, self.ignore_types
        while at < text.end:
            found = cut(text, at)
            if found is None:
                state.line_ctr.char_pos = at
                raise UnexpectedCharacters(text.text, at, 1, at + 1)  # type: ignore[no-untyped-call]  # lark has half its types
            value, kind = found
            if kind in callbacks:
                yield callbacks[kind](Token(kind, value, at))
            elif kind not in ignored:
                yield Token(kind, value, at)
            at += len(value)


class _FromStart(LexerThread):
    """Lexes a slice without counting the lines before it, which would cost each block all that stands above it."""

    @classmethod
    def from_text(cls, lexer: Lexer, text_or_slice: Any) -> "_FromStart":
        """Begin; lines and columns count from the start of the slice, and offsets from the start of the text."""
        text = TextSlice.cast_from(text_or_slice)
        lines = LineCounter("\n")  # type: ignore[no-untyped-call]  # lark has half its types
        lines.char_pos = lines.line_start_pos = text.start
        return cls(lexer, LexerState(text, lines))


def _check_length(token: Token) -> None:
    if token.type in _NAMES and len(token) > _LONGEST_NAME:
        message = f"This name has {len(token)} characters; at most {_LONGEST_NAME} are read."
        raise Malformed(token.start_pos or 0, message)


@dataclass(frozen=True)
class Grammar:
    """A grammar of blocks, made with the first of them."""

    path: Path
    starts: Mapping[str, str]
    """Keyword of a block -> its start rule."""
    transformer: Transformer[Token, Any]
    """Makes what `parse` returns, while it parses."""

    @cached_property
    def _lark(self) -> Lark:
        return Lark(
            self.path.read_text(),
            parser="lalr",
            lexer="basic",
            start=sorted(set(self.starts.values())),
            transformer=self.transformer,
            postlex=_Lines(),
            maybe_placeholders=False,
            _plugins={"LexerThread": _FromStart, "BasicLexer": _Offsets},
        )

    def parse(self, text: str, block: Block) -> Any:
        """Parse a block; the offsets of its tokens count from the start of the text.

        Raises:
            Malformed: it does not follow the grammar.
        """
        try:
            return self._lark.parse(TextSlice(text, block.start, block.end), start=self.starts[block.keyword])
        except UnexpectedInput as error:
            raise Malformed(_offset(error, block.end), _reason(error)) from error


_Parsed = TypeVar("_Parsed")


class Salvage(Generic[_Parsed]):
    """Reads the blocks of one text without the lines in them that do not follow the grammar."""

    def __init__(self, parse: Callable[[str, Block], _Parsed]) -> None:
        """`parse` raises `Malformed`."""
        self._parse = parse
        self._budget = MOST_READ_AGAIN

    def read(self, text: str, block: Block) -> tuple[_Parsed, list[Malformed]]:
        """The block, and what is wrong with each line that was left out.

        Raises:
            Malformed: without its wrong lines it does not follow the grammar either; what was wrong first.
        """
        wrong: list[Malformed] = []
        kept = text
        while True:
            try:
                return self._parse(kept, block), wrong
            except Malformed as error:
                line = _line_inside(text, block, error.offset)
                self._budget -= block.end - block.start + len(text) // 500
                if line is None or self._budget < 0 or len(wrong) == _MOST_WRONG_LINES:
                    raise (wrong or [error])[0] from None
                wrong.append(error)
                start, end = line
                kept = kept[:start] + " " * (end - start) + kept[end:]


def _line_inside(text: str, block: Block, offset: int) -> tuple[int, int] | None:
    """The line at the offset, or None for the first and the last of a block: they hold its braces."""
    start = text.rfind("\n", block.start, offset) + 1
    end = text.find("\n", offset, block.end)
    return (start, end) if start and end >= 0 and text[start:end].strip() else None


def split(text: str, lexis: Lexis) -> Iterator[Block]:
    """Cut a text into its blocks. A block ends with its last brace, or with the line that closes all its brackets."""
    cutter = _Cutter(text)
    for match in lexis.tokens().finditer(text):
        if match.lastgroup == "line":
            # Once for each gap: below an empty line it has been decided already.
            if cutter.is_closed and not cutter.blank and not lexis.is_unfinished(text, cutter.end, match.end()):
                yield cutter.cut()
            cutter.end_line()
        elif match.lastgroup == "comment" and (match[0][1] == "/" or match[0].endswith("*/")):
            cutter.comment(match.start())
        else:
            if cutter.fresh and cutter.is_open and lexis.header.match(text, match.start()):
                yield cutter.cut()  # it was never closed
            elif cutter.is_complete and cutter.keyword not in lexis.has_tail:
                yield cutter.cut()
            cutter.take(match)
    if cutter.start is not None:
        yield cutter.cut()


class _Cutter:
    """The block that is being read, and how deep in its brackets it is."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.start: int | None = None
        self.fresh = True
        """Nothing but space stands before on this line."""
        self.blank = True
        """Nothing but space stands on this line so far."""
        self._lead: int | None = None
        self.end = self._braces = self._brackets = 0
        self.keyword = ""

    @property
    def is_open(self) -> bool:
        """Whether a bracket of a block waits to be closed."""
        return self.start is not None and bool(self._braces or self._brackets)

    @property
    def is_closed(self) -> bool:
        """Whether there is a block with all its brackets closed."""
        return self.start is not None and not self.is_open

    @property
    def is_complete(self) -> bool:
        """Whether the last brace of a block has just been closed."""
        # Asked at each word: what is seldom so is looked at first.
        return self._text[self.end - 1] == "}" and self.is_closed and self._text[self.start or 0] != "}"

    def end_line(self) -> None:
        """Take a line end; after an empty line, comments belong to nothing below."""
        if self.blank and self.start is None:
            self._lead = None
        self.fresh = self.blank = True

    def comment(self, at: int) -> None:
        """Take a comment; on lines of its own it belongs to the block below."""
        if self.start is None and self._lead is None and self.fresh:
            self._lead = at
        self.blank = False

    def take(self, match: re.Match[str]) -> None:
        """Take what belongs to a block."""
        kind, word = match.lastgroup, match[0]
        if self.start is None:
            self.start = match.start()
            self.keyword = word.lower() if kind == "word" else ""
        if word == "{" and kind == "open":
            self._braces, self._brackets = self._braces + 1, 0
        elif word == "}" and kind == "close":
            self._braces, self._brackets = max(self._braces - 1, 0), 0
        elif kind in {"open", "close"}:
            self._brackets = max(self._brackets + (1 if kind == "open" else -1), 0)
        self.end = match.end()
        self.fresh = self.blank = False

    def cut(self) -> Block:
        """The block as far as it was read; the next one begins."""
        start = self.start or 0
        block = Block(self.keyword, start, self.end, start if self._lead is None else self._lead)
        self.start = self._lead = None
        self._braces = self._brackets = 0
        return block


def _offset(error: UnexpectedInput, end: int) -> int:
    at = error.pos_in_stream
    is_end = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    return max(end - 1, 0) if at is None or is_end else at


def _reason(error: UnexpectedInput) -> str:
    if isinstance(error, UnexpectedCharacters):
        return f"{error.char!r} has no meaning here."
    if not isinstance(error, UnexpectedToken):
        return "The text ends too early."
    expected = sorted({_IN_WORDS.get(name, f"`{name.lower()}`") for name in error.expected})
    wanted = f"; expected {' or '.join(expected)}" if len(expected) <= _MOST_NAMED else ""
    if error.token.type == "$END":
        return f"The block ends too early{wanted}."
    found = "the end of the line" if error.token.type == _NEW_LINE else repr(_shortened(str(error.token)))
    return f"{found[0].upper()}{found[1:]} is not expected here{wanted}."


def _shortened(text: str, most: int = 40) -> str:
    return text if len(text) <= most else f"{text[:most]}..."
