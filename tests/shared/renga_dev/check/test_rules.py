"""The rules: each example is what its rule says of it, and every finding says what to do."""

import pytest

from renga_dev.check import RULES, Example, Rule, check
from renga_dev.check.examples import example_cluster

EXAMPLES = [
    pytest.param(rule, example, broken, id=f"{rule.id}-{'bad' if broken else 'good'}-{number}")
    for rule in RULES
    for broken, examples in ((True, rule.bad), (False, rule.good))
    for number, example in enumerate(examples)
]


@pytest.mark.parametrize(("rule", "example", "broken"), EXAMPLES)
def test_examples_are_the_truth_about_a_rule(rule: Rule, example: Example, broken: bool) -> None:
    """Each bad example breaks its rule, and each good one keeps it."""
    findings = check(example_cluster(example), pinned=rule.pinned)
    assert (rule.id in {finding.rule for finding in findings}) is broken


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_is_documented(rule: Rule) -> None:
    """A rule has a title, a reason, advice, and examples of both kinds."""
    assert rule.title
    assert rule.rationale.endswith(".")
    assert rule.fix.endswith(".")
    assert rule.bad
    assert rule.good
    assert rule.find.__doc__


def test_no_two_rules_share_an_id() -> None:
    """An id is what a finding is looked up by."""
    assert len({rule.id for rule in RULES}) == len(RULES)
