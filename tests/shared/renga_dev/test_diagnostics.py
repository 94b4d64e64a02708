"""How a diagnostic looks in a terminal."""

import pytest

from renga_dev.diagnostics import diagnostic_lines
from renga_schema.model import Origin
from renga_schema.report import Diagnostic


def shown(source: str, line: int, column: int, **more: str) -> list[str]:
    """The lines of one diagnostic."""
    origin = Origin(line=line, column=column)
    diagnostic = Diagnostic(severity="error", code="X-Y", message="It is wrong.", origin=origin, **more)
    return [told.plain for told in diagnostic_lines(diagnostic, "a.sql", source)]


@pytest.mark.parametrize(
    ("line", "column", "excerpt", "caret"),
    [
        ("a b", 3, "a b", "  ^"),
        ("\ta\tb", 4, "    a   b", "        ^"),
        ("数据 x", 4, "数据 x", "     ^"),
        ("a\x1b[31mb\x00", 2, "a�[31mb�", " ^"),
        ("x" * 500, 1, "x" * 160 + "…", "^"),
        ("x" * 500, 300, "…" + "x" * 160 + "…", " " * 81 + "^"),
        ("short", 40, "short", "     ^"),
    ],
)
def test_the_caret_stands_under_its_column(line: str, column: int, excerpt: str, caret: str) -> None:
    """Whatever the line holds: tabs, wide or control characters, far too much, or less than the column says."""
    assert shown(f"first\n{line}\nlast", 2, column)[1:] == [f"    {excerpt}", f"    {caret}"]


def test_where_what_and_help() -> None:
    """File, line and column come first, in the form that editors take; the help comes last."""
    lines = shown("a", 1, 1, help="Do this.")
    assert (lines[0], lines[-1]) == ("a.sql:1:1: error X-Y It is wrong.", "    help: Do this.")


def test_a_line_that_the_file_has_not() -> None:
    """Then the diagnostic's own line is shown, or none."""
    assert shown("a", 7, 1, text="b")[1] == "    b"
    assert len(shown("a", 7, 1)) == 1
