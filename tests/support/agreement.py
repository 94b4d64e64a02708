"""What two sides say about one schema, what they say differently, and which differences are explained.

Both sides are put into the same plain facts; an explanation is an entry of a committed list and fails once it explains
nothing, so the list cannot outlive its reasons.
"""

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

import yaml

from renga_schema import Reading
from renga_schema.counts import count


class Fact(NamedTuple):
    """One thing to be said about one object: the `type` of `public.people.born`."""

    object: str
    aspect: str


Facts = dict[Fact, str]
"""What one side says. An object that is there has the aspect `is`."""


class Difference(NamedTuple):
    """What the two sides do not agree on."""

    object: str
    text: str

    def __str__(self) -> str:
        return f"{self.object}: {self.text}"


def differences(names: tuple[str, str], left: Mapping[Fact, str], right: Mapping[Fact, str]) -> list[Difference]:
    """What the sides, whose names are given, say differently.

    Of an object that only one of them has that is said once, and of nothing that hangs on it.
    """
    found = []
    lonely: set[str] = set()
    for fact in sorted(left.keys() | right.keys(), key=lambda fact: (fact.object, fact.aspect != "is", fact.aspect)):
        ours, theirs = left.get(fact), right.get(fact)
        if ours == theirs or any(part in lonely for part in _with_owners(fact.object)):
            continue
        if fact.aspect == "is" and (ours is None or theirs is None):
            lonely.add(fact.object)
            there = f"{names[0]} only: {ours}" if theirs is None else f"{names[1]} only: {theirs}"
            found.append(Difference(fact.object, f"in {there}"))
        else:
            found.append(Difference(fact.object, f"{fact.aspect}: {names[0]} {ours}, {names[1]} {theirs}"))
    return found


def _with_owners(name: str) -> Iterable[str]:
    """The object and what it is part of; `/` stands between the two."""
    parts = name.split("/")
    return ("/".join(parts[:end]) for end in range(1, len(parts) + 1))


def listed(names: Iterable[str]) -> str:
    """Several names as one value."""
    return f"({', '.join(names)})"


class Explanation(NamedTuple):
    """Why some differences are right."""

    files: tuple[str, ...]
    object: str
    """A shell pattern."""
    difference: str
    """A regular expression that is found in the text of the difference."""
    reason: str

    def covers(self, difference: Difference) -> bool:
        """Whether this explains a difference in one of its files."""
        return fnmatchcase(difference.object, self.object) and bool(re.search(self.difference, difference.text))


def explanations(path: Path, section: str) -> tuple[Explanation, ...]:
    """One section of a committed list."""
    entries = yaml.safe_load(path.read_text())[section]
    return tuple(
        Explanation(tuple(entry["files"]), entry.get("object", "*"), entry["difference"], entry["reason"])
        for entry in entries
    )


def files_of(entries: Iterable[Explanation], folder: str) -> set[str]:
    """The files below a folder for which there are entries."""
    return {file for entry in entries for file in entry.files if file.split("/")[0] == folder}


def unexplained(
    file: str, found: Iterable[Difference], entries: Iterable[Explanation]
) -> tuple[list[Difference], list[Explanation]]:
    """The differences in a file that no entry explains, and the entries for it that explain none."""
    remaining, used = [], set()
    mine = [entry for entry in entries if file in entry.files]
    for difference in found:
        reasons = {entry for entry in mine if entry.covers(difference)}
        used |= reasons
        if not reasons:
            remaining.append(difference)
    return remaining, [entry for entry in mine if entry not in used]


def counts_of(counted: Mapping[str, int] | Reading) -> Facts:
    """Numbers of objects by kind as facts; of a reading those that an engine's catalogue has too."""
    if isinstance(counted, Reading):
        counted = count(counted).model_dump(exclude={"diagnostics", "ledger_entries", "statements"})
    return {Fact(kind, "count"): str(number) for kind, number in counted.items()}
