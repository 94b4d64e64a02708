"""The report of a check."""

import pytest

from renga_schema.lint import Report
from renga_schema.model import Severity
from renga_schema.report import Diagnostic


def report(*severities: Severity) -> Report:
    """A report with a finding of each severity."""
    return Report(findings=tuple(Diagnostic(severity=each, code="X", message="x") for each in severities))


@pytest.mark.parametrize(
    ("found", "threshold", "reached"),
    [
        (["warning"], "info", True),
        (["warning"], "warning", True),
        (["warning"], "error", False),
        (["error"], "error", True),
        (["error"], "never", False),
        ([], "info", False),
    ],
)
def test_a_threshold_is_reached_by_what_is_as_severe(found: list[Severity], threshold: str, reached: bool) -> None:
    """`at_least` compares by severity, and nothing reaches `never`."""
    assert report(*found).at_least(threshold) is reached  # type: ignore[arg-type]  # a case is a plain string


def test_counts_name_every_severity() -> None:
    """Severities that were not found count zero."""
    assert report("error", "error", "info").counts == {"error": 2, "warning": 0, "info": 1}


def test_a_report_survives_json() -> None:
    """A report read back from its JSON equals itself."""
    before = report("warning")
    assert Report.model_validate_json(before.model_dump_json()) == before
