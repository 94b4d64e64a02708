"""Which tables refer to a table: a script may ask it of each of thousands of tables."""

from itertools import count
from typing import TYPE_CHECKING

from renga_schema.model import Ref
from renga_schema.readers.sql.effort import Effort

if TYPE_CHECKING:
    from renga_schema.readers.sql.drafts import TableDraft


class Referrers:
    """The tables of a schema, found by the names of what they refer to by foreign keys, inherit from, or are part of.

    A reference that a table no longer has may still be noted here: what is found is looked at before it is said.
    """

    def __init__(self, effort: Effort) -> None:
        self._effort = effort
        self._numbers = count()
        self._places: dict[int, int] = {}
        """The order in which the tables came, by `id`."""
        self._by_name: dict[str, dict[int, TableDraft]] = {}
        """Name of what is referred to -> place -> table."""

    def join(self, table: "TableDraft") -> None:
        """Take in a table that is there from now on."""
        self._places[id(table)] = next(self._numbers)
        table.referrers = self
        self.note(table, *names_of_referred(table))

    def leave(self, table: "TableDraft") -> None:
        """Leave out a table that is there no more."""
        place = self._places.pop(id(table), None)
        table.referrers = None
        if place is not None:
            for name in names_of_referred(table):
                self._by_name.get(name, {}).pop(place, None)

    def note(self, table: "TableDraft", *referred: str) -> None:
        """Take notice that a table refers to what has these names."""
        place = self._places[id(table)]
        for name in referred:
            self._by_name.setdefault(name, {})[place] = table

    def of(self, ref: Ref) -> list["TableDraft"]:
        """The tables that refer to a table, in the order in which they came."""
        noted = self._by_name.get(ref.name)
        if not noted:
            return []
        found, steps = [], 0
        for place in sorted(noted):
            table = noted[place]
            keys, parents, part = table.foreign_keys, table.inherits, table.partition_of
            steps += 5 + 2 * len(keys) + 3 * len(parents)
            targets = [key.target for key in keys] + parents
            targets = [*targets, part.parent] if part else targets
            alike = [each for each in targets if each.name == ref.name]
            if not alike or id(table) not in self._places:
                del noted[place]
            elif any(each.namespace == ref.namespace for each in alike):
                steps += 30 * len(keys)  # for what is to be done to them
                found.append(table)
        self._effort.spend(steps)
        return found


def names_of_referred(table: "TableDraft") -> set[str]:
    """The names of all that a table refers to."""
    part = [table.partition_of.parent] if table.partition_of else []
    return {each.name for each in (*(key.target for key in table.foreign_keys), *table.inherits, *part)}
