"""What readers collect beside the schema."""

import renga_schema
from renga_schema.readers.findings import MOST_SAID, Findings
from renga_schema.readers.source import Source


def test_findings_come_in_the_order_of_the_text() -> None:
    """Whoever found them first, diagnostics and losses are sorted by their places."""
    findings = Findings(Source("one\ntwo\n", "x"))
    findings.say("B", "second", 4)
    findings.say("A", "first", 0)
    findings.lose("b", "x", "y", 5)
    findings.lose("a", "x", "y", 1)
    assert [(each.code, each.text) for each in findings.diagnostics] == [("A", "one"), ("B", "two")]
    assert [(each.object, each.origin and each.origin.line) for each in findings.losses] == [("a", 1), ("b", 2)]


def test_advice_is_not_looked_for_without_end() -> None:
    """After so many comparisons an unknown name gets no more advice, however many follow."""
    findings = Findings(Source("x"))
    known = [f"name{number}" for number in range(30_000)]
    advice = [findings.did_you_mean("name7", known, "Look it up.") for _ in range(6)]
    assert advice[0] == "Did you mean name7?"
    assert advice[-1] == "Look it up."


def test_a_script_is_not_complained_of_without_end() -> None:
    """After so many statements that fail, one diagnostic says that there are more; all of them are counted."""
    script = "a;\n" * (MOST_SAID + 10)
    reading = renga_schema.read(script, dialect="postgres")
    assert len(reading.diagnostics) == MOST_SAID + 1
    assert reading.diagnostics[-1].code == "READ-SIZE"
    assert "A statement is expected, but 'a' was found." in reading.diagnostics[-1].message
    assert reading.statements.failed == MOST_SAID + 10
