"""The check: what it applies, what it says, and that real schemas are not called broken."""

from pathlib import Path

import pytest

from corpus import dialect_of, read_once
from renga_schema import lint, read
from renga_schema.lint import Example, Rule
from renga_schema.model import Schema
from renga_schema.report import Loss

EXAMPLES = [
    pytest.param(rule, example, broken, id=f"{rule.id}-{'bad' if broken else 'good'}-{number}")
    for rule in lint.rules()
    for broken, examples in ((True, rule.bad), (False, rule.good))
    for number, example in enumerate(examples)
]


@pytest.mark.parametrize(("rule", "example", "broken"), EXAMPLES)
def test_examples_are_the_truth_about_a_rule(rule: Rule, example: Example, broken: bool) -> None:
    """Each bad example, read by the real reader, breaks its rule, and each good one keeps it."""
    reading = read(example.sql, dialect=example.dialect)
    assert not reading.diagnostics
    findings = lint.check(reading.schema, proposals=example.proposals).findings
    assert (rule.id in {finding.code for finding in findings}) is broken


@pytest.mark.parametrize("rule", lint.rules(), ids=lambda rule: rule.id)
def test_every_rule_is_documented(rule: Rule) -> None:
    """A rule has a title, a reason, advice, and examples of both kinds in dialects that it applies to."""
    assert rule.title
    assert rule.rationale.endswith(".")
    assert rule.fix.endswith(".")
    assert rule.bad
    assert rule.good
    assert all(rule.applies_to(example.dialect) for example in rule.bad)
    assert rule.id.startswith(f"{rule.family}-")


def test_findings_say_what_where_and_what_to_do() -> None:
    """A finding has the rule's id, the object's path, its place in the source, and advice."""
    schema = read("CREATE TABLE a (id int PRIMARY KEY);\nCREATE TABLE b (\n  x int);", dialect="postgres").schema
    (finding,) = lint.check(schema, rules=["DSN-NO-PK"]).findings
    assert (finding.severity, finding.code, finding.object) == ("warning", "DSN-NO-PK", "b")
    assert finding.origin is not None
    assert finding.origin.line == 2
    assert finding.help == "Add a primary key."


def test_findings_come_in_the_order_of_the_source() -> None:
    """Findings of different rules are sorted by their place."""
    schema = read("CREATE TABLE a (x int, price float);\nCREATE TABLE b (y int);", dialect="postgres").schema
    lines = [finding.origin.line for finding in lint.check(schema).findings if finding.origin]
    assert len(lines) == 3
    assert lines == sorted(lines)


def test_rules_can_be_chosen() -> None:
    """Only the rules that are named are applied."""
    schema = read("CREATE TABLE a (price float);", dialect="postgres").schema
    codes = {finding.code for finding in lint.check(schema, rules=["TYP-FLOAT-MONEY"]).findings}
    assert codes == {"TYP-FLOAT-MONEY"}


def test_an_unknown_rule_is_named_with_its_likely_meaning() -> None:
    """A misspelt id raises an error that offers the right one."""
    with pytest.raises(lint.UnknownRuleError, match="did you mean DSN-NO-PK"):
        lint.check(Schema(), rules=["dsn-no-pks"])


def test_a_rule_of_one_dialect_leaves_a_neutral_schema_alone() -> None:
    """What is a matter of one engine is not held against a schema of none."""
    reading = read("tables: {t: {columns: {id: bigint key, at: timestamp}}}", format="yaml")
    assert "TYP-TIMESTAMP-NO-TZ" not in {finding.code for finding in lint.check(reading.schema).findings}


def test_what_the_reader_could_not_hold_is_not_called_missing() -> None:
    """A foreign key to an object in the reader's ledger is no finding."""
    sql = "CREATE TABLE b (id int PRIMARY KEY, a_id int REFERENCES a (id));"
    schema = read(sql, dialect="postgres").schema
    chosen = ["INT-FK-TARGET-MISSING"]
    assert lint.check(schema, rules=chosen).counts["error"] == 1
    ledger = [Loss(object="a", feature="foreign table", instead="left out")]
    assert lint.check(schema, rules=chosen, losses=ledger).counts["error"] == 0


# MariaDB refuses it too: it refers to the second column of a primary key.
REALLY_BROKEN = {"mysql/rido": {"INT-FK-TARGET-NOT-INDEXED"}}


def test_no_real_schema_is_called_broken(shared_material: Path) -> None:
    """Not one of the real dumps that run in production has an error."""
    broken = {}
    for path in sorted((shared_material / "corpus").rglob("*.sql")):
        found = read_once(path, dialect_of(path))
        findings = lint.check(found.schema, losses=found.losses).findings
        if errors := {finding.code for finding in findings if finding.severity == "error"}:
            broken[f"{path.parent.name}/{path.stem}"] = errors
    assert broken == REALLY_BROKEN
