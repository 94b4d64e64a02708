"""The order in which objects can be created: what is needed stands before what needs it."""

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
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
    """The items with what each needs before it, otherwise in the order given; a cycle is broken where it is entered."""
    by_key = {key(item): item for item in items}
    placed: dict[Hashable, _Item] = {}
    entered: set[Hashable] = set()
    for root in items:
        stack = [(key(root), iter(list(needs(root))))]
        entered.add(key(root))
        while stack:
            current, pending = stack[-1]
            step = next((need for need in pending if need in by_key and need not in entered), None)
            if step is None:
                stack.pop()
                placed.setdefault(current, by_key[current])
            else:
                entered.add(step)
                stack.append((step, iter(list(needs(by_key[step])))))
    # Two items of one key are a mistake in the schema, and both are written, so that the engine says so.
    return [*placed.values(), *(item for item in items if by_key[key(item)] is not item)]


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
