"""Objects of one kind by their names, and duplicates of what statements change in place."""

from collections.abc import Iterator
from typing import Any, Generic, Protocol, TypeVar

from renga_schema.model import Dialect, Ref
from renga_schema.readers.sql.drafts import TableDraft
from renga_schema.readers.sql.names import object_key


class Named(Protocol):
    """What a qualified name names."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    @property
    def namespace(self) -> str | None:
        """Where it is; None for the default namespace."""
        ...


T = TypeVar("T", bound=Named)


class Shelf(Generic[T]):
    """Objects of one kind by their qualified name, in the order in which they came."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._slots: list[T | None] = []
        """Every object where it was first made, whatever it is called now; None where it was dropped."""
        self._places: dict[tuple[str, str], int] = {}
        self._any_case: dict[tuple[str, str], tuple[str, str]] = {}

    def __iter__(self) -> Iterator[T]:
        return iter([item for item in self._slots if item is not None])

    def get(self, namespace: str | None, name: str) -> T | None:
        """The object of that namespace and name; in MySQL one that differs only in case will do."""
        key = object_key(namespace, name, self._dialect)
        if key not in self._places:
            key = self._any_case.get((key[0].casefold(), key[1].casefold()), key)
        place = self._places.get(key)
        return None if place is None else self._slots[place]

    def put(self, item: T) -> None:
        """Add an object, or replace the one of its name."""
        key = object_key(item.namespace, item.name, self._dialect)
        place = self._places.setdefault(key, len(self._slots))
        self._slots[place : place + 1] = [item]
        if self._dialect == "mysql":
            self._any_case[key[0].casefold(), key[1].casefold()] = key

    def copy(self) -> "Shelf[T]":
        """Another shelf with the same objects, drafts duplicated."""
        other: Shelf[T] = Shelf(self._dialect)
        vars(other).update({name: apart(value) for name, value in vars(self).items()})
        return other

    def rename(self, old: Ref, new: T) -> None:
        """Put `new`, of whatever name, in the place of what was called `old`."""
        place = self._places.pop(object_key(old.namespace, old.name, self._dialect))
        self._places[object_key(new.namespace, new.name, self._dialect)] = place
        self.put(new)

    def remove(self, item: T) -> None:
        """Take an object away."""
        place = self._places.pop(object_key(item.namespace, item.name, self._dialect), None)
        if place is not None:
            self._slots[place] = None


def apart(value: Any) -> Any:
    """A duplicate of what statements change in place; everything else is frozen."""
    match value:
        case list():
            return [apart(item) for item in value]
        case dict():
            return {key: apart(item) for key, item in value.items()}
        case Shelf() | TableDraft():
            return value.copy()
    return value


def same(one: Named, other: Named) -> bool:
    """Whether two qualified names are equal; to compare two `Ref` takes ten times as long."""
    return one.name == other.name and one.namespace == other.namespace
