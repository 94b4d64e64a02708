"""Strict reading of one manifest object: every field is asked for by name, and whatever nobody asked for is a fault."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from renga_dev.suggestion import suggest

_KINDS = {str: "text", int: "a whole number", bool: "true or false", dict: "an object", list: "a list"}
_PERIOD = re.compile(
    r"P(?=.)(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=.)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:[.,]\d+)?)S)?)?"
)
_PERIOD_SECONDS = {"weeks": 604800, "days": 86400, "hours": 3600, "minutes": 60, "seconds": 1}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:h|ms|m|s))+")
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s)")
_DURATION_SECONDS = {"h": 3600, "m": 60, "s": 1, "ms": 0.001}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a manifest, and where."""

    source: str
    """The file, or a name for the stream, it came from."""
    thing: str
    """Kind and name, such as `Trigger default/parse`."""
    path: str
    """The way into the object, such as `spec.filters[0].exact`."""
    message: str

    def __str__(self) -> str:
        return f"{self.source}: {self.thing}: {self.path}: {self.message}"


class InvalidManifests(ValueError):  # noqa: N818 - says what is the case
    """Manifests that a cluster would refuse.

    Attributes:
        faults: every fault that was found.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


def parse_period(text: str) -> float | None:
    """Seconds of an ISO 8601 period such as PT0.2S or P1DT2H; None where it is none. Years and months are refused."""
    match = _PERIOD.fullmatch(text)
    if match is None:
        return None
    parts = {name: float(value.replace(",", ".")) for name, value in match.groupdict().items() if value}
    return sum(value * _PERIOD_SECONDS[name] for name, value in parts.items())


def parse_duration(text: str) -> float | None:
    """Seconds of a Go duration such as 60s, 1m30s or 500ms; None where it is none."""
    if _DURATION.fullmatch(text) is None:
        return None
    return sum(float(number) * _DURATION_SECONDS[unit] for number, unit in _DURATION_PART.findall(text))


class Fields:
    """One object of a manifest. Faults are collected, so that a reader can go on and name all of them at once."""

    def __init__(self, value: Mapping[str, Any], faults: list[Fault], source: str, thing: str, path: str = "") -> None:
        self.value = value
        self.faults = faults
        self.source = source
        self.thing = thing
        self.path = path
        self._asked: set[str] = set()

    def at(self, name: str) -> str:
        """The path of a field of this object."""
        return f"{self.path}.{name}" if self.path else name

    def fault(self, name: str, message: str) -> None:
        """Record a fault of one field; of the object itself where `name` is empty."""
        self.faults.append(Fault(self.source, self.thing, self.at(name) if name else self.path or ".", message))

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self.value.get(name) is not None

    def _take(self, name: str, kind: type) -> Any:
        self._asked.add(name)
        value = self.value.get(name)
        if value is None:
            return None
        # bool is an int to Python; to a manifest it is not.
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.fault(name, f"is {_said(value)}, but must be {_KINDS[kind]}")
            return None
        return value

    def text(self, name: str) -> str | None:
        """A text, or None where it is absent."""
        value: str | None = self._take(name, str)
        return value

    def required_text(self, name: str) -> str:
        """A text that must be there and not be empty; empty after a fault."""
        before = len(self.faults)
        value = self.text(name)
        if not value and len(self.faults) == before:
            self.fault(name, "is required")
        return value or ""

    def number(self, name: str, *, low: int | None = None, high: int | None = None) -> int | None:
        """A whole number within bounds, or None where it is absent."""
        value: int | None = self._take(name, int)
        if value is not None and ((low is not None and value < low) or (high is not None and value > high)):
            self.fault(name, f"is {value}, but must be {_range(low, high)}")
            return None
        return value

    def flag(self, name: str) -> bool:
        """A boolean; false where it is absent."""
        return bool(self._take(name, bool))

    def period(self, name: str) -> float | None:
        """Seconds of an ISO 8601 period, or None where it is absent."""
        text = self.text(name)
        if text is None:
            return None
        seconds = parse_period(text)
        if seconds is None:
            self.fault(name, f"is {text!r}, but must be an ISO 8601 period such as PT0.2S")
        return seconds

    def child(self, name: str) -> "Fields | None":
        """A nested object, or None where it is absent."""
        value = self._take(name, dict)
        return None if value is None else self._nested(value, self.at(name))

    def children(self, name: str) -> "list[Fields]":
        """A list of objects; empty where it is absent."""
        result = []
        for index, item in enumerate(self._take(name, list) or ()):
            if isinstance(item, dict):
                result.append(self._nested(item, f"{self.at(name)}[{index}]"))
            else:
                self.fault(f"{name}[{index}]", f"is {_said(item)}, but must be an object")
        return result

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; empty where it is absent."""
        result = []
        for index, item in enumerate(self._take(name, list) or ()):
            if isinstance(item, str):
                result.append(item)
            else:
                self.fault(f"{name}[{index}]", f"is {_said(item)}, but must be text")
        return tuple(result)

    def mapping(self, name: str) -> dict[str, str]:
        """An object of texts; empty where it is absent."""
        result = {}
        for key, item in (self._take(name, dict) or {}).items():
            if isinstance(item, str):
                result[str(key)] = item
            else:
                self.fault(f"{name}.{key}", f"is {_said(item)}, but must be text (quote it)")
        return result

    def allow(self, *names: str) -> None:
        """Fields that a cluster needs and this machine does not."""
        self._asked.update(names)

    def done(self) -> None:
        """Name every field that nobody asked for: a cluster would refuse or drop it."""
        for name in self.value:
            if name not in self._asked:
                self.fault(str(name), f"is no known field{suggest(str(name), sorted(self._asked))}")

    def _nested(self, value: Mapping[str, Any], path: str) -> "Fields":
        return Fields(value, self.faults, self.source, self.thing, path)


def _said(value: Any) -> str:
    return repr(value) if isinstance(value, str | int | float | bool) else _KINDS.get(type(value), type(value).__name__)


def _range(low: int | None, high: int | None) -> str:
    if high is None:
        return f"at least {low}"
    return f"at most {high}" if low is None else f"between {low} and {high}"
