"""What the grammar makes of a Prisma schema's blocks: declarations, with the offset of each part in the whole text."""

import json
import re
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final, TypeAlias

from lark import Token, Transformer

from renga_schema.readers.grammar import Block, Grammar, Lexis, split

_STARTS: Final = {
    "datasource": "datasource",
    "generator": "generator",
    "model": "model",
    "view": "model",
    "type": "model",
    "enum": "enum",
}
KEYWORDS: Final = tuple(_STARTS)
_LEXIS: Final = Lexis(
    skipped=r'"(?:\\.|[^"\\\n])*"?',
    header=re.compile(rf"(?<![^\n])(?:{'|'.join(_STARTS)})[ \t]+\w[\w-]*[ \t]*\{{"),
)
_DOC = re.compile(r"///[ \t]?([^\n]*)")


@dataclass(frozen=True, slots=True)
class Text:
    """`"a text"`."""

    value: str
    offset: int


@dataclass(frozen=True, slots=True)
class Number:
    """`1.50`, as written."""

    value: str
    offset: int


@dataclass(frozen=True, slots=True)
class Word:
    """`true`, `Desc`, `author.address`."""

    value: str
    offset: int


@dataclass(frozen=True, slots=True)
class Call:
    """`now()`, `title(sort: Desc)`."""

    name: str
    arguments: "tuple[Argument, ...]"
    offset: int

    def argument(self, name: str, position: int | None = None) -> "Value | None":
        """The value of that name, or the one without a name in that position."""
        found = next((each.value for each in self.arguments if each.name == name), None)
        if found is None and position is not None:
            unnamed = [each.value for each in self.arguments if each.name is None]
            found = unnamed[position] if position < len(unnamed) else None
        return found

    def items(self, name: str, position: int | None = None) -> "tuple[Value, ...]":
        """The argument's items; what is no list is its only item, as in `@@index(name)`."""
        found = self.argument(name, position)
        return () if found is None else found.items if isinstance(found, Listed) else (found,)

    def text(self, name: str, position: int | None = None) -> str | None:
        """The argument where it is a text."""
        found = self.argument(name, position)
        return found.value if isinstance(found, Text) else None

    def word(self, name: str) -> str | None:
        """The argument where it is a word."""
        found = self.argument(name)
        return found.value if isinstance(found, Word) else None


@dataclass(frozen=True, slots=True)
class Listed:
    """`[a, b]`."""

    items: "tuple[Value, ...]"


@dataclass(frozen=True, slots=True)
class Object:
    """`{ published: true }`."""

    entries: "tuple[Argument, ...]"


Value: TypeAlias = Text | Number | Word | Call | Listed | Object


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument; `name` is None where only its position tells which it is."""

    name: str | None
    value: Value


Attribute: TypeAlias = Call
"""`@default(now())` is a call of `default`; the name of `@db.Text` is `db.Text`."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a model, a view or a composite type."""

    name: str
    offset: int
    type: str
    """A scalar's, enum's, model's or composite type's name; for an unsupported type what the database calls it."""
    type_offset: int
    unsupported: bool
    optional: bool
    many: bool
    attributes: tuple[Attribute, ...]
    comment: str | None

    def attribute(self, name: str) -> Attribute | None:
        """The attribute of that name, or None."""
        return next((each for each in self.attributes if each.name == name), None)


@dataclass(frozen=True, slots=True)
class EnumValue:
    """A value of an enum."""

    name: str
    offset: int
    attributes: tuple[Attribute, ...]
    comment: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """`key = value` of a datasource or generator."""

    name: str
    value: Value
    offset: int


@dataclass(frozen=True)
class Declaration:
    """A whole block."""

    keyword: str
    name: str
    offset: int
    """Where the name stands."""
    fields: tuple[Field, ...]
    values: tuple[EnumValue, ...]
    entries: tuple[Entry, ...]
    attributes: tuple[Attribute, ...]
    comment: str | None

    def attribute(self, name: str) -> Attribute | None:
        """The first block attribute of that name, or None."""
        return self._attributes_by_name.get(name)

    def field(self, name: str) -> Field | None:
        """The field of that name, or None."""
        return self._fields_by_name.get(name)

    def value(self, name: str) -> EnumValue | None:
        """The enum's value of that name, or None."""
        return self._values_by_name.get(name)

    @cached_property
    def _attributes_by_name(self) -> dict[str, Attribute]:
        return {each.name: each for each in reversed(self.attributes)}

    @cached_property
    def _fields_by_name(self) -> dict[str, Field]:
        return {each.name: each for each in reversed(self.fields)}

    @cached_property
    def _values_by_name(self) -> dict[str, EnumValue]:
        return {each.name: each for each in reversed(self.values)}

    def entry(self, name: str) -> Value | None:
        """The value of that key, or None."""
        return next((each.value for each in self.entries if each.name == name), None)

    @property
    def database_name(self) -> str:
        """The name that `@@map` gives, else its own."""
        mapped = self.attribute("map")
        return (mapped and mapped.text("name", 0)) or self.name


def database_name(part: Field | EnumValue) -> str:
    """The name that `@map` gives, else its own."""
    mapped = next((each for each in part.attributes if each.name == "map"), None)
    return (mapped and mapped.text("name", 0)) or part.name


@dataclass(frozen=True, slots=True)
class _Comment:
    """A documentation comment on a line of its own."""

    text: str


class _Syntax(Transformer[Token, Any]):
    """Makes declarations."""

    def doc(self, parts: list[Token]) -> _Comment:
        return _Comment(_doc_text(parts[0]))

    def path(self, parts: list[Token]) -> tuple[str, int]:
        return ".".join(parts), _at(parts[0])

    def text(self, parts: list[Token]) -> Text:
        return Text(_unquoted(parts[0]), _at(parts[0]))

    def number(self, parts: list[Token]) -> Number:
        return Number(str(parts[0]), _at(parts[0]))

    def word(self, parts: list[tuple[str, int]]) -> Word:
        return Word(*parts[0])

    def listed(self, parts: list[Value]) -> Listed:
        return Listed(tuple(parts))

    def object_literal(self, parts: list[Argument]) -> Object:
        return Object(tuple(parts))

    def named(self, parts: list[Any]) -> Argument:
        return Argument(str(parts[0]), parts[1])

    def positional(self, parts: list[Any]) -> Argument:
        return Argument(None, parts[0])

    def arguments(self, parts: list[Argument]) -> tuple[Argument, ...]:
        return tuple(parts)

    def call(self, parts: list[Any]) -> Call:
        (name, offset), *arguments = parts
        return Call(name, arguments[0] if arguments else (), offset)

    attribute = call

    def block_attribute(self, parts: list[Any]) -> Call:
        return self.call([part for part in parts if not isinstance(part, Token)])

    def unsupported(self, parts: list[Token]) -> Text:
        return Text(_unquoted(parts[1]), _at(parts[0]))

    def required(self, parts: list[Any]) -> tuple[Any, bool, bool]:
        return parts[0], False, False

    def optional(self, parts: list[Any]) -> tuple[Any, bool, bool]:
        return parts[0], True, False

    def many(self, parts: list[Any]) -> tuple[Any, bool, bool]:
        return parts[0], len(parts) > 1, True

    def entry(self, parts: list[Any]) -> Entry:
        return Entry(str(parts[0]), parts[1], _at(parts[0]))

    def enum_value(self, parts: list[Any]) -> EnumValue:
        attributes = tuple(part for part in parts if isinstance(part, Call))
        return EnumValue(str(parts[0]), _at(parts[0]), attributes, _trailing(parts))

    def field(self, parts: list[Any]) -> Field:
        name, (written, optional, many) = parts[:2]
        unsupported = isinstance(written, Text)
        return Field(
            name=str(name),
            offset=_at(name),
            type=written.value if unsupported else str(written),
            type_offset=written.offset if unsupported else _at(written),
            unsupported=unsupported,
            optional=optional,
            many=many,
            attributes=tuple(part for part in parts[2:] if isinstance(part, Call)),
            comment=_trailing(parts),
        )

    def model(self, parts: list[Any]) -> Declaration:
        keyword, name, *members = parts
        members = list(_commented(members))
        return Declaration(
            keyword=str(keyword),
            name=str(name),
            offset=_at(name),
            fields=tuple(part for part in members if isinstance(part, Field)),
            values=tuple(part for part in members if isinstance(part, EnumValue)),
            entries=tuple(part for part in members if isinstance(part, Entry)),
            attributes=tuple(part for part in members if isinstance(part, Call)),
            comment=None,
        )

    enum = datasource = generator = model


def _at(token: Token) -> int:
    return token.start_pos or 0


def _commented(members: list[Any]) -> list[Any]:
    """The members, each with the comment lines directly above it."""
    found: list[Any] = []
    above: list[str] = []
    for member in members:
        if isinstance(member, _Comment):
            above.append(member.text)
            continue
        if above and isinstance(member, Field | EnumValue):
            lines = [*above, *([member.comment] if member.comment else [])]
            found.append(replace(member, comment="\n".join(lines)))
        else:
            found.append(member)
        above = []
    return found


def _trailing(parts: list[Any]) -> str | None:
    last = parts[-1]
    return _doc_text(last) if isinstance(last, Token) and last.type == "DOC" else None


def _doc_text(token: str) -> str:
    match = _DOC.match(token)
    return match[1].rstrip() if match else ""


def _unquoted(token: str) -> str:
    try:
        return str(json.loads(token, strict=False))
    except ValueError:  # an escape that JSON does not know
        return token[1:-1]


_GRAMMAR: Final = Grammar(Path(__file__).with_name("prisma.lark"), _STARTS, _Syntax())


def blocks(text: str) -> list[Block]:
    """The blocks of a schema."""
    return list(split(text, _LEXIS))


def parse(text: str, block: Block) -> Declaration:
    """Parse a block that begins with one of `KEYWORDS`.

    Raises:
        Malformed: it does not follow the grammar.
    """
    parsed: Declaration = _GRAMMAR.parse(text, block)
    lines = [match[1].rstrip() for match in _DOC.finditer(text, block.lead, block.start)]
    return replace(parsed, comment="\n".join(lines)) if lines else parsed
