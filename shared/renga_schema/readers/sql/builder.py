"""The schema while statements still change it: what exists by which name, and how names resolve.

One rule for namespaces: an object is where the source says it is. That is its qualifier, else the namespace that the
source selected (`SET search_path`, `USE`), else None. `public.t` and `t` are the same table in PostgreSQL (so are
`dbo.t` and `t` in SQL Server, `main.t` and `t` in SQLite), and every reference gets the spelling of what it refers to.
"""

from collections.abc import Callable, Iterable
from copy import copy
from difflib import get_close_matches

from renga_schema.model import (
    Column,
    CompositeType,
    DataType,
    Dialect,
    Domain,
    Enum,
    Extension,
    Index,
    Namespace,
    Object,
    Origin,
    Other,
    Policy,
    Ref,
    Routine,
    Sequence,
    Trigger,
    View,
)
from renga_schema.readers.sql.copying import Copies
from renga_schema.readers.sql.cursor import Unparsed
from renga_schema.readers.sql.drafts import TableDraft
from renga_schema.readers.sql.effort import Effort
from renga_schema.readers.sql.names import DEFAULT_NAMESPACES, name_key, object_key
from renga_schema.readers.sql.referrers import Referrers
from renga_schema.readers.sql.shelf import Pile, Shelf, T, apart, same
from renga_schema.report import Loss
from renga_schema.types import CATEGORIES, SYNONYMS, parse

_MOST_SUGGESTIONS = 20
"""So many missing names are compared with those there are: each takes milliseconds, and a broken script has many."""

_MOST_TAKEN_OVER = 250_000
"""Columns that LIKE, INHERITS and partitions may copy: a few lines can ask for millions."""

UserType = Enum | Domain | CompositeType


class Builder:
    """Everything that statements have made so far."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.path: list[str] = []
        """The namespaces in which an unqualified name is looked up, best first."""
        self.recursing = True
        """Whether the ALTER TABLE at hand reaches heirs and partitions too: it does not say ONLY."""
        self.effort = Effort()
        self.tables: Shelf[TableDraft] = Shelf(dialect, self.effort)
        self.views: Shelf[View] = Shelf(dialect, self.effort)
        self.referrers = Referrers(self.effort)
        self.copies = Copies(dialect)
        self.sequences: Shelf[Sequence] = Shelf(dialect, self.effort, _owner)
        self.types: Shelf[UserType] = Shelf(dialect, self.effort)
        self.namespaces: dict[str, Namespace] = {}
        self.extensions: dict[str, Extension] = {}
        self.routines: Pile[Routine] = Pile(self.effort)
        self.triggers: Pile[Trigger] = Pile(self.effort, owner=_table)
        self.policies: Pile[Policy] = Pile(self.effort, owner=_table)
        self.others: Pile[Other] = Pile(self.effort)
        self.losses: list[Loss] = []
        self.relations: dict[str, frozenset[Ref]] = {}
        """What queries name, as far as it was asked."""
        self.key_homes: dict[str, Ref] = {}
        """The partitions that have the constraints of these names, as far as it was asked; some may have gone."""
        self._suggestions = 0
        self._taken_over = 0
        self._hidden: dict[tuple[str, str], TableDraft] = {}
        self._index_homes: dict[tuple[str, str], Ref] = {}

    def copy(self) -> "Builder":
        """Everything as it is now; what statements do later leaves it alone."""
        other = copy(self)
        vars(other).update({name: apart(value) for name, value in vars(self).items()})
        other.referrers = Referrers(self.effort)
        for table in other.tables:
            other.referrers.join(table)
        return other

    def restore(self, state: "Builder") -> None:
        """Be as at the time of a copy, which stays good for another time."""
        vars(self).update(vars(state.copy()))

    # Names

    def home(self, ref: Ref) -> Ref:
        """The full name of an object that a statement is about to make."""
        if ref.namespace is not None or not self.path:
            return ref
        self.effort.spend(len(self.path))
        there = (name for name in self.path if name in self.namespaces or name == DEFAULT_NAMESPACES.get(self.dialect))
        return Ref(name=ref.name, namespace=next(there, self.path[0]))

    def find(self, shelf: Shelf[T], ref: Ref) -> T | None:
        """The object that a name means here, along the search path."""
        if ref.namespace is not None:
            return shelf.get(ref.namespace, ref.name)
        self.effort.spend(4 * len(self.path))
        candidates = (shelf.get(namespace, ref.name) for namespace in (*self.path, None))
        return next((item for item in candidates if item is not None), None)

    def table(self, ref: Ref, offset: int) -> TableDraft:
        """The table that a name means here.

        Raises:
            Unparsed: there is no such table.
        """
        found = self.find(self.tables, ref)
        if found is None:
            raise self.missing("table", ref, offset, self.tables.names())
        return found

    def draft(self, ref: Ref, origin: Origin | None) -> TableDraft:
        """A table to be filled; it is not there before it is `put_table`."""
        return TableDraft(
            name=ref.name, namespace=ref.namespace, dialect=self.dialect, effort=self.effort, origin=origin
        )

    def columns(self, wanted: Callable[[Column], bool]) -> list[tuple[TableDraft, Column]]:
        """Every column that is wanted, with its table."""
        found: list[tuple[TableDraft, Column]] = []
        for table in self.tables:
            self.effort.spend(5 + 3 * len(table.columns))
            found += [(table, column) for column in table.columns.values() if wanted(column)]
        return found

    def sequences_of(self, table: Ref, column: str | None = None) -> list[Sequence]:
        """The sequences that a table owns, or one of its columns."""
        owned = [(each, each.owned_by) for each in self.sequences.of(table.name) if each.owned_by]
        return [each for each, by in owned if same(by[0], table) and column in {None, by[1]}]

    def triggers_of(self, table: Ref) -> list[Trigger]:
        """The triggers of a table or view."""
        return [each for each in self.triggers.of(table.name) if same(each.table, table)]

    def policies_of(self, table: Ref) -> list[Policy]:
        """The policies of a table."""
        return [each for each in self.policies.of(table.name) if same(each.table, table)]

    def referring(self, ref: Ref) -> list[TableDraft]:
        """The tables that have foreign keys to a table."""
        found = self.referrers.of(ref)
        return [table for table in found if any(same(key.target, ref) for key in table.foreign_keys)]

    def column(self, table: TableDraft, name: str, offset: int) -> Column:
        """A column of a table.

        Raises:
            Unparsed: the table has no such column.
        """
        found = table.column(name)
        if found is None:
            known = (column.name for column in table.columns.values())
            raise self.missing(f"column in table {table.ref}", Ref(name=name), offset, known)
        return found

    def missing(self, kind: str, ref: Ref, offset: int, known: Iterable[str]) -> Unparsed:
        """A complaint that something a statement needs does not exist at that point of the script."""
        self._suggestions += 1
        close = get_close_matches(ref.name, list(known), n=1) if self._suggestions <= _MOST_SUGGESTIONS else []
        help_ = f"Did you mean {close[0]!r}?" if close else "It must be created by an earlier statement."
        return Unparsed(f"There is no {kind} called {str(ref)!r} here.", offset, code="READ-MISSING", help_=help_)

    def duplicate(self, kind: str, ref: Ref, offset: int) -> Unparsed:
        """A complaint that something exists already."""
        message = f"There is already a {kind} called {str(ref)!r}."
        return Unparsed(message, offset, code="READ-DUPLICATE", help_="The first one is kept.")

    def target(self, ref: Ref) -> Ref:
        """The name of a table that a foreign key, trigger or policy refers to, created already or not."""
        found = self.find(self.tables, ref) or self.find(self.views, ref)
        return Ref(name=found.name, namespace=found.namespace) if found else self.home(ref)

    def resolve_type(self, type_: DataType) -> DataType:
        """Give a user-defined type the namespace of its definition, and an extension's type its plain name."""
        found = self.find(self.types, Ref(name=type_.name, namespace=type_.namespace))
        if found is not None:
            known = found.namespace == type_.namespace
            return type_ if known else type_.model_copy(update={"namespace": found.namespace})
        if '"' in type_.written and type_.name in SYNONYMS["postgres"].keys() | CATEGORIES.keys() - {"char"}:
            return parse(type_.written.replace('"', ""), "postgres")  # pg_dump --quote-all-identifiers
        if type_.namespace is not None and type_.name in CATEGORIES:
            return type_.model_copy(update={"namespace": None})  # public.citext is what CREATE EXTENSION brought
        return type_

    def take_over(self, columns: int, offset: int) -> None:
        """Count columns that a statement makes or changes in other tables than the one that it spells out.

        Raises:
            Unparsed: there are more of them than a script of any length should cause.
        """
        self._taken_over += columns
        if self._taken_over > _MOST_TAKEN_OVER:
            message = f"More than {_MOST_TAKEN_OVER} columns are copied from one table to another, which is the limit."
            raise Unparsed(message, offset, code="READ-SIZE", help_="Hand in the schema in parts.")

    def has_relation(self, name: str, namespace: str | None) -> bool:
        """Whether a table, view, sequence or index has the name, as only one may in PostgreSQL."""
        shelves = (self.tables, self.views, self.sequences)
        if any(shelf.get(namespace, name) is not None for shelf in shelves):
            return True
        return object_key(namespace, name, self.dialect) in self._index_homes

    # Indexes

    def add_index(self, owner: TableDraft | View, index: Index) -> None:
        """Put an index on a table or a materialised view."""
        if isinstance(owner, TableDraft):
            owner.indexes[name_key(index.name, self.dialect)] = index
        else:
            self.effort.spend(10 * len(owner.indexes))
            self.views.put(owner.model_copy(update={"indexes": (*owner.indexes, index)}))
        self._index_homes[object_key(owner.namespace, index.name, self.dialect)] = owner.ref

    def index_home(self, ref: Ref) -> TableDraft | View | None:
        """The table or view that has an index of that name; an index is where its table is."""
        for namespace in (ref.namespace,) if ref.namespace else (*self.path, None):
            home = self._index_homes.get(object_key(namespace, ref.name, self.dialect))
            if home is not None:
                return self.tables.get(home.namespace, home.name) or self.views.get(home.namespace, home.name)
        return None

    def replace_index(self, owner: TableDraft | View, index: Index, new: Index | None) -> None:
        """Put `new` in the place of `index`, or take `index` away."""
        self._index_homes.pop(object_key(owner.namespace, index.name, self.dialect), None)
        if isinstance(owner, TableDraft):
            owner.replace_index(index, new)
        else:
            self.effort.spend(len(owner.indexes))
            indexes = [each if each is not index else new for each in owner.indexes]
            kept = tuple(each for each in indexes if each is not None)
            self.views.put(owner.model_copy(update={"indexes": kept}))
        if new is not None:
            self._index_homes[object_key(owner.namespace, new.name, self.dialect)] = owner.ref

    def find_index(self, ref: Ref, owner: TableDraft | None = None) -> tuple[TableDraft | View, Index] | None:
        """An index by name, with the table or view that has it; MySQL's statements name the table too."""
        home = owner or self.index_home(ref)
        if home is None:
            return None
        if isinstance(home, TableDraft):
            index = home.index(ref.name)
        else:
            self.effort.spend(len(home.indexes))
            index = next((each for each in home.indexes if each.name == ref.name), None)
        return (home, index) if index else None

    def home_indexes(self, table: TableDraft) -> None:
        """Note where the indexes of a table are, whatever it was called before."""
        for index in table.indexes.values():
            self._index_homes[object_key(table.namespace, index.name, self.dialect)] = table.ref

    def drop_index(self, ref: Ref, owner: TableDraft | None = None) -> bool:
        """Remove an index; say whether there was one."""
        found = self.find_index(ref, owner)
        if found is not None:
            self.replace_index(*found, None)
        return found is not None

    def rename_index(self, ref: Ref, new: str, owner: TableDraft | None = None) -> bool:
        """Give an index another name; say whether there was one."""
        found = self.find_index(ref, owner)
        if found is not None:
            self.replace_index(*found, found[1].model_copy(update={"name": new}))
        return found is not None

    # Removal

    def is_temporary(self, ref: Ref) -> bool:
        """Whether there is a temporary table of that name."""
        table = self.find(self.tables, ref)
        return table is not None and table.persistence == "temporary"

    def put_table(self, table: TableDraft) -> None:
        """Add a table; MySQL's temporary one hides that of its name until it is dropped, or the script ends."""
        known = self.tables.get(table.namespace, table.name)
        if self.dialect == "mysql" and known is not None:
            if table.persistence == "temporary" and known.persistence != "temporary":
                self._hidden[object_key(table.namespace, table.name, self.dialect)] = known
            else:
                self.drop_table(known, cascade=False)
        self._put(table, instead_of=known)

    def _put(self, table: TableDraft, *, instead_of: TableDraft | None) -> None:
        if instead_of is not None:
            self.referrers.leave(instead_of)
        self.tables.put(table)
        self.referrers.join(table)

    def empty(self, namespace: str, *, cascade: bool) -> None:
        """Remove everything in a namespace."""
        spellings = {namespace, None} if namespace == DEFAULT_NAMESPACES.get(self.dialect) else {namespace}
        for table in self.tables:
            if table.namespace in spellings:
                self.drop_table(table, cascade=cascade)
        for shelf in (self.views, self.sequences, self.types):
            for item in shelf:
                if item.namespace in spellings:
                    shelf.remove(item)  # type: ignore[arg-type]  # it came from this shelf
        self.routines.keep(lambda each: each.namespace not in spellings)
        self.others.keep(lambda each: each.namespace not in spellings)

    def drop_table(self, table: TableDraft, *, cascade: bool) -> None:
        """Remove a table with what cannot live without it, as the engine does."""
        hidden = self._hidden.pop(object_key(table.namespace, table.name, self.dialect), None)
        if hidden is not None:
            self._put(hidden, instead_of=table)
            return
        waiting = [table]
        while waiting:
            gone = waiting.pop()
            self._drop_table(gone)
            if self.dialect == "postgres":
                for other in self.referrers.of(gone.ref):
                    if other.partition_of and same(other.partition_of.parent, gone):
                        waiting.append(other)
                    if cascade:
                        other.foreign_keys = [key for key in other.foreign_keys if not same(key.target, gone)]

    def _drop_table(self, table: TableDraft) -> None:
        self.tables.remove(table)
        self.referrers.leave(table)
        ref = table.ref
        for index in table.indexes.values():
            self._index_homes.pop(object_key(ref.namespace, index.name, self.dialect), None)
        for trigger in self.triggers_of(ref):
            self.triggers.remove(trigger)
        for policy in self.policies_of(ref):
            self.policies.remove(policy)
        for sequence in self.sequences_of(ref):
            self.sequences.remove(sequence)

    # The end

    def reveal(self) -> None:
        """Put back what temporary tables hid: they go with the session."""
        for table in self._hidden.values():
            self.tables.put(table)

    def lose(self, object_: Object | TableDraft | str, feature: str, instead: str, origin: Origin | None) -> None:
        """Enter something into the loss ledger."""
        name = object_ if isinstance(object_, str) else str(object_.ref)
        self.losses.append(Loss(object=name, feature=feature, instead=instead, origin=origin))


def _owner(sequence: Sequence) -> str | None:
    return sequence.owned_by[0].name if sequence.owned_by else None


def _table(item: Trigger | Policy) -> str:
    return item.table.name
