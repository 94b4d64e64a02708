"""A table while statements still change it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from itertools import islice
from operator import attrgetter
from typing import Any, Literal, TypeVar

from renga_schema.model import (
    Check,
    Column,
    Constraint,
    Dialect,
    Exclusion,
    ForeignKey,
    Index,
    IndexPart,
    Key,
    Options,
    Origin,
    Partitioning,
    PartitionOf,
    PrimaryKey,
    Ref,
    Table,
    Unique,
)
from renga_schema.readers.sql.counting import counting_elsewhere
from renga_schema.readers.sql.effort import Effort
from renga_schema.readers.sql.expressions import mentions
from renga_schema.readers.sql.implied_names import ConstraintNames, implied_names
from renga_schema.readers.sql.names import name_key
from renga_schema.readers.sql.referrers import Referrers, names_of_referred

_MOST_KEYS = 64
"""MySQL allows no more keys in a table."""

_REWRITE = 100
"""The steps that it takes to change a key or an index."""

_SNAPSHOT = 30
_DRAFT = 70
"""The steps that it takes to remember how a table is, and to make another one of that."""

_COPIED = 16
"""So many columns, keys and indexes are remembered in one step."""

_K = TypeVar("_K", bound=Key)
_C = TypeVar("_C", bound=Constraint)


@dataclass(slots=True, kw_only=True)
class TableDraft:
    """The parts of a `Table`, each of them frozen, in lists that are not."""

    name: str
    namespace: str | None
    dialect: Dialect
    effort: Effort
    origin: Origin | None = None
    columns: dict[str, Column] = field(default_factory=dict)
    """By the key of the column's name."""
    primary_key: PrimaryKey | None = None
    uniques: list[Unique] = field(default_factory=list)
    foreign_keys: list[ForeignKey] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    exclusions: list[Exclusion] = field(default_factory=list)
    awaited: list[str] = field(default_factory=list)
    """Columns that may not be null once a parent brings them: PostgreSQL 18 says so before it names the parent."""
    indexes: dict[str, Index] = field(default_factory=dict)
    """By the key of the index's name."""
    index_numbers: dict[str, int] = field(default_factory=dict)
    """The next number to try for the names that the engine makes up, by what they begin with."""
    named: ConstraintNames = field(default_factory=ConstraintNames)
    partitioning: Partitioning | None = None
    partition_of: PartitionOf | None = None
    inherits: list[Ref] = field(default_factory=list)
    persistence: Literal["permanent", "unlogged", "temporary"] = "permanent"
    row_security: Literal["off", "on", "forced"] = "off"
    module: str | None = None
    strict: bool = False
    without_rowid: bool = False
    engine: str | None = None
    charset: str | None = None
    collation: str | None = None
    owner: str | None = None
    comment: str | None = None
    options: Options = field(default_factory=dict)
    referrers: Referrers | None = None
    """Who is to know what it refers to, while it is there."""

    @property
    def ref(self) -> Ref:
        """The qualified name."""
        return Ref(name=self.name, namespace=self.namespace)

    def spend(self, steps: int) -> None:
        """Count steps for each column, key and index; see `Effort`."""
        parts = (self.columns, self.uniques, self.foreign_keys, self.checks, self.exclusions, self.indexes)
        self.effort.spend(steps * sum(map(len, parts)))

    # Columns

    def column(self, name: str) -> Column | None:
        """The column that the dialect takes this name for."""
        return self.columns.get(name_key(name, self.dialect))

    def spelled(self, name: str) -> str:
        """A column's name as the column itself spells it."""
        column = self.column(name)
        return column.name if column else name

    def put(self, column: Column) -> None:
        """Add a column, or replace the one of that name."""
        self.columns[name_key(column.name, self.dialect)] = column

    def place(self, column: Column, *, after: str | None) -> None:
        """Move a column behind another one, or to the front (MySQL's AFTER and FIRST)."""
        self.effort.spend(3 * len(self.columns))
        key = name_key(column.name, self.dialect)
        self.columns.pop(key, None)
        if after is None:
            self.columns = {key: column} | self.columns
            return
        at = list(self.columns).index(name_key(after, self.dialect)) + 1
        others = iter(self.columns.items())
        self.columns = dict([*islice(others, at), (key, column), *others])

    def inherit_columns(self, parent: "TableDraft") -> None:
        """Put the parent's columns before one's own; where both have a column, the two are merged."""
        own, self.columns = self.columns, {}
        for key, inherited in parent.columns.items():
            column = counting_elsewhere(inherited)
            if column.comment is not None:
                column = column.model_copy(update={"comment": None})
            if (mine := own.pop(key, None)) is not None:
                merged = {
                    "nullable": mine.nullable and column.nullable,
                    "default": mine.default or column.default,
                    "generated": mine.generated or column.generated,
                }
                column = mine.model_copy(update=merged)
            self.columns[key] = column
        self.columns |= own
        self.forbid_nulls(tuple(self.awaited))
        self.awaited = [name for name in self.awaited if self.column(name) is None]

    def rename_column(self, old: str, new: str) -> None:
        """Give a column another name, here and in the keys and indexes of this table."""
        self.settle_names()
        self.spend(5)
        old_key = name_key(old, self.dialect)
        if old_key in self.columns:
            keys, columns = list(self.columns), list(self.columns.values())
            at = keys.index(old_key)
            keys[at], columns[at] = name_key(new, self.dialect), columns[at].model_copy(update={"name": new})
            self.columns = dict(zip(keys, columns, strict=True))

        def renamed(name: str) -> str:
            return new if name_key(name, self.dialect) == old_key else name

        def concerns(names: tuple[str, ...]) -> bool:
            found = old_key in (names if self.dialect == "postgres" else map(str.casefold, names))
            if found:
                self.effort.spend(_REWRITE)
            return found

        self._rewrite_columns(renamed, concerns)

    def _rewrite_columns(self, renamed: Callable[[str], str], concerns: Callable[[tuple[str, ...]], bool]) -> None:
        """Apply a function to the column names that keys and indexes of this table mention, where it concerns them."""
        if self.primary_key:
            self.primary_key = _renamed_key(self.primary_key, renamed)
        self.uniques = [
            _renamed_key(each, renamed) if concerns(each.columns) or concerns(each.include) else each
            for each in self.uniques
        ]
        self.foreign_keys = [
            each.model_copy(update={"columns": tuple(map(renamed, each.columns))}) if concerns(each.columns) else each
            for each in self.foreign_keys
        ]
        for key, index in self.indexes.items():
            names = tuple([part.column for part in index.parts if part.column])
            if concerns(names) or concerns(index.include):
                parts = tuple(_renamed_part(part, renamed) for part in index.parts)
                include = tuple(map(renamed, index.include))
                self.indexes[key] = index.model_copy(update={"parts": parts, "include": include})

    def _mentioned(self) -> Iterator[str]:
        if self.primary_key:
            yield from self.primary_key.columns
        for unique in self.uniques:
            yield from unique.columns
        for foreign in self.foreign_keys:
            yield from foreign.columns
        for index in self.indexes.values():
            yield from (part.column for part in index.parts if part.column)
            yield from index.include

    def drop_column(self, name: str) -> None:
        """Remove a column, with the keys and indexes that need it; MySQL only takes it out of them."""
        self.spend(10)
        key = name_key(name, self.dialect)
        self.columns.pop(key, None)

        def without(columns: tuple[str, ...]) -> bool:
            return key not in {name_key(column, self.dialect) for column in columns}

        if self.primary_key and not without(self.primary_key.columns):
            self.primary_key = None
        self.uniques = [unique for unique in self.uniques if without(unique.columns)]
        self.foreign_keys = [foreign for foreign in self.foreign_keys if without(foreign.columns)]
        self.checks = [check for check in self.checks if not mentions(check.expression, name)]
        self.exclusions = [
            each for each in self.exclusions if without(tuple(part.column for part in each.parts if part.column))
        ]
        kept = {}
        for index_key, index in self.indexes.items():
            parts = tuple(part for part in index.parts if part.column is None or without((part.column,)))
            expressions = [*(part.expression for part in parts), index.predicate]
            if any(expression is not None and mentions(expression, name) for expression in expressions):
                continue
            if len(parts) == len(index.parts):
                kept[index_key] = index
            elif parts and self.dialect == "mysql":
                kept[index_key] = index.model_copy(update={"parts": parts})
        self.indexes = kept
        self.index_numbers.clear()

    # Constraints

    def add(self, constraint: Constraint) -> None:
        """Put a constraint where its kind belongs. A primary key makes its columns NOT NULL, except in SQLite."""
        match constraint:
            case PrimaryKey():
                self.primary_key = constraint
                if self.dialect != "sqlite":
                    self.forbid_nulls(constraint.columns)
            case Unique():
                self.uniques.append(constraint)
            case ForeignKey():
                self.foreign_keys.append(constraint)
                self.refers_to(constraint.target.name)
            case Check():
                self.checks.append(constraint)
            case Exclusion():
                self.exclusions.append(constraint)
            case _:
                raise TypeError(f"{type(constraint).__name__} is no constraint of a table")

    def drop_redundant_uniques(self) -> None:
        """Make one constraint of several that say the same, as PostgreSQL and SQLite do; the primary key stays."""
        kept: list[Unique] = []
        key = self.primary_key
        counting = self.column(key.columns[0]) if key and self.dialect == "sqlite" else None  # no index backs a rowid
        seen = {self._said(key)} if key and not (counting and counting.identity) else set()
        for unique in self.uniques:
            said = self._said(unique)
            if said not in seen or unique.include or unique.deferrable or unique.nulls_not_distinct:
                kept.append(unique)
                seen.add(said)
        self.uniques = kept

    def _said(self, key: Key) -> tuple[str, ...]:
        return (key.options.get("keys", ""), *(name_key(name, self.dialect) for name in key.columns))

    def forbid_nulls(self, names: tuple[str, ...]) -> None:
        """Make columns NOT NULL."""
        for name in names:
            column = self.column(name)
            if column and column.nullable:
                self.put(column.model_copy(update={"nullable": False}))

    def constraints(self) -> list[Constraint]:
        """All constraints, in no promised order."""
        keys: list[Constraint] = [self.primary_key] if self.primary_key else []
        return [*keys, *self.uniques, *self.foreign_keys, *self.checks, *self.exclusions]

    def constraint(self, name: str) -> Constraint | None:
        """The constraint of that name, be the name written or the one that the engine gives."""
        return self.named.find(self, name)

    def settle_names(self) -> None:
        """Give unnamed constraints the names that the engine gave them: what changes later does not change those."""
        self.spend(1)
        settled = implied_names(self) if self.dialect in {"postgres", "mysql"} else []
        names = {id(constraint): name for constraint, name in settled}
        if self.dialect == "mysql":
            names.pop(id(self.primary_key), None)

        def named(constraint: _C) -> _C:
            name = names.get(id(constraint))
            return constraint.model_copy(update={"name": name}) if name else constraint

        self.primary_key = self.primary_key and named(self.primary_key)
        self.uniques = list(map(named, self.uniques))
        self.foreign_keys = list(map(named, self.foreign_keys))
        self.checks = list(map(named, self.checks))
        self.exclusions = list(map(named, self.exclusions))

    def refers_to(self, *names: str) -> None:
        """Let it be found by the names of other tables that it refers to from now on."""
        if self.referrers is not None:
            self.referrers.note(self, *names)

    def snapshot(self) -> dict[str, Any]:
        """What `restore` needs to undo everything that is done to the table from now on."""
        parts = (self.columns, self.uniques, self.foreign_keys, self.checks, self.exclusions, self.indexes)
        self.effort.spend(_SNAPSHOT + sum(map(len, parts)) // _COPIED)
        return {
            name: value.copy() if isinstance(value, list | dict) else value
            for name, value in zip(_KEPT, _KEPT_OF(self), strict=True)
        }

    def copy(self) -> "TableDraft":
        """A draft that goes its own way from now on."""
        self.effort.spend(_DRAFT)
        return TableDraft(**self.snapshot())

    def restore(self, values: dict[str, Any]) -> None:
        """Be as at the time of a snapshot."""
        for name, value in values.items():
            setattr(self, name, value)
        self.refers_to(*names_of_referred(self))

    def replace(self, old: Constraint, new: Constraint | None) -> None:
        """Put `new` in the place of `old`, or take `old` away."""
        self.spend(1)
        if old is self.primary_key:
            self.primary_key = new if isinstance(new, PrimaryKey) else None
            return
        _replace_in(self.uniques, old, new)
        _replace_in(self.foreign_keys, old, new)
        _replace_in(self.checks, old, new)
        _replace_in(self.exclusions, old, new)

    def index(self, name: str) -> Index | None:
        """The index of that name."""
        return self.indexes.get(name_key(name, self.dialect))

    def replace_index(self, old: Index, new: Index | None) -> None:
        """Put `new` in the place of `old`, or take `old` away."""
        old_key = name_key(old.name, self.dialect)
        if new is None:
            del self.indexes[old_key]
            self.index_numbers.clear()
        elif name_key(new.name, self.dialect) == old_key:
            self.indexes[old_key] = new
        else:
            self.effort.spend(5 * len(self.indexes))
            indexes = [new if each is old else each for each in self.indexes.values()]
            self.indexes = {name_key(index.name, self.dialect): index for index in indexes}

    def free_index_name(self, base: str, separator: str, first: int) -> str:
        """`base` or the first free of `base2`, `base3`...; numbers that were taken before are not tried again."""
        uniques = self.uniques[:_MOST_KEYS] if self.dialect == "mysql" else []
        taken = {name_key(unique.name or unique.columns[0], self.dialect) for unique in uniques}
        number = self.index_numbers.get(base, first - 1)
        while True:
            self.effort.spend(10)
            name = base if number < first else f"{base}{separator}{number}"
            number += 1
            key = name_key(name, self.dialect)
            if key not in self.indexes and key not in taken:
                self.index_numbers[base] = number
                return name

    def freeze(self) -> Table:
        """The table as the model knows it; column names in keys are spelled as the columns spell them."""
        if any(self.spelled(name) != name for name in self._mentioned()):
            self._rewrite_columns(self.spelled, bool)
        parts = {name: getattr(self, name) for name in Table.model_fields}
        parts |= {name: tuple(value) for name, value in parts.items() if isinstance(value, list)}
        parts |= {"columns": tuple(self.columns.values()), "indexes": tuple(self.indexes.values())}
        return Table(**parts)


_KEPT = tuple(each.name for each in fields(TableDraft) if each.name not in {"named", "referrers"})
_KEPT_OF = attrgetter(*_KEPT)


def _renamed_part(part: IndexPart, renamed: Callable[[str], str]) -> IndexPart:
    return part.model_copy(update={"column": renamed(part.column)}) if part.column else part


def _renamed_key(key: _K, renamed: Callable[[str], str]) -> _K:
    return key.model_copy(
        update={
            "columns": tuple(map(renamed, key.columns)),
            "include": tuple(map(renamed, key.include)),
            "prefix_lengths": {renamed(name): length for name, length in key.prefix_lengths.items()},
        }
    )


def _replace_in(items: list[_C], old: Constraint, new: Constraint | None) -> None:
    for at, item in enumerate(items):
        if item is old:
            items[at : at + 1] = [new] if isinstance(new, type(item)) else []
            return
