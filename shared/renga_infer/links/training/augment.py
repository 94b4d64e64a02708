"""The same schema as others would have named it, so that the model learns links and not one project's style."""

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from renga_infer.links.design import Column, Design, Link, Table
from renga_infer.links.naming import Tokens, split
from renga_infer.links.training.corpus import Example
from renga_infer.links.training.translations import LANGUAGES
from renga_infer.links.words import USERS

_STYLES: Final[dict[str, Callable[[Tokens], str]]] = {
    "snake": "_".join,
    "camel": lambda words: words[0] + "".join(word.capitalize() for word in words[1:]),
    "pascal": lambda words: "".join(word.capitalize() for word in words),
    "upper": lambda words: "_".join(words).upper(),
    "glued": "".join,
}
_PREFIXES: Final = ("wp", "mdl", "app", "tbl", "t", "ps", "sys", "crm", "core", "x")
_ACTORS: Final[tuple[Tokens, ...]] = (
    ("created", "by"),
    ("created", "by", "id"),
    ("create", "uid"),
    ("creator", "id"),
    ("author",),
    ("author", "id"),
    ("owner",),
    ("owner", "id"),
    ("updated", "by"),
    ("write", "uid"),
    ("last", "modified", "by", "id"),
    ("changed", "by", "fk"),
    ("added", "by"),
    ("assigned", "to", "id"),
    ("approved", "by"),
    ("reviewer", "id"),
    ("sender", "id"),
    ("recipient", "id"),
    ("user",),
    ("user", "id"),
    ("uid",),
    ("update", "user", "id"),
    ("responsible", "id"),
    ("manager", "id"),
)
"""What columns are called that refer to those who log in."""
_ROLE: Final = 0.15
"""The share of the other references that are given a role."""
_ROLES: Final = (
    "source",
    "target",
    "default",
    "original",
    "main",
    "from",
    "to",
    "old",
    "new",
    "current",
    "other",
    "base",
)
_KEYS: Final = (("id",), ("fk",), ("no",), ("code",), ("uid",), (), (), ())


def augmented(example: Example, random_: random.Random) -> Example:
    """The example in another style: the case of its names, prefixes, language, names of keys, what is declared a key.

    The links are those of the example, by their new names.
    """
    names = _Names(random_)
    tables: list[Table] = []
    renamed: dict[str, str] = {}
    columns: dict[tuple[str, str], str] = {}
    singular = names.singular(example.design)
    targets = {(link.table, link.column): split(link.target)[-1:] for link in example.links}
    for table in example.design.tables:
        name = names.table(split(table.name), singular=singular)
        qualified = f"{table.namespace}.{name}" if table.namespace else name
        if qualified in renamed.values():
            name, qualified = table.name, table.qualified
        renamed[table.qualified] = qualified
        mapping = names.columns(table, targets)
        columns |= {(table.qualified, old): new for old, new in mapping.items()}
        tables.append(_table(table, name, mapping, names))

    def moved(link: Link) -> Link:
        return Link(
            renamed[link.table],
            columns[link.table, link.column],
            renamed[link.target],
            columns[link.target, link.key],
        )

    return Example(
        example.name,
        Design(tuple(tables)),
        tuple(moved(link) for link in example.links),
        tuple(tuple(moved(link) for link in part) for part in example.composite),
    )


def _table(table: Table, name: str, mapping: dict[str, str], names: "_Names") -> Table:
    def key(columns: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(mapping[column] for column in columns if column in mapping)

    return Table(
        name,
        tuple(_column(column, mapping[column.name], names) for column in table.columns),
        () if names.drops_key() else key(table.primary_key),
        tuple(key(unique) for unique in table.uniques if not names.drops_key()),
        table.namespace,
        table.comment,
    )


def _column(column: Column, name: str, names: "_Names") -> Column:
    return replace(column, name=name, nullable=column.nullable or names.forgets_null, comment="")


class _Names:
    """One style, drawn once for a schema."""

    def __init__(self, random_: random.Random) -> None:
        self._random = random_
        self._tables = _STYLES[random_.choice(("snake", "snake", "camel", "pascal", "upper", "glued"))]
        self._columns = _STYLES[random_.choice(("snake", "snake", "camel", "pascal", "upper", "glued"))]
        self._prefix = random_.choice(_PREFIXES) if random_.random() < 0.3 else None
        self._words = random_.choice(LANGUAGES) if random_.random() < 0.35 else {}
        self._key_words = random_.choice(_KEYS) if random_.random() < 0.4 else None
        self._key_first = random_.random() < 0.15
        self._keys = random_.choice(("kept", "kept", "long", "id"))
        self._number = random_.choice(("kept", "kept", "singular", "plural"))
        self._loose = 0.15 if random_.random() < 0.2 else 0.0
        self._renames_roles = random_.random() < 0.5
        self._actors: dict[Tokens, Tokens] = {}
        self.forgets_null = random_.random() < 0.1

    def singular(self, design: Design) -> bool:
        """Whether most of the tables are named in the singular."""
        last = [split(table.name)[-1:] for table in design.tables]
        return sum(bool(word) and word[0].endswith("s") for word in last) < len(last) / 2

    def drops_key(self) -> bool:
        """Whether this key is not declared."""
        return self._random.random() < self._loose

    def table(self, words: Tokens, *, singular: bool) -> str:
        """A table's new name."""
        if not words:
            return "t"
        *head, last = words
        if self._number == "plural" and singular and not last.endswith("s"):
            last = last[:-1] + "ies" if last.endswith("y") else last + "s"
        if self._number == "singular" and not singular and last.endswith("s") and not last.endswith("ss"):
            last = last[:-3] + "y" if last.endswith("ies") else last[:-1]
        words = (*head, last)
        if self._prefix:
            words = (self._prefix, *words)
        return self._tables(self._translated(words))

    def columns(self, table: Table, targets: Mapping[tuple[str, str], Tokens]) -> dict[str, str]:
        """The new names of a table's columns; those that would be doubles keep their own.

        `targets` is the last word of the table that a column refers to.
        """
        found: dict[str, str] = {}
        for column in table.columns:
            words = split(column.name) or ("c",)
            if words == ("id",) and self._keys == "long" and table.primary_key == (column.name,):
                words = (*_last(table), "id")
            elif self._keys == "id" and table.primary_key == (column.name,) and words[-1] == "id":
                words = ("id",)
            elif len(words) > 1 and words[-1] == "id" and self._key_words is not None:
                words = (*words[:-1], *self._key_words)
            if (target := targets.get((table.qualified, column.name))) and column.name not in table.primary_key:
                words = self._role(words, target)
            if self._key_first and len(words) > 1 and words[-1] in {"id", "fk", "uuid"}:
                words = (words[-1], *words[:-1])
            name = self._columns(self._translated(words))
            found[column.name] = name if name not in found.values() else column.name
        return found

    def _role(self, words: Tokens, target: Tokens) -> Tokens:
        """What a column is called that says as what, and not to what, it refers."""
        if not self._renames_roles:
            return words
        if target and target[0] in USERS:
            # One name for one name: who made a row is called the same in every table.
            return self._actors.setdefault(words, self._random.choice(_ACTORS))
        return (self._random.choice(_ROLES), *words) if self._random.random() < _ROLE else words

    def _translated(self, words: Tokens) -> Tokens:
        return tuple(self._words.get(word) or self._plural(word) for word in words) if self._words else words

    def _plural(self, word: str) -> str:
        if word.endswith("s") and word[:-1] in self._words:
            return self._words[word[:-1]] + "s"
        if word.endswith("ies") and word[:-3] + "y" in self._words:
            return self._words[word[:-3] + "y"] + "s"
        return word


def _last(table: Table) -> Tokens:
    words = split(table.name)[-1:]
    return tuple(word[:-1] if word.endswith("s") and not word.endswith("ss") else word for word in words)
