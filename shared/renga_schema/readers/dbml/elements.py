"""The elements of DBML as they were written, with the offset of each part in the whole text."""

from dataclasses import dataclass
from typing import TypeAlias


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
    is_list: bool = False
    """Whether the columns stand in brackets."""


@dataclass(frozen=True, slots=True)
class Relation:
    """The other side of an inline reference: `> users.id`."""

    operator: str
    """`>`, `<`, `-` or `<>`, with `?` on the sides that may be empty."""
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
    again: int | None = None
    """Where a second list of settings stands, which there may not be."""


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
    offset: int


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
    is_name: bool
    """False for a number or a text, which @dbml refuses."""


@dataclass(frozen=True, slots=True)
class Enum:
    """An enum. That it has settings or notes is nothing that @dbml knows; what they say is read."""

    path: Path_
    values: tuple[EnumValue, ...]
    settings: tuple[Setting, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Project:
    """What is said of the whole."""

    name: str
    entries: tuple[Setting, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """A `Ref` block; it holds one link or, in its long form, several."""

    name: str | None
    settings: tuple[Setting, ...]
    links: tuple[Link, ...]
    offset: int


@dataclass(frozen=True, slots=True)
class Group:
    """A group of tables."""

    name: str | None
    settings: tuple[Setting, ...]
    tables: tuple[Path_, ...]


@dataclass(frozen=True, slots=True)
class Sticky:
    """A note that belongs to nothing."""

    name: str | None
    settings: tuple[Setting, ...]
    texts: tuple[Text, ...]


Definition: TypeAlias = Table | Enum | Project | Reference | Group | Sticky


def note_of(settings: tuple[Setting, ...]) -> str | None:
    """What the setting `note` says."""
    value = next((each.value for each in settings if each.key == "note"), None)
    return value.value if isinstance(value, Text) else value.text if isinstance(value, Words) else None
