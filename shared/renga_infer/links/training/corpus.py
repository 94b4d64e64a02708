"""What is learned from: designs with the links that they declare, put together into projects."""

import hashlib
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from typing import Final

from renga_infer.links.design import Design, Link

_SAME: Final = 0.5
"""Two designs are of one project where they have this share of the smaller one's table names in common."""
_FEWEST: Final = 3
"""Fewer tables than that say nothing about who copied whom."""
_SMALL: Final = 10
"""Of a design of fewer tables than that the larger one has to be a twin: `users` and `posts` are in many."""
LINKS: Final = 5
"""A project with fewer declared links is not measured."""
COVERED: Final = 0.5
"""Nor is one in which a smaller share of the tables takes part in a declared link: it declares some of its links only,
so that a right proposal would count as a wrong one."""


@dataclass(frozen=True, slots=True)
class Example:
    """One schema and the links that it declares."""

    name: str
    """The file, without its ending; where that only names a dialect, the folder."""
    design: Design
    links: tuple[Link, ...]
    """Of one column each."""
    composite: tuple[tuple[Link, ...], ...] = ()
    """Of several columns each: they are counted, not learned."""

    @property
    def covered(self) -> float:
        """The share of the tables that take part in a declared link."""
        if not self.design.tables:
            return 0.0
        taking = {end for link in self._all() for end in (link.table, link.target)}
        return len(taking) / len(self.design.tables)

    def _all(self) -> list[Link]:
        return [*self.links, *(link for links in self.composite for link in links)]

    def sha256(self) -> str:
        """Of what is learned from: the design and its links, not the file's bytes."""
        return hashlib.sha256(repr((astuple(self.design), self.links, self.composite)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Project:
    """Designs of one origin: twins in several dialects, versions, forks. They are never split."""

    name: str
    examples: tuple[Example, ...]

    @property
    def measured(self) -> Example | None:
        """The example that the project is measured on: the one with the most links of those that declare enough."""
        fit = [example for example in self.examples if len(example.links) >= LINKS and example.covered >= COVERED]
        return max(fit, key=lambda example: (len(example.links), example.name)) if fit else None


def projects(examples: Iterable[Example]) -> list[Project]:
    """The examples by project: of one name, or with table names that are no coincidence."""
    found = sorted(examples, key=lambda example: (example.name, example.sha256()))
    names = [{table.name.lower() for table in example.design.tables} for example in found]
    group = list(range(len(found)))

    def root(place: int) -> int:
        while group[place] != place:
            place = group[place]
        return place

    for one in range(len(found)):
        for other in range(one):
            fewer = min(len(names[one]), len(names[other]))
            shared = len(names[one] & names[other])
            either = len(names[one] | names[other])
            alike = shared >= _SAME * (either if fewer < _SMALL else fewer)
            if found[one].name == found[other].name or (fewer >= _FEWEST and alike):
                first, second = sorted((root(one), root(other)))
                group[second] = first
    members: dict[int, list[Example]] = {}
    for place, example in enumerate(found):
        members.setdefault(root(place), []).append(example)
    return [Project(of_one[0].name, tuple(of_one)) for of_one in members.values()]


def sha256(all_projects: Iterable[Project]) -> str:
    """Of everything that is learned from."""
    digest = hashlib.sha256()
    for project in all_projects:
        for example in project.examples:
            digest.update(f"{project.name} {example.name} {example.sha256()}\n".encode())
    return digest.hexdigest()
