"""The names that engines give to constraints that have none."""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from renga_schema.model import Check, Constraint, Exclusion, Expression, ForeignKey, PrimaryKey, Unique
from renga_schema.readers.sql.expressions import is_word, mentions, words
from renga_schema.readers.sql.names import implied_name, name_key

if TYPE_CHECKING:
    from renga_schema.readers.sql.drafts import TableDraft


def implied_names(table: "TableDraft") -> list[tuple[Constraint, str]]:
    """Every constraint of a table without a name, and the name that the engine gives it."""
    constraints = table.constraints()
    if all(each.name is not None for each in constraints):
        return []
    table.spend(5)
    taken = {name_key(each.name, table.dialect) for each in constraints if each.name is not None}
    candidates = _in_mysql(table) if table.dialect == "mysql" else _in_postgres(table)
    series: dict[_Base, Iterator[str]] = {}

    def free(name: str) -> bool:
        table.effort.spend(_TRY)
        return name_key(name, table.dialect) not in taken

    found = []
    for constraint in constraints:
        if constraint.name is None and (base := candidates(constraint)) is not None:
            if base not in series:
                series[base] = _in_series(table, base)
            name = next(filter(free, series[base]))
            taken.add(name_key(name, table.dialect))
            found.append((constraint, name))
    return found


_TRY: Final = 80
"""The steps that it takes to make up a name."""

_Base = tuple[str, tuple[str, ...]]
"""What names are made of: the suffix that says the kind, and columns. Equal ones are told apart by numbers."""


class ConstraintNames:
    """The constraints of a table by name; the names that an engine gives are made anew only once something has changed.

    A script may ask very often, and change something each time.
    """

    def __init__(self) -> None:
        self._seen: list[Any] = []
        self._implied: dict[str, Constraint] = {}

    def find(self, table: "TableDraft", name: str) -> Constraint | None:
        """The constraint of that name, be the name written or the one that the engine gives."""
        constraints = table.constraints()
        table.effort.spend(len(constraints))
        key = name_key(name, table.dialect)
        nameless = False
        for each in constraints:
            if each.name is None:
                nameless = True
            elif name_key(each.name, table.dialect) == key:
                return each
        return self._among_implied(table, constraints).get(key) if nameless else None

    def _among_implied(self, table: "TableDraft", constraints: list[Constraint]) -> dict[str, Constraint]:
        table.spend(1)
        seen: list[Any] = [
            table.name,
            list(map(id, constraints)),
            list(table.columns),
            list(table.indexes),
            constraints,  # so that their ids stay theirs
        ]
        if self._seen[:-1] != seen[:-1]:
            self._seen = seen
            self._implied = {name_key(implied, table.dialect): each for each, implied in implied_names(table)}
        return self._implied


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


def _in_mysql(_: "TableDraft") -> Callable[[Constraint], _Base | None]:
    def base(constraint: Constraint) -> _Base | None:
        match constraint:
            case PrimaryKey():
                return "PRIMARY", ()
            case Unique():
                return "key", constraint.columns[:1]
            case ForeignKey():
                return "ibfk", ()
            case Check():
                return "chk", ()
        return None

    return base


def _in_postgres(table: "TableDraft") -> Callable[[Constraint], _Base | None]:
    mentioned = None

    def base(constraint: Constraint) -> _Base | None:
        nonlocal mentioned
        match constraint:
            case PrimaryKey():
                return "pkey", ()
            case Unique():
                return "key", constraint.columns
            case ForeignKey():
                return "fkey", constraint.columns
            case Exclusion():
                return "excl", tuple(part.column or "expr" for part in constraint.parts)
            case Check():
                mentioned = mentioned or _mentioned(table)
                columns = mentioned(constraint.expression)
                return "check", columns if len(columns) == 1 else ()
        return None

    return base


def _mentioned(table: "TableDraft") -> Callable[[Expression], tuple[str, ...]]:
    """What finds the columns that an expression speaks of, in no promised order, without asking for each of them."""
    plain: dict[str, list[str]] = {}
    odd = []
    for column in table.columns.values():
        if is_word(column.name):
            plain.setdefault(column.name.lower(), []).append(column.name)
        else:
            odd.append(column.name)

    def find(expression: Expression) -> tuple[str, ...]:
        table.effort.spend(len(expression.text) // 10 + 10 * len(odd))
        found = [name for word in words(expression) for name in plain.get(word, ())]
        return (*found, *(name for name in odd if mentions(expression, name)))

    return find


def _in_series(table: "TableDraft", base: _Base) -> Iterator[str]:
    """The names that an engine tries one after the other."""
    kind, columns = base
    if table.dialect != "mysql":
        return _suffixed(table.name, columns, kind)
    if kind == "key":
        names = itertools.chain([columns[0]], _numbered(columns[0], "_", 2))
        return (name for name in names if name_key(name, table.dialect) not in table.indexes)
    if kind == "ibfk":
        made = _ibfk(table.name)
        matches = (made.fullmatch(key.name) for key in table.foreign_keys if key.name is not None)
        last = max((int(match[1]) for match in matches if match), default=0)
        return _numbered(f"{table.name}_ibfk", "_", last + 1)
    if kind == "chk":
        return _numbered(f"{table.name}_chk", "_", 1)
    return itertools.chain([kind], _numbered(kind, "_", 2))


def _suffixed(table: str, columns: tuple[str, ...], suffix: str) -> Iterator[str]:
    """`t_a_key`, `t_a_key1`, `t_a_key2`...; all of them within PostgreSQL's limit."""
    suffixes = itertools.chain([suffix], _numbered(suffix, "", 1))
    return (implied_name(table, columns, each) for each in suffixes)
