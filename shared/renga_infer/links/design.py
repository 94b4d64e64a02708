"""What the model is told of a schema: tables with their columns and keys, and nothing that says what refers to what.

There are no indexes here: MySQL makes one for each declared foreign key, so a model that saw them in training would
learn the answer by heart and miss it where nothing is declared.
"""

from dataclasses import dataclass
from typing import Final, Literal

Family = Literal["integer", "text", "uuid", "binary", "other"]
"""What a key's values are made of. `other` never takes part in a link: dates, booleans, documents."""

_FAMILIES: Final[dict[str, Family]] = {
    **dict.fromkeys(("tinyint", "smallint", "mediumint", "integer", "bigint", "numeric", "oid"), "integer"),
    **dict.fromkeys(("char", "bpchar", "varchar", "text", "tinytext", "mediumtext", "citext", "name", "enum"), "text"),
    "uuid": "uuid",
    **dict.fromkeys(("binary", "varbinary"), "binary"),
}
_OTHERS: Final = frozenset(
    (
        "boolean",
        "real",
        "double",
        "money",
        "bit",
        "varbit",
        "date",
        "time",
        "timetz",
        "timestamp",
        "timestamptz",
        "interval",
        "year",
        "json",
        "jsonb",
        "jsonpath",
        "xml",
        "longtext",
        "blob",
        "tinyblob",
        "mediumblob",
        "longblob",
        "rowversion",
        "set",
        "inet",
        "cidr",
        "macaddr",
        "geometry",
        "geography",
        "point",
        "tsvector",
        "hierarchyid",
    )
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `type` is a canonical name: `bigint`, `varchar`, or that of a user-defined type."""

    name: str
    type: str
    length: int | None = None
    """Characters or bytes; precision of a number."""
    scale: int = 0
    """Digits after the point."""
    unsigned: bool = False
    nullable: bool = True
    counted: bool = False
    """Whether the engine counts its values up."""
    array: bool = False
    comment: str = ""

    @property
    def family(self) -> str:
        """The family of the type; a user-defined type is a family of its own."""
        if self.array or self.scale or self.type in _OTHERS:
            return "other"
        return _FAMILIES.get(self.type, self.type)


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the order of its columns is their position."""

    name: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    uniques: tuple[tuple[str, ...], ...] = ()
    namespace: str = ""
    comment: str = ""

    @property
    def qualified(self) -> str:
        """The name with its namespace; unique in a design."""
        return f"{self.namespace}.{self.name}" if self.namespace else self.name


@dataclass(frozen=True, slots=True)
class Design:
    """A schema without its foreign keys."""

    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """One column refers to one key. Tables by their qualified names."""

    table: str
    column: str
    target: str
    key: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column} -> {self.target}.{self.key}"
