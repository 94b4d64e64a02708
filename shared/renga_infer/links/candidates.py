"""Which keys each column may refer to: few enough to look at one by one, and the right one nearly always among them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from renga_infer.links.lexed import UNIQUE, Key, LexedColumn, LexedDesign
from renga_infer.links.naming import forms, split, squash

MOST = 8
"""Candidates of a column that its name finds. Its own table, those of users and those that its table's name or its
comment names come on top."""
_BUCKETS = 2048
_BLOCK = 512


@dataclass(frozen=True, slots=True)
class Candidate:
    """A column and a key that it may refer to."""

    column: LexedColumn
    key: Key
    alike: float
    """How alike the names are in character trigrams: the cosine, 0 to 1."""


def find(lexed: LexedDesign) -> list[Candidate]:
    """Every column's candidates, column by column in the order of the design, the most alike first."""
    keys = [key for of_table in lexed.keys for key in of_table]
    columns = [column for of_table in lexed.columns for column in of_table if _may_refer(column, lexed)]
    if not keys or not columns:
        return []
    numbers = _Alike(lexed, keys)
    found: list[Candidate] = []
    for start in range(0, len(columns), _BLOCK):
        block = columns[start : start + _BLOCK]
        for column, alike in zip(block, numbers.of(block), strict=True):
            found.extend(_of_column(lexed, column, keys, alike, numbers))
    return found


def _may_refer(column: LexedColumn, lexed: LexedDesign) -> bool:
    table = lexed.design.tables[column.table]
    only_key = table.primary_key == (column.column.name,)
    return column.column.family != "other" and not (column.column.counted and (only_key or not table.primary_key))


def _of_column(
    lexed: LexedDesign, column: LexedColumn, keys: list[Key], alike: NDArray[np.float32], numbers: "_Alike"
) -> list[Candidate]:
    family = column.column.family
    fit = numbers.families == numbers.number(family)
    fit &= numbers.own != numbers.place(column)
    places = np.flatnonzero(fit)
    if not len(places):
        return []
    order = places[np.argsort(-alike[places], kind="stable")]
    chosen = [int(place) for place in order[:MOST] if alike[place] > 0]
    wanted = {column.table, *lexed.users, *lexed.named_in[column.table]}
    for word in split(column.column.comment)[:40]:
        for form in forms(word):
            wanted |= numbers.by_name.get(form, frozenset())
    seen = set(chosen)
    for place in places:
        key = keys[place]
        if key.column.table in wanted and int(place) not in seen and key.kind != UNIQUE:
            chosen.append(int(place))
    return [Candidate(column, keys[place], float(alike[place])) for place in chosen]


class _Alike:
    """Character trigrams of the keys of a design, to compare columns with all of them at once."""

    def __init__(self, lexed: LexedDesign, keys: list[Key]) -> None:
        self._lexed = lexed
        self._families: dict[str, int] = {}
        self.families = np.array([self.number(key.column.column.family) for key in keys])
        self.own = np.array([self.place(key.column) for key in keys])
        by_name: dict[str, set[int]] = {}
        for key in keys:
            for form in forms(lexed.tables[key.column.table].text):
                by_name.setdefault(form, set()).add(key.column.table)
        self.by_name = {name: frozenset(tables) for name, tables in by_name.items()}
        texts = [lexed.tables[key.column.table] for key in keys]
        self._names = _vectors([_singular(table.words) for table in texts])
        self._tails = _vectors([_singular(table.words[-1:]) for table in texts])
        self._keyed = _vectors([key.column.whole for key in keys])
        # A key that many tables name alike says nothing of its table.
        counts = np.array([lexed.names[key.column.whole] for key in keys])
        self._telling = np.where(counts > 3, 0.5, 1.0).astype(np.float32)

    def number(self, family: str) -> int:
        """The family as a number."""
        return self._families.setdefault(family, len(self._families))

    @staticmethod
    def place(column: LexedColumn) -> int:
        """One number for a column of the design."""
        return column.table * 100_000 + column.position

    def of(self, columns: list[LexedColumn]) -> NDArray[np.float32]:
        """The cosines, columns by keys."""
        stems = _vectors([_singular(column.stem) for column in columns])
        last = _vectors([_singular(column.stem[-1:]) for column in columns])
        wholes = _vectors([column.whole for column in columns])
        name: NDArray[np.float32] = stems @ self._names.T
        np.maximum(name, 0.9 * (last @ self._names.T), out=name)
        np.maximum(name, 0.8 * (stems @ self._tails.T), out=name)
        np.maximum(name, (wholes @ self._keyed.T) * self._telling, out=name)
        return name


def _singular(words: tuple[str, ...]) -> str:
    text = squash(words)
    return min(forms(text), key=lambda form: (len(form), form)) if text else ""


def _vectors(texts: list[str]) -> NDArray[np.float32]:
    """Unit vectors of the character trigrams, hashed; zero for an empty text."""
    rows = np.zeros((len(texts), _BUCKETS), dtype=np.float32)
    for row, text in enumerate(texts):
        if not text:
            continue
        padded = f"^{text}$"
        for start in range(max(1, len(padded) - 2)):
            rows[row, _bucket(padded[start : start + 3])] += 1
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    rows /= np.where(norms > 0, norms, 1)
    return rows


def _bucket(gram: str) -> int:
    # Not hash(): that differs from process to process.
    number = 0
    for letter in gram:
        number = (number * 31 + ord(letter)) % 1_000_003
    return number % _BUCKETS
