"""Check a schema against rules: `check(schema)`; `rules()` lists them with all that documents them."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Final

from renga_schema.catalog import Catalog
from renga_schema.lint import design, indexes, integrity, naming, references, security, types, undeclared
from renga_schema.lint.report import Report
from renga_schema.lint.rule import Example, Finding, Registry, Rule
from renga_schema.model import Schema
from renga_schema.report import Diagnostic, Loss, Proposal

__all__ = ["Example", "Finding", "Registry", "Report", "Rule", "UnknownRuleError", "check", "rules"]

_REGISTRY: Final = Registry.of(references, integrity, design, undeclared, indexes, types, naming, security)


class UnknownRuleError(ValueError):
    """A rule was asked for that does not exist."""


def rules() -> tuple[Rule, ...]:
    """Every rule, family by family."""
    return tuple(_REGISTRY)


def check(
    schema: Schema,
    *,
    rules: Iterable[str] | None = None,
    losses: Sequence[Loss] = (),
    proposals: Sequence[Proposal] = (),
) -> Report:
    """Apply the rules of these ids (None: all) that fit the schema's dialect.

    `losses` is the reader's ledger: what it names exists in the source though not in the model, so nothing is called
    missing on its account. `proposals` are foreign keys that the schema does not declare, by whoever looked for them;
    without any, DSN-FK-MISSING finds nothing.

    Raises:
        UnknownRuleError: an id is not that of a rule.
    """
    chosen = tuple(_REGISTRY) if rules is None else [_rule(rule_id) for rule_id in rules]
    catalog = Catalog(schema, unread=[loss.object for loss in losses], proposals=proposals)
    findings = [
        Diagnostic(
            severity=rule.severity,
            code=rule.id,
            message=finding.message,
            object=finding.object,
            origin=finding.origin,
            help=finding.help or rule.fix,
        )
        for rule in chosen
        if rule.applies_to(schema.dialect)
        for finding in rule.find(catalog)
    ]
    findings.sort(key=_place)
    return Report(findings=tuple(findings))


def _rule(rule_id: str) -> Rule:
    if rule := _REGISTRY.get(rule_id):
        return rule
    close = get_close_matches(rule_id.upper(), [rule.id for rule in _REGISTRY], n=1, cutoff=0.5)
    hint = f"did you mean {close[0]}?" if close else f"the rules are {', '.join(rule.id for rule in _REGISTRY)}"
    raise UnknownRuleError(f"there is no rule {rule_id!r}; {hint}")


def _place(finding: Diagnostic) -> tuple[str, int, int]:
    origin = finding.origin
    return (origin.file or "", origin.line, origin.column) if origin else ("", 0, 0)
