"""Schemas without foreign keys, with what is to be found in them: SQL files with `-- link:` and `-- never:` lines."""

import re
from dataclasses import dataclass
from pathlib import Path

from renga_infer.links import Column, Design, Table
from renga_infer.schemas import design_of
from renga_schema import read

_SAID = re.compile(r"^-- (link|never): (.+)$", re.MULTILINE)
_TYPES = {"int": "integer", "big": "bigint", "text": "varchar", "date": "date", "bool": "boolean", "uuid": "uuid"}


@dataclass(frozen=True)
class Case:
    """A design, the links that are obvious to a person, and columns that refer to nothing."""

    name: str
    design: Design
    links: frozenset[str]
    """As `table.column -> table.key`."""
    never: frozenset[str]
    """As `table.column`."""


def read_case(path: Path) -> Case:
    """The case of a file."""
    text = path.read_text()
    said = _SAID.findall(text)
    return Case(
        path.stem,
        design_of(read(text, file=path.name).schema),
        frozenset(what for kind, what in said if kind == "link"),
        frozenset(what for kind, what in said if kind == "never"),
    )


def design(**tables: str) -> Design:
    """Tables in shorthand: `users="id! email:text"`; `!` is the primary key, `?` unique, no type an integer."""
    return Design(tuple(_table(name, columns.split()) for name, columns in tables.items()))


def _table(name: str, columns: list[str]) -> Table:
    bare = [(column.partition(":")[0].rstrip("!?"), column) for column in columns]
    return Table(
        name,
        tuple(Column(plain, _TYPES[column.partition(":")[2].rstrip("!?") or "int"]) for plain, column in bare),
        primary_key=tuple(plain for plain, column in bare if "!" in column),
        uniques=tuple((plain,) for plain, column in bare if "?" in column),
    )
