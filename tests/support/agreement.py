"""What two sides say about one schema, what they say differently, and which differences are explained.

Both sides are put into the same plain facts; an explanation is an entry of a committed list and fails once it explains
nothing, so the list cannot outlive its reasons.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

import pytest
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


_CORPUS = {
    "postgres": ("apps/postgres/*.sql", "large/*.sql", "twins/*/postgres.sql"),
    "mysql": ("apps/mysql/*.sql", "twins/*/mysql.sql"),
    "sqlite": ("twins/*/sqlite.sql",),
}
"""The real scripts that each engine judges."""
_MORE_THAN = {"postgres": 10, "mysql": 40, "sqlite": 1}
"""The corpus is not taken for whole where it has no more of them."""


class Judged(NamedTuple):
    """What an engine judges, and which differences to what it says are right."""

    engine: str
    cases: Sequence[Path]
    explanations: Sequence[Explanation]

    @classmethod
    def by(cls, engine: str, explained: Path, *folders: Path) -> "Judged":
        """The cases in some folders, with the engine's section of a committed list."""
        entries = yaml.safe_load(explained.read_text())[engine]
        return cls(
            engine,
            sorted(case for folder in folders for case in folder.glob("*.sql")),
            tuple(
                Explanation(tuple(entry["files"]), entry.get("object", "*"), entry["difference"], entry["reason"])
                for entry in entries
            ),
        )

    def agree_on_corpus(
        self, subtests: pytest.Subtests, shared_material: Path, compare: Callable[[Path], Iterable[Difference]]
    ) -> None:
        """Let `agree` judge what a comparison finds in each real script.

        Raises:
            AssertionError: scripts are missing, or an entry is about one that is not there.
        """
        for name, script in self._corpus(shared_material / "corpus").items():
            with subtests.test(msg=name):
                self.agree(name, compare(script))

    def _corpus(self, corpus: Path) -> dict[str, Path]:
        scripts = sorted(path for pattern in _CORPUS[self.engine] for path in corpus.glob(pattern))
        named = {script.relative_to(corpus).as_posix(): script for script in scripts}
        assert len(named) > _MORE_THAN[self.engine], f"{len(named)} scripts in {corpus}"
        lost = {file for file in self._files() if not file.startswith("cases/")} - named.keys()
        assert not lost, f"entries about scripts that are not there: {lost}"
        return named

    def agree(self, name: str, found: Iterable[Difference]) -> None:
        """Fail on differences in a script that nothing explains, and on entries for it that explain nothing.

        Raises:
            AssertionError: there are some.
        """
        mine = [entry for entry in self.explanations if name in entry.files]
        remaining, stale = [], set(mine)
        for difference in found:
            reasons = {entry for entry in mine if entry.covers(difference)}
            stale -= reasons
            if not reasons:
                remaining.append(difference)
        assert not remaining, "\n" + "\n".join(map(str, remaining[:40]))
        assert not stale, f"nothing to explain any more: {stale}"

    def outlived(self) -> set[str]:
        """The cases that entries are about and that are no more."""
        cases = {f"cases/{case.name}" for case in self.cases}
        return {file for file in self._files() if file.startswith("cases/")} - cases

    def _files(self) -> Iterable[str]:
        return (file for entry in self.explanations for file in entry.files)


def script_of(case: Path, engine: str) -> str:
    """A case's text; skips one that is about what the engine refuses, and says so in its first line."""
    script = case.read_text()
    if script.startswith(f"-- refused by {engine}"):
        pytest.skip(f"the case is about what {engine} refuses, so {engine} cannot judge it")
    return script


def complaints(reading: Reading) -> list[Difference]:
    """What was not read of a script, as differences."""
    return [
        Difference(f"line {each.origin and each.origin.line}", f"not read: {each.message}")
        for each in reading.diagnostics
    ]


def counted_alike(real: Facts, written: Reading, live: Reading) -> list[Difference]:
    """What a catalogue counts otherwise than a script and the database that it made, and what was not read of this."""
    return [
        *(Difference(each.object or "live", f"live: {each.message}") for each in live.diagnostics),
        *differences(("catalogue", "file"), real, counts_of(written)),
        *differences(("catalogue", "live"), real, counts_of(live)),
    ]


def counts_of(counted: Mapping[str, int] | Reading) -> Facts:
    """Numbers of objects by kind as facts; of a reading those that an engine's catalogue has too."""
    if isinstance(counted, Reading):
        counted = count(counted).model_dump(exclude={"diagnostics", "ledger_entries", "statements"})
    return {Fact(kind, "count"): str(number) for kind, number in counted.items()}
