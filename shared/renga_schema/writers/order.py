"""The order in which objects can be created: what is needed stands before what needs it."""

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from heapq import heappop, heappush
from typing import NamedTuple, TypeVar

from renga_schema.catalog import Catalog
from renga_schema.model import ForeignKey, Ref, Schema, Table

_WORD = re.compile(r"\w+")

_Item = TypeVar("_Item")


def words(text: str) -> frozenset[str]:
    """Every word of a definition; whatever it refers to is among them."""
    return frozenset(_WORD.findall(text))


def stable(
    items: Sequence[_Item], key: Callable[[_Item], Hashable], needs: Callable[[_Item], Iterable[Hashable]]
) -> list[_Item]:
    """The items with what each needs before it, otherwise in the order given (Kahn's algorithm).

    A cycle is entered at its first item. What comes out is a fixed point: sorted again, it stays as it is.
    """
    position: dict[Hashable, int] = {}
    for index, item in enumerate(items):
        position.setdefault(key(item), index)
    unmet = [
        dict.fromkeys(position[need] for need in needs(item) if position.get(need, index) != index)
        for index, item in enumerate(items)
    ]
    needed_by: dict[int, list[int]] = {}
    for index, needed in enumerate(unmet):
        for need in needed:
            needed_by.setdefault(need, []).append(index)
    ready = [index for index, needed in enumerate(unmet) if not needed]
    waiting = dict.fromkeys(range(len(items)))
    ordered: list[_Item] = []
    while waiting:
        current = heappop(ready) if ready else _first_of_cycle(next(iter(waiting)), unmet)
        if current not in waiting:
            continue
        del waiting[current]
        ordered.append(items[current])
        for index in needed_by.get(current, ()):
            unmet[index].pop(current, None)
            if not unmet[index]:
                heappush(ready, index)
    return ordered


def _first_of_cycle(start: int, unmet: list[dict[int, None]]) -> int:
    """Follow the needs until one comes again; of the cycle that this closes, the first in order."""
    path: dict[int, None] = {}
    while start not in path:
        path[start] = None
        start = next(iter(unmet[start]))
    walked = list(path)
    return min(walked[walked.index(start) :])


class TableOrder(NamedTuple):
    """Tables in an order in which they can be created, and the foreign keys that must wait until all of them exist."""

    tables: list[Table]
    waiting: list[tuple[Table, ForeignKey]]

    def inline(self, table: Table) -> tuple[ForeignKey, ...]:
        """The foreign keys that can be part of the table's own statement."""
        waiting = {id(key) for owner, key in self.waiting if owner is table}
        return tuple(key for key in table.foreign_keys if id(key) not in waiting)


def order_tables(schema: Schema) -> TableOrder:
    """Put parents and targets first; a foreign key along a cycle, or one that is NOT VALID, waits."""
    catalog = Catalog(schema)

    def needs(table: Table) -> list[Hashable]:
        parents: list[Ref] = [*table.inherits, *([table.partition_of.parent] if table.partition_of else [])]
        return [catalog.key(ref) for ref in (*parents, *(key.target for key in table.foreign_keys))]

    tables = stable(schema.tables, lambda table: catalog.key(table.ref), needs)
    position = {catalog.key(table.ref): index for index, table in enumerate(tables)}
    waiting: list[tuple[Table, ForeignKey]] = []
    for index, table in enumerate(tables):
        waits = False
        for key in table.foreign_keys:
            # Once one waits, those after it do too: their order is kept.
            waits = waits or not key.validated or position.get(catalog.key(key.target), -1) > index
            if waits:
                waiting.append((table, key))
    return TableOrder(tables, waiting)
