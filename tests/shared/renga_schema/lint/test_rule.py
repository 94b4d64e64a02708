"""Rules as data, and the registry that holds them."""

import pytest

from renga_schema import lint
from renga_schema.lint.rule import DIALECTS, Registry


def test_two_rules_of_one_id_are_refused() -> None:
    """The registry names the id that is taken."""
    rule = lint.rules()[0]
    with pytest.raises(ValueError, match=f"two rules are called {rule.id}"):
        Registry([rule, rule])


def test_the_registry_finds_a_rule_by_its_id() -> None:
    """A rule is found by its id, and an unknown id finds nothing."""
    rules = lint.rules()
    assert Registry(rules).get(rules[3].id) is rules[3]
    assert Registry(rules).get("NO-SUCH-RULE") is None


def test_a_rule_knows_its_dialects() -> None:
    """A rule of every dialect applies to a schema of none; a rule of one does not."""
    everywhere = next(rule for rule in lint.rules() if rule.dialects == DIALECTS)
    somewhere = next(rule for rule in lint.rules() if rule.dialects == frozenset({"mysql"}))
    assert everywhere.applies_to(None)
    assert somewhere.applies_to("mysql")
    assert not somewhere.applies_to("postgres")
    assert not somewhere.applies_to(None)


def test_twelve_rules_of_five_families_at_least() -> None:
    """The catalogue has the breadth that the first issue asks for."""
    assert len(lint.rules()) >= 12
    assert len({rule.family for rule in lint.rules()}) >= 5
