"""A design with its names read: what every candidate's features are computed from, once per schema."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from renga_infer.links.design import Column, Design, Table
from renga_infer.links.naming import (
    Tokens,
    abbreviates,
    common_prefix,
    forms,
    split,
    squash,
    strip_key_words,
    without_prefix,
)
from renga_infer.links.words import ID_WORDS, KEY_WORDS, USERS

_OWN_PREFIX = 0.75
"""A column prefix is a word that this share of a table's columns begin with: `rev_page`, `rev_user` in `revision`."""
PRIMARY: Final = 3
"""A key's kind: its table's primary key."""
UNIQUE: Final = 2
FIRST_OF_SEVERAL: Final = 1
GUESSED: Final = 0
_GLUED = tuple(sorted(KEY_WORDS, key=len, reverse=True))


@dataclass(frozen=True, slots=True)
class LexedColumn:
    """A column's name, read."""

    column: Column
    table: int
    """The index of its table in the design."""
    position: int
    words: Tokens
    """All of them, without the prefix that the table's columns share."""
    stem: Tokens
    """The words without key words: what the column is of."""
    keyed: Tokens
    """The key words."""
    whole: str
    """The name as written, squashed."""

    @property
    def stem_text(self) -> str:
        """The stem as one word."""
        return squash(self.stem)

    @property
    def has_id(self) -> bool:
        """Whether the name says that it identifies something."""
        return not ID_WORDS.isdisjoint(self.keyed)


@dataclass(frozen=True, slots=True)
class LexedTable:
    """A table's name, read."""

    table: Table
    words: Tokens
    """Without the prefix that the schema's tables share, and without doubles: `party_party` is party."""
    full: Tokens

    @property
    def text(self) -> str:
        """The words as one."""
        return squash(self.words)


@dataclass(frozen=True, slots=True)
class Key:
    """What a column can refer to: a column that alone tells the rows of its table apart."""

    column: LexedColumn
    kind: int
    """PRIMARY, UNIQUE, FIRST_OF_SEVERAL, or GUESSED: it only looks like a key."""


class LexedDesign:
    """A design with its names read."""

    def __init__(self, design: Design) -> None:
        self.design = design
        names = [split(table.name) for table in design.tables]
        self.prefix = common_prefix(names)
        self.tables = [
            LexedTable(table, _undoubled(without_prefix(name, self.prefix)), name)
            for table, name in zip(design.tables, names, strict=True)
        ]
        self._vocabulary = self._words_of_tables()
        self.columns: list[list[LexedColumn]] = [
            self._columns(index, table) for index, table in enumerate(design.tables)
        ]
        self.keys: list[list[Key]] = [self._keys(index) for index in range(len(design.tables))]

    @cached_property
    def names(self) -> Counter[str]:
        """In how many tables there is a column of that name, squashed."""
        return Counter(column.whole for columns in self.columns for column in columns)

    @cached_property
    def stems(self) -> Counter[str]:
        """In how many columns of some other name than a bare key there is that stem."""
        return Counter(column.stem_text for columns in self.columns for column in columns if column.stem)

    @cached_property
    def users(self) -> frozenset[int]:
        """The tables of those who log in: those of the fewest words whose last one says so, and no junctions."""
        found = [
            index
            for index, table in enumerate(self.tables)
            if table.words and table.words[-1] in USERS and self.keys[index] and index not in self.junctions
        ]
        if not found:
            return frozenset()
        fewest = min(len(self.tables[index].words) for index in found)
        return frozenset(index for index in found if len(self.tables[index].words) == fewest)

    def is_own(self, key: LexedColumn) -> bool:
        """Whether a key is called `id`, or after its own table."""
        if not key.stem:
            return True
        table = self.tables[key.table]
        own = squash(table.words[-1:])
        return (
            not forms(key.stem_text).isdisjoint(forms(table.text) | forms(own))
            or abbreviates(key.stem_text, table.text, table.words) > 0
        )

    def is_foreign(self, column: LexedColumn) -> bool:
        """Whether a column is called after a table that is not its own."""
        if not column.has_id or not column.stem or self.is_own(column):
            return False
        return self._names_a_table(column)

    def _names_a_table(self, column: LexedColumn) -> bool:
        return any(form in self._vocabulary for form in forms(column.stem_text))

    @cached_property
    def junctions(self) -> frozenset[int]:
        """The tables that only say which rows of others belong together.

        Beside a key they have two columns or more, and all of them, or all but one, are called after other tables.
        """
        return frozenset(index for index in range(len(self.tables)) if self._is_junction(index))

    def _is_junction(self, index: int) -> bool:
        key = self.design.tables[index].primary_key
        own = forms(self.tables[index].text)
        others = [
            column
            for column in self.columns[index]
            if not (len(key) == 1 and column.column.name == key[0]) and column.column.family != "other"
        ]
        named = [
            column
            for column in others
            if column.stem and own.isdisjoint(forms(column.stem_text)) and self._names_a_table(column)
        ]
        return len(named) >= 2 and len(self.columns[index]) - len(named) <= 2 and len(others) - len(named) <= 1

    @cached_property
    def heads(self) -> dict[str, Counter[str]]:
        """Of each column's name, squashed, in how many tables of each first word it stands."""
        found: dict[str, Counter[str]] = {}
        for columns in self.columns:
            for column in columns:
                found.setdefault(column.whole, Counter())[self.head(column.table)] += 1
        return found

    def head(self, table: int) -> str:
        """The first word of a table's name: in many schemas that of its application."""
        return self.tables[table].full[0] if self.tables[table].full else ""

    @cached_property
    def refers(self) -> list[float]:
        """Of each table, the share of its columns that are called after other tables."""
        return [
            sum(self.is_foreign(column) for column in columns) / len(columns) if columns else 0.0
            for columns in self.columns
        ]

    @cached_property
    def named_in(self) -> list[frozenset[int]]:
        """Of each table, those whose whole name is part of its name: `artist` and `label` in `artist_label`."""
        return [frozenset(self._named_in(table.words)) for table in self.tables]

    def _named_in(self, words: Tokens) -> Iterator[int]:
        for start in range(len(words)):
            for end in range(start + 1, len(words) + 1):
                if end - start < len(words):
                    yield from self._by_words.get(_plain(words[start:end]), ())

    @cached_property
    def _by_words(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for index, table in enumerate(self.tables):
            if table.words:
                found.setdefault(_plain(table.words), []).append(index)
        return found

    def _words_of_tables(self) -> frozenset[str]:
        found: set[str] = set()
        for table in self.tables:
            for size in range(len(table.words)):
                for form in forms(squash(table.words[size:])):
                    if len(form) > 2:
                        found.add(form)
        return frozenset(found)

    def _columns(self, index: int, table: Table) -> list[LexedColumn]:
        words = [self._split_glued(split(column.name)) for column in table.columns]
        prefix = _own_prefix(words)
        lexed: list[LexedColumn] = []
        for position, (column, name) in enumerate(zip(table.columns, words, strict=True)):
            own = without_prefix(name, prefix)
            stem, keyed = strip_key_words(own)
            if prefix and not stem and position:
                # `customer_id` amid `customer_name`, `customer_email`: the prefix may be the thing itself.
                stem, keyed = strip_key_words(name)
            lexed.append(LexedColumn(column, index, position, own, stem, keyed, squash(split(column.name))))
        return lexed

    def _split_glued(self, words: Tokens) -> Tokens:
        """`customerid` and `value_customerid` with their id apart, where the schema has a table of that name."""
        if not words:
            return words
        *before, word = words
        if word in KEY_WORDS:
            return words
        for key in _GLUED:
            if len(word) > len(key) + 1:
                if word.endswith(key) and word[: -len(key)] in self._vocabulary:
                    return (*before, word[: -len(key)], key)
                if not before and word.startswith(key) and word[len(key) :] in self._vocabulary:
                    return (key, word[len(key) :])
        if len(word) > 4 and word.endswith("id") and word[:-2] in self._starts:
            return (*before, word[:-2], "id")
        return words

    @cached_property
    def _starts(self) -> frozenset[str]:
        """First words of the tables' names."""
        return frozenset(form for table in self.tables if table.words for form in forms(table.words[0]))

    def _keys(self, index: int) -> list[Key]:
        table = self.design.tables[index]
        columns = {column.column.name: column for column in self.columns[index]}
        found: dict[str, int] = {}
        for kind, key in [(PRIMARY, table.primary_key), *((UNIQUE, unique) for unique in table.uniques)]:
            if len(key) == 1 and key[0] in columns:
                found[key[0]] = max(kind, found.get(key[0], 0))
        if not any(kind == PRIMARY for kind in found.values()):
            if len(table.primary_key) > 1 and table.primary_key[0] in columns:
                found.setdefault(table.primary_key[0], FIRST_OF_SEVERAL)
            guess = self._looks_like_key(index)
            if guess is not None:
                found.setdefault(guess.column.name, GUESSED)
        return [Key(columns[name], kind) for name, kind in found.items() if columns[name].column.family != "other"]

    def _looks_like_key(self, index: int) -> LexedColumn | None:
        """Of a table without a key of its own: what it counts up, or the column named after the table."""
        columns = self.columns[index]
        for column in columns:
            if column.column.counted or column.whole == "id":
                return column
        own = forms(self.tables[index].text)
        for column in columns:
            if column.has_id and (not column.stem or not own.isdisjoint(forms(column.stem_text))):
                return column
        return None


def _plain(words: Tokens) -> str:
    """The words as one, the last one in its shortest form."""
    return squash((*words[:-1], min(forms(words[-1]), key=lambda form: (len(form), form))))


def _undoubled(words: Tokens) -> Tokens:
    return tuple(word for place, word in enumerate(words) if word not in words[:place]) if len(words) > 1 else words


def _own_prefix(columns: list[Tokens]) -> Tokens:
    """The one word that most columns of a table begin with."""
    if len(columns) < 4:
        return ()
    (word, count) = (
        Counter(name[:1] for name in columns if len(name) > 1).most_common(1)[0]
        if any(len(name) > 1 for name in columns)
        else ((), 0)
    )
    return word if count >= _OWN_PREFIX * len(columns) else ()
