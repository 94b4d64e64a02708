"""Objects of one kind by their names, and duplicates of what statements change in place."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, Generic, Protocol, TypeVar

from renga_schema.model import Dialect, Ref
from renga_schema.readers.sql.drafts import TableDraft
from renga_schema.readers.sql.effort import Effort
from renga_schema.readers.sql.names import object_key


class Called(Protocol):
    """What has a name."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...


class Named(Called, Protocol):
    """What a qualified name names."""

    @property
    def namespace(self) -> str | None:
        """Where it is; None for the default namespace."""
        ...


T = TypeVar("T", bound=Named)
P = TypeVar("P", bound=Called)

_ASK: Final = 2
_CHANGE: Final = 6
_COMPARE: Final = 10
"""The steps that it takes to ask about one object, to make it what it is from now on, to tell it from its namesakes."""

_COPY: Final = 3
"""The steps that it takes to put an object on another shelf."""


def _nobody(_: object) -> None:
    """Who owns what belongs to nothing."""


class _Slots(Generic[P]):
    """Objects in the order in which they came, found by the name of what they belong to. To look at all is counted."""

    def __init__(self, effort: Effort, owner: Callable[[P], str | None] = _nobody) -> None:
        """`owner` says what an object belongs to, if anything: the table of a trigger, for one."""
        self._effort = effort
        self._owner = owner
        self._slots: list[P | None] = []
        """Every object where it was first put, whatever it is called now; None where it was taken away."""
        self._owned: dict[str, dict[int, None]] = {}
        """The places of what belongs to something of that name."""

    def __iter__(self) -> Iterator[P]:
        self._effort.spend(len(self._slots))
        return iter([item for item in self._slots if item is not None])

    def __len__(self) -> int:
        """How many there have been."""
        return len(self._slots)

    def of(self, owner: str) -> list[P]:
        """What belongs to something of that name, be it in whatever namespace."""
        places = sorted(self._owned.get(owner, ()))
        self._effort.spend(_COMPARE * len(places))
        return [item for item in map(self._slots.__getitem__, places) if item is not None]

    def _set(self, place: int, item: P | None) -> None:
        """Put an object in the place of another, or behind the last one."""
        if place == len(self._slots):
            self._slots.append(None)
        old = self._slots[place]
        self._slots[place] = item
        if old is not None and (owner := self._owner(old)) is not None:
            self._owned[owner].pop(place, None)
        if item is not None and (owner := self._owner(item)) is not None:
            self._owned.setdefault(owner, {})[place] = None


class Shelf(_Slots[T]):
    """Objects of one kind by their qualified name."""

    def __init__(self, dialect: Dialect, effort: Effort, owner: Callable[[T], str | None] = _nobody) -> None:
        """`owner` says what an object belongs to, if anything."""
        super().__init__(effort, owner)
        self._dialect = dialect
        self._places: dict[tuple[str, str], int] = {}
        self._any_case: dict[tuple[str, str], tuple[str, str]] = {}

    def names(self) -> Iterator[str]:
        """What they are called."""
        yield from (item.name for item in self._slots if item is not None)

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
        self._set(self._places.setdefault(key, len(self._slots)), item)
        if self._dialect == "mysql":
            self._any_case[key[0].casefold(), key[1].casefold()] = key

    def copy(self) -> "Shelf[T]":
        """Another shelf with the same objects, drafts duplicated."""
        self._effort.spend(_COPY * len(self._slots))
        other: Shelf[T] = Shelf(self._dialect, self._effort, self._owner)
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
            self._set(place, None)


class Pile(_Slots[P]):
    """Objects of which several may have one name."""

    def __init__(self, effort: Effort, items: Iterable[P] = (), owner: Callable[[P], str | None] = _nobody) -> None:
        """`owner` says what an object belongs to, if anything."""
        super().__init__(effort, owner)
        self._places: dict[str, list[int]] = {}
        for item in items:
            self.add(item)

    def names(self) -> Iterator[str]:
        """What they are called."""
        yield from (name for name, places in self._places.items() if places)

    def named(self, name: str) -> list[P]:
        """All of that name."""
        places = self._places.get(name, [])
        self._effort.spend(_COMPARE * len(places))
        return [item for item in map(self._slots.__getitem__, places) if item is not None]

    def add(self, item: P) -> None:
        """Put an object at the end."""
        self._places.setdefault(item.name, []).append(len(self._slots))
        self._set(len(self._slots), item)

    def replace(self, old: P, new: P) -> None:
        """Put an object in the place of another."""
        place = self._take(old)
        self._set(place, new)
        self._places.setdefault(new.name, []).append(place)

    def remove(self, item: P) -> None:
        """Take an object away."""
        self._set(self._take(item), None)

    def _take(self, item: P) -> int:
        places = self._places[item.name]
        self._effort.spend(len(places))
        place = next(place for place in places if self._slots[place] is item)
        places.remove(place)
        return place

    def keep(self, wanted: Callable[[P], bool]) -> bool:
        """Take away all others; say whether there were any."""
        self._effort.spend(_ASK * len(self._slots))
        left_out = [item for item in self if not wanted(item)]
        for item in left_out:
            self.remove(item)
        return bool(left_out)

    def change(self, changed: Callable[[P], P]) -> None:
        """Put in the place of each object what it is from now on."""
        self._effort.spend(_CHANGE * len(self._slots))
        for item in self:
            if (new := changed(item)) is not item:
                self.replace(item, new)

    def copy(self) -> "Pile[P]":
        """Another pile of the same objects."""
        return Pile(self._effort, self, self._owner)


def apart(value: Any) -> Any:
    """A duplicate of what statements change in place; everything else is frozen."""
    match value:
        case list():
            return [apart(item) for item in value]
        case dict():
            return {key: apart(item) for key, item in value.items()}
        case Shelf() | Pile() | TableDraft():
            return value.copy()
    return value


def same(one: Named, other: Named) -> bool:
    """Whether two qualified names are equal; to compare two `Ref` takes ten times as long."""
    return one.name == other.name and one.namespace == other.namespace
