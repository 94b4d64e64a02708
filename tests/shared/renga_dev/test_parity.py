"""The parity report is complete and backed by tests."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

from renga_dev.eventing import Profile
from renga_dev.parity import report

TESTS = Path(__file__).parent
RULES = {"B": 8, "F": 7, "D": 12, "S": 10}
IDS = [f"{letter}{number}" for letter, count in RULES.items() for number in range(1, count + 1)]


def marked() -> dict[str, set[str]]:
    """Rule ids on tests of the runtime, with the tests that carry them, read from the source."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                for decorator in node.decorator_list:
                    if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.rule":
                        for argument in decorator.args:
                            found[ast.literal_eval(argument)].add(f"{path.name}::{node.name}")
    return found


@pytest.mark.parametrize("profile", ["mt", "kafka"])
def test_every_rule_is_reported(profile: Profile) -> None:
    """Each rule has one row, in the order of the contract, with a status and a sentence."""
    rows = report(profile)
    assert [row.id for row in rows] == IDS
    assert {row.status for row in rows} <= {"enforced", "different", "absent"}
    assert all(row.title and row.how.endswith(".") for row in rows)


@pytest.mark.parametrize("profile", ["mt", "kafka"])
def test_what_is_enforced_is_tested(profile: Profile) -> None:
    """No rule is said to be enforced without a test that carries its id."""
    tested = marked()
    assert [row.id for row in report(profile) if row.status == "enforced" and row.id not in tested] == []


def test_what_is_absent_is_not_tested() -> None:
    """A rule that a test proves is not reported as absent."""
    tested = marked()
    assert [row.id for row in report() if row.status == "absent" and row.id in tested] == []


def test_marked_rules_exist() -> None:
    """No test carries the id of a rule that there is not."""
    assert {rule: tests for rule, tests in marked().items() if rule not in IDS} == {}


def test_rules_are_those_of_the_reference(shared_material: Path) -> None:
    """The ids are the ones of the reference's tables."""
    reference = shared_material / "reference" / "knative-events.md"
    if not reference.is_file():
        pytest.skip(f"no {reference}")
    assert re.findall(r"^\| ([BFDS]\d+) \|", reference.read_text(), re.MULTILINE) == IDS
