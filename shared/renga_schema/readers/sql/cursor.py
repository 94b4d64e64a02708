"""Walk over the tokens of one statement. Every grammar rule of the reader is written in terms of this."""

import re
from collections.abc import Collection, Iterator
from typing import Final

from renga_schema.model import Dialect, Origin, Ref
from renga_schema.readers.source import Source
from renga_schema.readers.sql.lexer import END, NAME, NUMBER, STRING, Token
from renga_schema.readers.sql.lexicon import Lexicon
from renga_schema.readers.sql.names import fold, unquote_name, unquote_string

DEEPEST_PARENTHESES: Final = 128
"""A statement with parentheses nested deeper than this is not read."""

_MARKS = re.compile(r"(?P<comment>/\*(?!M?!).*?\*/|--[^\n]*|#[^\n]*)|/\*M?!\d*|\*/", re.DOTALL)
_OPENERS: Final = {"(", "["}
_CLOSERS: Final = {")", "]"}


class Unparsed(Exception):  # noqa: N818 - it is caught at the statement's border and becomes a diagnostic
    """A statement does not follow the grammar; `offset` says where in the source."""

    def __init__(self, message: str, offset: int, *, code: str = "READ-SYNTAX", help_: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.code = code
        self.help = help_


class Cursor:
    """A position among the tokens of one statement, or of one part of it."""

    __slots__ = ("_end", "_index", "_tokens", "lexicon", "source")

    def __init__(self, source: Source, tokens: list[Token], lexicon: Lexicon, start: int, end: int) -> None:
        self.source = source
        self.lexicon = lexicon
        self._tokens = tokens
        self._index = start
        self._end = end

    @property
    def dialect(self) -> Dialect:
        """Whose grammar the tokens follow."""
        return self.lexicon.dialect

    # Looking

    @property
    def key(self) -> str:
        """What stands here; `END` after the last token."""
        return self._tokens[self._index].key if self._index < self._end else END

    @property
    def at_end(self) -> bool:
        """Whether every token was taken."""
        return self._index >= self._end

    def peek(self, distance: int) -> str:
        """The key `distance` tokens further on."""
        index = self._index + distance
        return self._tokens[index].key if index < self._end else END

    def sees(self, *keys: str) -> bool:
        """Whether exactly these keys come next."""
        return all(self.peek(distance) == key for distance, key in enumerate(keys))

    def has(self, key: str) -> bool:
        """Whether this key is anywhere among what is left."""
        return any(self._tokens[index].key == key for index in range(self._index, self._end))

    @property
    def offset(self) -> int:
        """Where in the source the next token starts; at the end, where the last one ended."""
        if self._index < self._end:
            return self._tokens[self._index].start
        return self._tokens[self._end - 1].end if self._end else 0

    @property
    def origin(self) -> Origin:
        """The place of the next token."""
        return self.source.origin(self.offset)

    @property
    def previous(self) -> str:
        """The key that was taken last."""
        return self._tokens[self._index - 1].key if self._index else END

    @property
    def here(self) -> int:
        """A mark for `since` and `back_to`."""
        return self._index

    def back_to(self, mark: int) -> None:
        """Give back every token since the mark."""
        self._index = mark

    def since(self, mark: int) -> str:
        """The source from the marked token to the one before this, as written."""
        return self._between(mark, self._index) if mark < self._index else ""

    def plain(self) -> str:
        """Take all that is left, on one line and without comments."""
        mark, self._index = self._index, self._end
        text, pieces, at = self.source.text, [], None
        for token in self._tokens[mark : self._end]:
            pieces += [" "] * (at is not None and at < token.start) + [text[token.start : token.end]]
            at = token.end
        return "".join(pieces)

    def rest(self) -> str:
        """Take all that is left, as written."""
        mark, self._index = self._index, self._end
        return self.since(mark)

    @property
    def first(self) -> int:
        """Where in the source the statement starts."""
        return self._tokens[0].start

    def whole(self) -> str:
        """The whole statement, as written."""
        return self._between(0, len(self._tokens))

    def _between(self, first: int, last: int) -> str:
        """The source from one token up to another, as MySQL reads it without version comments and ANSI_QUOTES."""
        tokens, text = self._tokens, self.source.text
        found = text[tokens[first].start : tokens[last - 1].end]
        quoted = not self.lexicon.double_quoted_strings and '"' in found
        if self.dialect != "mysql" or not (quoted or "*/" in found):
            return found
        pieces: list[str] = []
        at = tokens[first].start
        for token in tokens[first:last]:
            written = text[token.start : token.end]
            if token.key == NAME and written[0] == '"':
                written = "`{}`".format(unquote_name(written).replace("`", "``"))
            pieces += [_unmarked(text[at : token.start]), written]
            at = token.end
        return "".join(pieces)

    # Taking

    def advance(self) -> Token:
        """Take one token, whatever it is."""
        if self._index >= self._end:
            raise self.error("the statement goes on")
        self._index += 1
        return self._tokens[self._index - 1]

    def accept(self, *keys: str) -> bool:
        """Take these keys if exactly they come next."""
        if self.key != keys[0] or not self.sees(*keys):
            return False
        self._index += len(keys)
        return True

    def accept_any(self, keys: Collection[str]) -> str | None:
        """Take one token if it is among `keys`, and say which it was."""
        key = self.key
        if key not in keys:
            return None
        self._index += 1
        return key

    def accept_tail(self, *keys: str) -> bool:
        """Take these keys from the end of what is left, if exactly they are the last."""
        start = self._end - len(keys)
        if start < self._index or any(self._tokens[start + n].key != key for n, key in enumerate(keys)):
            return False
        self._end = start
        return True

    def expect(self, *keys: str) -> None:
        """Take these keys or fail."""
        for key in keys:
            if not self.accept(key):
                raise self.error(f"{key} is expected")

    def error(self, expectation: str) -> Unparsed:
        """A complaint about what stands here."""
        if self.at_end:
            return Unparsed(f"{_sentence(expectation)}, but the statement ends.", self.offset)
        token = self._tokens[self._index]
        found = self.source.text[token.start : min(token.end, token.start + 40)]
        return Unparsed(f"{_sentence(expectation)}, but {found!r} was found.", token.start)

    def expect_end(self) -> None:
        """Fail where something is left over."""
        if not self.at_end:
            raise self.error("the end of the statement is expected")

    # Names and values

    @property
    def at_name(self) -> bool:
        """Whether a name can be taken here."""
        key = self.key
        return key == NAME or key[0].isalnum() or key[0] in "_@#$" or (key == STRING and self._strings_name())

    def _strings_name(self) -> bool:
        return self.dialect in {"sqlite", "mysql"}

    def name(self) -> str:
        """Take a name, folded as the dialect folds."""
        key = self.key
        if not self.at_name:
            raise self.error("a name is expected")
        token = self.advance()
        written = self.source.text[token.start : token.end]
        if key in {NAME, STRING}:
            name = unquote_name(written)
            if not name:
                self._index -= 1
                raise self.error("a name that is not empty is expected")
            return name
        return fold(written, self.dialect)

    def peek_name(self) -> str:
        """The name that comes next, without taking it."""
        mark = self._index
        name = self.name()
        self._index = mark
        return name

    def dotted(self) -> list[str]:
        """Take a name with its qualifiers: `a.b.c`."""
        names = [self.name()]
        while self.key == "." and self.peek(1) not in {END, "*"}:
            self._index += 1
            if self.key == ".":  # SQL Server: database..table
                continue
            names.append(self.name())
        return names

    def qualified(self) -> Ref:
        """Take an object's name; a database before the schema is left out."""
        *qualifiers, name = self.dotted()
        return Ref(name=name, namespace=qualifiers[-1] if qualifiers else None)

    def names(self) -> tuple[str, ...]:
        """Take a parenthesised list of names."""
        group = self.group()
        names = [group.name()]
        while group.accept(","):
            names.append(group.name())
        if not group.at_end:
            raise group.error("a comma or a closing parenthesis is expected")
        return tuple(names)

    def string(self) -> str:
        """Take a string literal and give its value."""
        if self.dialect == "mssql":
            self.accept("N")
        if self.key != STRING:
            raise self.error("a string is expected")
        token = self.advance()
        return unquote_string(self.source.text[token.start : token.end], backslashes=self.lexicon.backslash_escapes)

    def integer(self) -> int:
        """Take a whole number, perhaps signed; parentheses around it are allowed."""
        if self.key == "(":
            group = self.group()
            return group.integer()
        sign = -1 if self.accept_any("+-") == "-" else 1
        if self.key != NUMBER:
            raise self.error("a number is expected")
        token = self.advance()
        written = self.source.text[token.start : token.end]
        try:
            return sign * int(written)
        except ValueError:
            self._index -= 1
            raise self.error("a whole number is expected") from None

    def value(self) -> str:
        """Take one option's value: a string's content, or one token (with its group) as written."""
        if self.key == STRING:
            return self.string()
        mark = self.here
        if self.key == "(":
            self.skip_group()
            return self.since(mark)
        self.accept_any("+-")
        self.advance()
        while self.key == "." and self.peek(1) != END:
            self._index += 2
        return self.since(mark)

    # Groups

    def group(self) -> "Cursor":
        """Take a parenthesised group and give a cursor over what is inside."""
        if self.key != "(":
            raise self.error("an opening parenthesis is expected")
        start = self._index + 1
        self.skip_group()
        return Cursor(self.source, self._tokens, self.lexicon, start, self._index - 1)

    def skip_group(self) -> None:
        """Take a group in parentheses or brackets, whatever is inside."""
        depth = 0
        tokens = self._tokens
        for index in range(self._index, self._end):
            key = tokens[index].key
            if key in _OPENERS:
                depth += 1
            elif key in _CLOSERS:
                depth -= 1
                if depth == 0:
                    self._index = index + 1
                    return
        raise Unparsed("The parenthesis that opens here is never closed.", self.offset)

    def step(self) -> None:
        """Take one token, or a whole group where one opens."""
        if self.key in _OPENERS:
            self.skip_group()
        else:
            self.advance()

    def skip_to(self, stops: Collection[str]) -> None:
        """Take tokens and groups up to one of `stops` outside parentheses, or up to the end."""
        while not self.at_end and self.key not in stops:
            self.step()

    def statements(self, starts: Collection[str]) -> Iterator["Cursor"]:
        """Cursors over the statements of which what is left consists; each begins with one of `starts`.

        Raises:
            Unparsed: something else stands here.
        """
        while not self.at_end:
            if self.key not in starts:
                raise self.error("the end of the statement is expected")
            start = self._index
            self._index += 1
            self.skip_to(starts)
            found = self._tokens[start : self._index]
            yield Cursor(self.source, found, self.lexicon, 0, len(found))

    def items(self) -> Iterator["Cursor"]:
        """Cursors over the parts between commas, of what is left here."""
        while not self.at_end:
            start = self._index
            self.skip_to({","})
            yield Cursor(self.source, self._tokens, self.lexicon, start, self._index)
            if self.key == ",":
                self._index += 1


def _unmarked(trivia: str) -> str:
    """White space and comments, without what makes a comment a part of the statement."""
    found = _MARKS.sub(lambda match: match["comment"] or "", trivia)
    return " " if found != trivia and not found.strip() else found


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]
