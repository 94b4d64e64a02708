"""A schema looked up the way its engine does: names folded, the default namespace, inherited columns, usable keys."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Final

from renga_schema.model import Column, Dialect, ForeignKey, Key, PrimaryKey, Ref, Schema, Table
from renga_schema.report import Proposal

_DEFAULT_NAMESPACE: Final[dict[Dialect | None, str]] = {"postgres": "public", "sqlite": "main", "mssql": "dbo"}

_Key = tuple[str | None, str]


class Catalog:
    """Answers by name about one schema; every answer is computed once."""

    def __init__(self, schema: Schema, *, unread: Iterable[str] = (), proposals: Sequence[Proposal] = ()) -> None:
        """`unread` names what the source has and the schema could not hold: `orders`, `public.orders`.

        `proposals` are foreign keys that it does not declare and somebody believes in.
        """
        self.schema = schema
        self.proposals = tuple(proposals)
        self._unread = frozenset(unread)
        self.dialect = schema.dialect
        self._default_namespace = _DEFAULT_NAMESPACE.get(schema.dialect)
        # PostgreSQL's reader has folded what was not quoted; the others compare without regard to case.
        self._folds = schema.dialect in {"mysql", "sqlite", "mssql"}
        self._columns: dict[_Key, dict[str, Column]] = {}
        self._unique_keys: dict[_Key, frozenset[frozenset[str]]] = {}

    def fold(self, name: str) -> str:
        """The form of a name in which equal names are equal."""
        return name.lower() if self._folds else name

    def fold_all(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Each name, folded."""
        return tuple(name.lower() for name in names) if self._folds else names

    def key(self, ref: Ref) -> _Key:
        """What identifies the object: its namespace (None for the default one) and its name, both folded."""
        namespace = None if ref.namespace is None else self.fold(ref.namespace)
        return (None if namespace == self._default_namespace else namespace, self.fold(ref.name))

    @cached_property
    def _tables(self) -> dict[_Key, Table]:
        return {self.key(table.ref): table for table in self.schema.tables}

    def table(self, ref: Ref) -> Table | None:
        """The table of that name, or None."""
        return self._tables.get(self.key(ref))

    def is_unread(self, ref: Ref) -> bool:
        """Whether the source is known to have such an object though the schema does not."""
        return str(ref) in self._unread or ref.name in self._unread

    def parents(self, table: Table) -> list[Table]:
        """The tables that this one inherits from or is a partition of, as far as they are in the schema."""
        refs = [*table.inherits, *([table.partition_of.parent] if table.partition_of else [])]
        return [parent for ref in refs if (parent := self.table(ref)) and parent is not table]

    def columns(self, table: Table) -> dict[str, Column]:
        """The table's columns by folded name, those of its parents included."""
        key = self.key(table.ref)
        if key not in self._columns:
            self._columns[key] = {}  # ends a cycle of parents, which no engine accepts but a file can say
            inherited = {
                name: column for parent in self.parents(table) for name, column in self.columns(parent).items()
            }
            self._columns[key] = inherited | {self.fold(column.name): column for column in table.columns}
        return self._columns[key]

    def column(self, table: Table, name: str) -> Column | None:
        """The column of that name, own or inherited, or None."""
        return self.columns(table).get(self.fold(name))

    def keys(self, table: Table) -> tuple[Key, ...]:
        """The primary key and the unique constraints; a partition has those of its parent too."""
        keys: list[Key] = []
        seen: set[_Key] = set()
        current: Table | None = table
        while current and (key := self.key(current.ref)) not in seen:
            seen.add(key)
            keys += [*([current.primary_key] if current.primary_key else []), *current.uniques]
            current = self.table(current.partition_of.parent) if current.partition_of else None
        return tuple(keys)

    def unique_keys(self, table: Table) -> frozenset[frozenset[str]]:
        """The sets of folded column names that identify a row: keys, and unique indexes that cover every row."""
        key = self.key(table.ref)
        if key not in self._unique_keys:
            columns = [constraint.columns for constraint in self.keys(table)]
            columns += [
                tuple(part.column for part in index.parts if part.column)
                for index in table.indexes
                if index.unique and index.predicate is None and all(part.column for part in index.parts)
            ]
            self._unique_keys[key] = frozenset(frozenset(self.fold_all(names)) for names in columns)
        return self._unique_keys[key]

    def referred_columns(self, foreign_key: ForeignKey) -> tuple[str, ...]:
        """The columns that the foreign key refers to; empty where they follow from a key that is not there."""
        if foreign_key.referred_columns:
            return foreign_key.referred_columns
        target = self.table(foreign_key.target)
        if target is None:
            return ()
        primary = next((key for key in self.keys(target) if isinstance(key, PrimaryKey)), None)
        return primary.columns if primary else ()
