"""References: foreign keys, and the join tables that stand behind many-to-many references.

As DBML's own tools do it: of `a.x > b.y` the key is in a, of `<` in b; of `-` it is in the column that says so, or on
the right of a `Ref`; of `a.x <> b.y` there is a table a_b whose columns a_x and b_y are its key and refer to both (b_a,
where a column of a says so). A `?` on the side that is referred to says that the key may be null; on the other side it
says what is true of every key.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, get_args

from renga_schema.model import Action, Column, ForeignKey, PrimaryKey, Ref, Table
from renga_schema.readers.dbml import elements as s
from renga_schema.readers.dbml import settings as rules
from renga_schema.readers.dbml.tables import InlineReference, ref
from renga_schema.readers.findings import Findings

_ACTIONS: Final[tuple[Action, ...]] = get_args(Action)


@dataclass(frozen=True, slots=True)
class _Side:
    """Columns of a table."""

    table: Ref
    columns: tuple[str, ...]


class References:
    """Gives the tables their foreign keys, and makes join tables."""

    def __init__(
        self,
        tables: Iterable[Table],
        aliases: dict[str, Ref],
        damaged: frozenset[Ref],
        unread: frozenset[str],
        findings: Findings,
    ) -> None:
        """`damaged` are tables that may have more columns than were read, `unread` those that were not read at all."""
        self._tables = {table.ref: table for table in tables}
        self._aliases = aliases
        self._damaged = damaged
        self._unread = unread
        self._findings = findings
        self._keys: dict[Ref, list[ForeignKey]] = {}
        self._joined: dict[Ref, Table] = {}
        self._unique: dict[Ref, set[frozenset[str]]] = {}
        self._numbers: dict[str, int] = {}
        self._names = {table.name for table in self._tables.values()}
        self._related: set[frozenset[_Side]] = set()

    def tables(self) -> list[Table]:
        """The tables with their foreign keys, and the join tables."""
        found = [
            table.model_copy(update={"foreign_keys": tuple(self._keys.get(table.ref, ()))})
            for table in self._tables.values()
        ]
        return [*found, *self._joined.values()]

    def inline(self, given: InlineReference) -> None:
        """Take a reference that stands in a column."""
        here = _Side(given.table, (given.column,))
        target = given.relation.target
        if not target.table:  # a column of the same table
            target = s.Endpoint(given.path, target.columns, target.offset)
        there = self._side(target)
        if there is None or not self._is_new(here, there, given.offset):
            return
        operator = given.relation.operator
        if operator.strip("?") == "<":
            self._refer(there, here, None, (), given.offset, may_be_null=operator.startswith("?"))
        elif operator.strip("?") == "<>":
            self._join(there, here, (), given.offset)
        else:
            one = operator.strip("?") == "-"
            self._refer(here, there, None, (), given.offset, one=one, may_be_null=operator.endswith("?"))

    def block(self, given: s.Reference) -> None:
        """Take a `Ref`."""
        path = f"Ref {given.name}" if given.name else "a Ref"
        if given.settings or len(given.links) != 1:
            offset = given.links[1].left.offset if len(given.links) > 1 else given.offset
            message = f"{path} has settings, which belong behind its relation." if given.settings else ""
            message = message or f"{path} holds {len(given.links)} relations; @dbml takes one for each Ref."
            self._say(message, offset, path)
        shared = given.settings
        for link in given.links:
            left, right = self._side(link.left), self._side(link.right)
            if left is None or right is None or not self._is_new(left, right, link.left.offset):
                continue
            if link.left.is_list != link.right.is_list and len(left.columns) == len(right.columns):
                self._say("One side of a relation stands in brackets and the other does not.", link.left.offset, path)
            settings = (*shared, *link.settings)
            shared = _actions_of(shared)  # what is wrong with the others is said once
            rules.check(settings, rules.REFERENCE, f"{left.table}.{','.join(left.columns)}", self._findings)
            operator, offset = link.operator.strip("?"), link.left.offset
            if operator == ">":
                optional = link.operator.endswith("?")
                self._refer(left, right, given.name, settings, offset, may_be_null=optional)
            elif operator == "<>":
                if given.name:
                    self._findings.lose(path, "name of a many-to-many reference", "left out", given.offset)
                self._join(left, right, settings, offset)
            else:
                optional = link.operator.startswith("?")
                self._refer(right, left, given.name, settings, offset, one=operator == "-", may_be_null=optional)

    def _is_new(self, left: _Side, right: _Side, offset: int) -> bool:
        """Whether the two sides differ and are not related yet; otherwise that is said."""
        sides = frozenset((left, right))
        path = f"{left.table}.{','.join(left.columns)}"
        if len(sides) < 2:
            self._say(f"{path} refers to itself.", offset, path)
        elif sides in self._related:
            said = f"{path} and {right.table}.{','.join(right.columns)} are related already; the first is used."
            self._findings.say("DBML-DUPLICATE", said, offset, object_=path, severity="warning")
        else:
            self._related.add(sides)
            return True
        return False

    def _say(self, message: str, offset: int, path: str) -> None:
        self._findings.say("DBML-REF", message, offset, object_=path, severity="warning")

    def _side(self, given: s.Endpoint) -> _Side | None:
        """The side, or None after saying what is not there."""
        if not given.table:
            message = f"{given.columns[0]} names no table."
            self._findings.say("DBML-REF", message, given.offset, help_="Write `table.column`.")
            return None
        place = ref(given.table)
        if len(given.table) == 1:
            place = self._aliases.get(place.name, place)
        table = self._tables.get(place)
        if table is None:
            if str(place) not in self._unread:
                message = f"A reference names the table {place}, which does not exist."
                advice = self._findings.did_you_mean(str(place), (str(each) for each in self._tables))
                self._findings.say("DBML-REF", message, given.offset, object_=str(place), help_=advice)
                return None
            return _Side(place, given.columns)
        for name in given.columns:
            if table.column(name) is None and place not in self._damaged:
                message = f"A reference names the column {place}.{name}, which does not exist."
                advice = self._findings.did_you_mean(name, (each.name for each in table.columns))
                self._findings.say("DBML-REF", message, given.offset, object_=str(place), help_=advice)
                return None
        return _Side(place, given.columns)

    def _refer(
        self,
        source: _Side,
        target: _Side,
        name: str | None,
        settings: tuple[s.Setting, ...],
        offset: int,
        *,
        one: bool = False,
        may_be_null: bool = False,
    ) -> None:
        path = f"{source.table}.{','.join(source.columns)}"
        if len(source.columns) != len(target.columns):
            message = f"A reference relates {len(source.columns)} columns to {len(target.columns)}."
            self._findings.say("DBML-REF", message, offset, object_=path)
            return
        table = self._tables.get(source.table)
        if table is not None and any(table.column(column) is None for column in source.columns):
            return  # its line could not be read, and that has been said
        if one and not self._is_unique(source):
            self._findings.lose(path, "one-to-one", "a foreign key without a unique constraint", offset)
        if may_be_null and not self._has_null(source):
            self._findings.lose(path, "optional reference", "one that is never empty: the column is not null", offset)
        actions = self._actions(settings, path)
        key = ForeignKey(
            name=name,
            origin=self._findings.origin(offset),
            columns=source.columns,
            target=target.table,
            referred_columns=target.columns,
            on_delete=actions["delete"],
            on_update=actions["update"],
        )
        self._keys.setdefault(source.table, []).append(key)

    def _has_null(self, side: _Side) -> bool:
        table = self._tables.get(side.table)
        columns = [table.column(name) for name in side.columns] if table else []
        return any(column is None or column.nullable for column in columns) or not columns

    def _is_unique(self, side: _Side) -> bool:
        if side.table not in self._unique:
            table = self._tables.get(side.table)
            keys = [key.columns for key in (table.primary_key, *table.uniques) if key] if table else []
            indexes = [index for index in table.indexes if index.unique] if table else []
            keys += [tuple(part.column or "" for part in index.parts) for index in indexes]
            self._unique[side.table] = {frozenset(columns) for columns in keys}
        return frozenset(side.columns) in self._unique[side.table]

    def _actions(self, settings: tuple[s.Setting, ...], path: str) -> dict[str, Action]:
        found: dict[str, Action] = {"delete": "no action", "update": "no action"}
        for setting in settings:
            if setting.key not in found:
                continue
            word = setting.value.text.lower() if isinstance(setting.value, s.Words) else ""
            action = next((each for each in _ACTIONS if each == word), None)
            if action is None:
                message = f"{setting.key} of {path} cannot be {word or 'that'}."
                advice = self._findings.did_you_mean(word, _ACTIONS, f"Write {', '.join(_ACTIONS)}.")
                self._findings.say("DBML-SETTING", message, setting.offset, object_=path, help_=advice)
            else:
                found[setting.key] = action
        return found

    def _join(self, left: _Side, right: _Side, settings: tuple[s.Setting, ...], offset: int) -> None:
        """Make the table behind a many-to-many reference."""
        path = f"{left.table} <> {right.table}"
        origin = self._findings.origin(offset)
        actions = self._actions(settings, path)
        columns: list[Column] = []
        keys = []
        for side in (left, right):
            table = self._tables.get(side.table)
            referred = [table.column(name) if table else None for name in side.columns]
            if not all(referred):
                self._findings.lose(path, "many-to-many reference", "left out: a table could not be read", offset)
                return
            taken = {column.name for column in columns}  # the other side's, where a table refers to itself
            made = [
                Column(
                    name=_apart(f"{side.table.name}_{column.name}", taken),
                    origin=origin,
                    type=column.type,
                    nullable=False,
                )
                for column in referred
                if column
            ]
            columns += made
            keys.append(
                ForeignKey(
                    origin=origin,
                    columns=tuple(column.name for column in made),
                    target=side.table,
                    referred_columns=side.columns,
                    on_delete=actions["delete"],
                    on_update=actions["update"],
                )
            )
        namespace = left.table.namespace
        place = Ref(name=self._free_name(f"{left.table.name}_{right.table.name}"), namespace=namespace)
        self._joined[place] = Table(
            name=place.name,
            namespace=place.namespace,
            origin=origin,
            columns=tuple(columns),
            primary_key=PrimaryKey(columns=tuple(column.name for column in columns), origin=origin),
            foreign_keys=tuple(keys),
        )

    def _free_name(self, wanted: str) -> str:
        """The name, or the first of `name(1)`, `name(2)`... that no table has, wherever it is."""
        name = wanted
        while name in self._names:
            self._numbers[wanted] = self._numbers.get(wanted, 0) + 1
            name = f"{wanted}({self._numbers[wanted]})"
        self._names.add(name)
        return name


def _apart(name: str, taken: set[str]) -> str:
    return f"{name}(1)" if name in taken else name


def _actions_of(settings: tuple[s.Setting, ...]) -> tuple[s.Setting, ...]:
    """The settings that say what becomes of the rows that refer; of several, the last that says it rightly."""
    return tuple(
        {
            each.key: each
            for each in settings
            if each.key in {"delete", "update"}
            and isinstance(each.value, s.Words)
            and each.value.text.lower() in _ACTIONS
        }.values()
    )
