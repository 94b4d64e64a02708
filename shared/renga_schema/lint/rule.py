"""What a rule is: data that documents it, beside the function that applies it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Final, Literal, NamedTuple

from renga_schema.catalog import Catalog
from renga_schema.model import Dialect, Origin, Severity
from renga_schema.report import Proposal

DIALECTS: Final[frozenset[Dialect]] = frozenset({"postgres", "mysql", "sqlite", "mssql"})


class Finding(NamedTuple):
    """What a rule's function yields; `check` adds the rule's id, its severity and its advice."""

    object: str
    """The path: `public.orders.customer_id`."""
    message: str
    origin: Origin | None
    help: str | None = None
    """Advice for this very case, in place of the rule's."""


class Example(NamedTuple):
    """A piece of SQL that breaks or keeps a rule; both its test and its documentation."""

    dialect: Dialect
    sql: str
    proposals: tuple[Proposal, ...] = ()
    """What somebody believes of it, for the rules that report that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that can be wrong with a schema."""

    id: str
    """Stable: family, then subject: `IDX-FK-NONE`."""
    title: str
    rationale: str
    """Why it matters, for a reader who has not met it."""
    severity: Severity
    """`error` only for what an engine refuses or what cannot mean anything."""
    fix: str
    """What to do about it."""
    bad: tuple[Example, ...]
    good: tuple[Example, ...]
    scope: Literal["schema"] = "schema"
    dialects: frozenset[Dialect] = DIALECTS
    """Where it applies. A schema of no dialect is checked by the rules that apply to every dialect."""
    find: Callable[[Catalog], Iterable[Finding]] = field(repr=False)

    @property
    def family(self) -> str:
        """The part of the id before the first hyphen."""
        return self.id.partition("-")[0]

    def applies_to(self, dialect: Dialect | None) -> bool:
        """Whether a schema of that dialect can break the rule."""
        return self.dialects == DIALECTS if dialect is None else dialect in self.dialects


def rule(
    rule_id: str,
    *,
    title: str,
    severity: Severity,
    rationale: str,
    fix: str,
    bad: Iterable[Example],
    good: Iterable[Example],
    dialects: Iterable[Dialect] = DIALECTS,
) -> Callable[[Callable[[Catalog], Iterable[Finding]]], Rule]:
    """Make a rule of the function that finds what breaks it."""

    def of(find: Callable[[Catalog], Iterable[Finding]]) -> Rule:
        return Rule(
            id=rule_id,
            title=title,
            severity=severity,
            rationale=rationale,
            fix=fix,
            bad=tuple(bad),
            good=tuple(good),
            dialects=frozenset(dialects),
            find=find,
        )

    return of


class Registry:
    """The rules by id. Two rules of one id are a mistake in the program, and refused.

    Raises:
        ValueError: two rules share an id.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules: dict[str, Rule] = {}
        for rule in rules:
            if rule.id in self._rules:
                raise ValueError(f"two rules are called {rule.id}; give one of them another id")
            self._rules[rule.id] = rule

    @classmethod
    def of(cls, *families: ModuleType) -> "Registry":
        """Every rule that the modules define at their top level, in the order of their definition."""
        return cls(value for family in families for value in vars(family).values() if isinstance(value, Rule))

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._rules.values())

    def get(self, rule_id: str) -> Rule | None:
        """The rule of that id, or None."""
        return self._rules.get(rule_id)
