"""The names that engines give to constraints that have none."""

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from renga_schema.model import Check, Constraint, ForeignKey, PrimaryKey, Unique
from renga_schema.readers.sql.expressions import mentions
from renga_schema.readers.sql.names import implied_name, name_key

if TYPE_CHECKING:
    from renga_schema.readers.sql.drafts import TableDraft


def implied_names(table: "TableDraft") -> list[tuple[Constraint, str]]:
    """Every constraint of a table without a name, and the name that the engine gives it."""
    constraints = table.constraints()
    taken = {name_key(each.name, table.dialect) for each in constraints if each.name is not None}
    candidates = _in_mysql if table.dialect == "mysql" else _in_postgres
    found = []
    for constraint in constraints:
        if constraint.name is None and (names := candidates(table, constraint)) is not None:
            name = next(each for each in names if name_key(each, table.dialect) not in taken)
            taken.add(name_key(name, table.dialect))
            found.append((constraint, name))
    return found


def follow_table(keys: Iterable[ForeignKey], old: str, new: str) -> list[ForeignKey]:
    """MySQL's foreign keys after their table was renamed: the names that the engine gave begin with the table's."""
    made = _ibfk(old)

    def followed(key: ForeignKey) -> ForeignKey:
        match = made.fullmatch(key.name) if key.name else None
        return key.model_copy(update={"name": f"{new}_ibfk_{match[1]}"}) if match else key

    return list(map(followed, keys))


def _ibfk(table: str) -> re.Pattern[str]:
    return re.compile(rf"{re.escape(table)}_ibfk_(\d+)")


def _numbered(base: str, separator: str, first: int) -> Iterator[str]:
    return (f"{base}{separator}{number}" for number in itertools.count(first))


def _in_mysql(table: "TableDraft", constraint: Constraint) -> Iterator[str] | None:
    match constraint:
        case PrimaryKey():
            return iter(["PRIMARY"])
        case Unique():
            base = constraint.columns[0]
            names = itertools.chain([base], _numbered(base, "_", 2))
            return (name for name in names if name_key(name, table.dialect) not in table.indexes)
        case ForeignKey():
            made = _ibfk(table.name)
            matches = (made.fullmatch(key.name) for key in table.foreign_keys if key.name is not None)
            last = max((int(match[1]) for match in matches if match), default=0)
            return _numbered(f"{table.name}_ibfk", "_", last + 1)
        case Check():
            return _numbered(f"{table.name}_chk", "_", 1)
    return None


def _in_postgres(table: "TableDraft", constraint: Constraint) -> Iterator[str] | None:
    match constraint:
        case PrimaryKey():
            return _suffixed(table.name, (), "pkey")
        case Unique():
            return _suffixed(table.name, constraint.columns, "key")
        case ForeignKey():
            return _suffixed(table.name, constraint.columns, "fkey")
        case Check():
            columns = (column.name for column in table.columns.values())
            mentioned = tuple(name for name in columns if mentions(constraint.expression, name))
            return _suffixed(table.name, mentioned if len(mentioned) == 1 else (), "check")
    return None


def _suffixed(table: str, columns: tuple[str, ...], suffix: str) -> Iterator[str]:
    """`t_a_key`, `t_a_key1`, `t_a_key2`...; all of them within PostgreSQL's limit."""
    suffixes = itertools.chain([suffix], _numbered(suffix, "", 1))
    return (implied_name(table, columns, each) for each in suffixes)
