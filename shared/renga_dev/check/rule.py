"""What a rule is: data that documents it, beside the function that applies it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Literal, NamedTuple

from renga_dev.check.cluster import Cluster

Severity = Literal["error", "warning"]


class Found(NamedTuple):
    """What a rule's function yields; `check` adds the rule's id, its severity and its advice."""

    object: str
    """Kind, namespace and name: `Trigger default/parse`."""
    message: str
    """What is wrong, in a sentence that says the values."""
    source: str
    """The file that it came from."""
    help: str | None = None
    """Advice for this very case, in place of the rule's."""


class Finding(NamedTuple):
    """Something that is wrong with manifests."""

    rule: str
    severity: Severity
    object: str
    message: str
    help: str
    source: str


class Example(NamedTuple):
    """Manifests that break or keep a rule; both its test and its documentation."""

    manifests: str
    """YAML; what the rule does not look at may be left out."""
    functions: str = ""
    """What handlers do, one a line: `schema/parse: what.it.takes -> what.it.answers | nothing`."""
    subscriptions: str = ""
    """Pub/Sub's, one a line: `schema-parse: what.it.takes within 70s`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that can be wrong with manifests."""

    id: str
    """Stable: family, then subject: `EVT-DLS-DROPPED`."""
    title: str
    rationale: str
    """Why it matters, for a reader who has not met it."""
    severity: Severity
    """`error` for what a cluster refuses, or what loses or repeats events."""
    fix: str
    """What to do about it."""
    bad: tuple[Example, ...]
    good: tuple[Example, ...]
    pinned: bool = False
    """Whether only a deployment keeps to it: the committed overlays cannot."""
    find: Callable[[Cluster], Iterable[Found]] = field(repr=False)

    @property
    def family(self) -> str:
        """The part of the id before the first hyphen."""
        return self.id.partition("-")[0]


def rule(
    rule_id: str,
    *,
    title: str,
    severity: Severity,
    rationale: str,
    fix: str,
    bad: Iterable[Example],
    good: Iterable[Example],
    pinned: bool = False,
) -> Callable[[Callable[[Cluster], Iterable[Found]]], Rule]:
    """Make a rule of the function that finds what breaks it."""

    def of(find: Callable[[Cluster], Iterable[Found]]) -> Rule:
        return Rule(
            id=rule_id,
            title=title,
            severity=severity,
            rationale=rationale,
            fix=fix,
            bad=tuple(bad),
            good=tuple(good),
            pinned=pinned,
            find=find,
        )

    return of


def rules_of(*families: ModuleType) -> Iterator[Rule]:
    """Every rule that the modules define at their top level, in the order of their definition."""
    for family in families:
        yield from (value for value in vars(family).values() if isinstance(value, Rule))
