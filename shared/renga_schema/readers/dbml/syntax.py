"""What the grammar makes of DBML's blocks: definitions, with the offset of each part in the whole text."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias

from lark import Token, Transformer

from renga_schema.readers.grammar import Block, Grammar, Lexis, Malformed, split

_STARTS: Final = {"table": "table", "tablepartial": "table", "enum": "enum", "project": "project", "ref": "ref"}
NOTED: Final = ("tablegroup", "note", "records", "diagramview", "dep", "metadata")
"""What a diagram or a page shows, and no database has."""
IMPORTS: Final = ("use", "reuse")
KEYWORDS: Final = (*_STARTS, *NOTED, *IMPORTS)
_LEXIS: Final = Lexis(
    skipped=r"'''(?:\\.|[^\\])*?(?:'''|\Z)|'(?:\\.|[^'\\\n])*'?|\"(?:\\.|[^\"\\\n])*\"?|`[^`]*(?:`|\Z)",
    header=re.compile(
        r"(?<![^\n])(?:table|tablepartial|tablegroup|enum|project|ref)\b[^\n]*\{[ \t\r]*(?://[^\n]*)?(?=\n|\Z)",
        re.IGNORECASE,
    ),
)
_ESCAPE = re.compile(r"\\(\r?\n|.)", re.DOTALL)
_ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r", "\n": "", "\r\n": ""}


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it is meant: without its quotes."""

    text: str
    offset: int
    quoted: bool = False


Path_: TypeAlias = tuple[Name, ...]
"""A name and what qualifies it: `schema.table.column`."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text in quotes."""

    value: str


@dataclass(frozen=True, slots=True)
class Code:
    """A SQL expression, in backticks."""

    value: str
    offset: int


@dataclass(frozen=True, slots=True)
class Number:
    """A number or a colour, as written."""

    value: str


@dataclass(frozen=True, slots=True)
class Words:
    """Plain words: `set null`, `true`, `status.open`."""

    path: Path_
    rest: tuple[Name, ...]

    @property
    def text(self) -> str:
        """The words, one space between."""
        return " ".join([".".join(name.text for name in self.path), *(name.text for name in self.rest)])


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One side of a reference."""

    table: Path_
    columns: tuple[str, ...]
    offset: int


@dataclass(frozen=True, slots=True)
class Relation:
    """The other side of an inline reference: `> users.id`."""

    operator: str
    target: Endpoint


Value: TypeAlias = Text | Code | Number | Words | Relation


@dataclass(frozen=True, slots=True)
class Setting:
    """`not null`, `default: 1`; the key in lower case."""

    key: str
    value: Value | None
    offset: int


@dataclass(frozen=True, slots=True)
class Link:
    """A reference between two sides."""

    left: Endpoint
    operator: str
    right: Endpoint
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class Type:
    """A column's type: its name, and as a whole without quotes."""

    path: Path_
    written: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column."""

    name: Name
    type: Type
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class Injection:
    """`~partial`: the members of a partial table stand here."""

    name: Name


@dataclass(frozen=True, slots=True)
class Index:
    """An index."""

    parts: tuple[Name | Code, ...]
    settings: tuple[Setting, ...]

    @property
    def offset(self) -> int:
        """Where its first key stands."""
        return self.parts[0].offset


@dataclass(frozen=True, slots=True)
class Check:
    """A check of a table."""

    condition: Code
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """A note."""

    text: str


@dataclass(frozen=True, slots=True)
class Records:
    """Sample data."""

    offset: int


Member: TypeAlias = Column | Injection | Index | Check | Note | Records


@dataclass(frozen=True, slots=True)
class Table:
    """A table or a partial table."""

    path: Path_
    alias: str | None
    settings: tuple[Setting, ...]
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class EnumValue:
    """A label of an enum."""

    name: str
    settings: tuple[Setting, ...]
    offset: int


@dataclass(frozen=True, slots=True)
class Enum:
    """An enum."""

    path: Path_
    values: tuple[EnumValue, ...]
    note: str | None


@dataclass(frozen=True, slots=True)
class Project:
    """What is said of the whole."""

    name: str
    entries: dict[str, Value]
    note: str | None


@dataclass(frozen=True, slots=True)
class Reference:
    """A `Ref` block; it holds one link or, in its long form, several."""

    name: str | None
    settings: tuple[Setting, ...]
    links: tuple[Link, ...]


Definition: TypeAlias = Table | Enum | Project | Reference


class _Syntax(Transformer[Token, Any]):
    """Makes definitions."""

    def path(self, parts: list[Any]) -> Path_:
        *before, last = parts
        return (*(before[0] if before else ()), _name(last))

    def text(self, parts: list[Token]) -> Text:
        return Text(_unquoted(parts[0]))

    def code(self, parts: list[Token]) -> Code:
        return _code(parts[0])

    def number(self, parts: list[Token]) -> Number:
        return Number(str(parts[0]))

    color = number

    def words(self, parts: list[Any]) -> Words:
        return Words(parts[0], tuple(_name(part) for part in parts[1:]))

    def endpoint(self, parts: list[Any]) -> Endpoint:
        path, *columns = parts
        if columns:
            return Endpoint(path, tuple(_name(column).text for column in columns), path[0].offset)
        return Endpoint(path[:-1], (path[-1].text,), path[0].offset)

    def relation(self, parts: list[Any]) -> Relation:
        return Relation(parts[0].strip("?"), parts[1])

    def link(self, parts: list[Any]) -> Link:
        left, operator, right, *settings = parts
        return Link(left, operator.strip("?"), right, settings[0] if settings else ())

    def setting(self, parts: list[Any]) -> Setting:
        words = [part for part in parts if isinstance(part, Token)]
        value = None if isinstance(parts[-1], Token) else parts[-1]
        return Setting(" ".join(_name(word).text for word in words).lower(), value, _at(words[0]))

    def settings(self, parts: list[Setting]) -> tuple[Setting, ...]:
        return tuple(parts)

    def arguments(self, parts: list[Token]) -> str:
        return f"({','.join(parts)})"

    def type(self, parts: list[Any]) -> Type:
        path, *rest = parts
        return Type(path, ".".join(name.text for name in path) + "".join(rest))

    def column(self, parts: list[Any]) -> Column:
        name, type_, *settings = parts
        return Column(_name(name), type_, tuple(each for some in settings for each in some))

    def injection(self, parts: list[Token]) -> Injection:
        return Injection(_name(parts[0]))

    def index(self, parts: list[Any]) -> Index:
        keys = [part for part in parts if isinstance(part, Token)]
        settings = parts[-1] if isinstance(parts[-1], tuple) else ()
        return Index(tuple(_code(key) if key.type == "CODE" else _name(key) for key in keys), settings)

    def check(self, parts: list[Any]) -> Check:
        return Check(_code(parts[0]), parts[1] if len(parts) > 1 else ())

    def indexes(self, parts: list[Any]) -> list[Any]:
        return parts[1:]

    checks = indexes

    def note(self, parts: list[Any]) -> Note:
        return Note(parts[1].value)

    def records(self, parts: list[Token]) -> Records:
        return Records(_at(parts[0]))

    def table(self, parts: list[Any]) -> Table:
        _, path, *rest = parts
        alias = [_name(part) for part in rest if isinstance(part, Token)]
        if alias and alias[0].text.lower() != "as":
            raise Malformed(alias[0].offset, f"{alias[0].text!r} is not expected here; expected `as` or `{{`.")
        members: list[Member] = []
        for part in rest:
            if isinstance(part, list):
                members += part
            elif not isinstance(part, Token | tuple):
                members.append(part)
        settings = next((part for part in rest if isinstance(part, tuple)), ())
        return Table(path, alias[1].text if alias else None, settings, tuple(members))

    def enum_value(self, parts: list[Any]) -> EnumValue:
        return EnumValue(_unquoted(parts[0]), parts[1] if len(parts) > 1 else (), _at(parts[0]))

    def enum(self, parts: list[Any]) -> Enum:
        notes = [part.text for part in parts if isinstance(part, Note)]
        settings = next((part for part in parts[2:] if isinstance(part, tuple)), ())
        values = tuple(part for part in parts if isinstance(part, EnumValue))
        return Enum(parts[1], values, note_of(settings) or (notes[0] if notes else None))

    def entry(self, parts: list[Any]) -> tuple[str, Value]:
        return _name(parts[0]).text.lower(), parts[1]

    def project(self, parts: list[Any]) -> Project:
        names = [_name(part).text for part in parts[1:] if isinstance(part, Token)]
        notes = [part.text for part in parts if isinstance(part, Note)]
        entries: dict[str, Value] = dict(part for part in parts if isinstance(part, tuple))
        return Project(names[0] if names else "project", entries, notes[0] if notes else None)

    def ref(self, parts: list[Any]) -> Reference:
        names = [_name(part).text for part in parts[1:] if isinstance(part, Token)]
        settings = next((part for part in parts if isinstance(part, tuple)), ())
        links = tuple(part for part in parts if isinstance(part, Link))
        return Reference(names[0] if names else None, settings, links)


def note_of(settings: tuple[Setting, ...]) -> str | None:
    """What the setting `note` says."""
    value = next((each.value for each in settings if each.key == "note"), None)
    return value.value if isinstance(value, Text) else value.text if isinstance(value, Words) else None


def _at(token: Token) -> int:
    return token.start_pos or 0


def _name(token: Token) -> Name:
    return Name(_unquoted(token), _at(token), token.startswith('"'))


def _code(token: Token) -> Code:
    return Code(token[1:-1].strip(), _at(token))


def _unquoted(token: str) -> str:
    if token.startswith("'''"):
        return _dedented(_ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), token[3:-3]))
    if token[0] in "'\"":
        return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), token[1:-1])
    return str(token)


def _dedented(text: str) -> str:
    """A block of lines without the indentation that all of them have, and without empty first and last lines."""
    lines = text.replace("\r\n", "\n").split("\n")
    depths = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    depth = min(depths, default=0)
    while lines and not lines[0].strip():
        lines.pop(0)
    while lines and not lines[-1].strip():
        lines.pop()
    return "\n".join(line[depth:].rstrip() for line in lines)


@cache
def _grammar() -> Grammar:
    return Grammar(Path(__file__).with_name("dbml.lark"), sorted(set(_STARTS.values())), _Syntax())


def blocks(text: str) -> list[Block]:
    """The blocks of a text."""
    return list(split(text, _LEXIS))


def parse(text: str, block: Block) -> Definition:
    """Parse a block that is neither noted nor an import.

    Raises:
        Malformed: it does not follow the grammar.
    """
    parsed: Definition = _grammar().parse(text, block, _STARTS[block.keyword])
    return parsed
