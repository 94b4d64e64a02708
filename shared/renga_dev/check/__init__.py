"""What is wrong with rendered manifests that a schema does not see: `check(cluster)`; `RULES` documents each rule."""

from typing import Final

from renga_dev.check import chain, eventing, serving
from renga_dev.check.cluster import Cluster, Project, cluster
from renga_dev.check.rule import Example, Finding, Rule, rules_of

__all__ = ["RULES", "Cluster", "Example", "Finding", "Project", "Rule", "check", "cluster"]

RULES: Final = tuple(rules_of(eventing, chain, serving))


def check(found: Cluster, *, pinned: bool = False) -> tuple[Finding, ...]:
    """Apply every rule, errors first; those of deployments only where `pinned`."""
    findings = [
        Finding(rule.id, rule.severity, each.object, each.message, each.help or rule.fix, each.source)
        for rule in RULES
        if pinned or not rule.pinned
        for each in rule.find(found)
    ]
    return tuple(sorted(findings, key=lambda finding: finding.severity))
