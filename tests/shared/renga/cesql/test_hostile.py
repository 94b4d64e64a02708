"""Expressions of 64 kB, deep ones, and what is imported when."""

import subprocess
import sys

import pytest

from renga import cesql
from renga.cesql.syntax import DEEPEST

SIZE = 65_536
EVENT = {"id": "a" * SIZE, "type": "ab" * (SIZE // 2)}

# Each would take hours where reading or matching went back; the suite's own limit of time is the judge.
LONG = {
    "a sum": ("1+" * (SIZE // 2) + "1", SIZE // 2 + 1),
    "a product": ("1*" * (SIZE // 2) + "1", 1),
    "comparisons": ("TRUE=" * (SIZE // 5) + "TRUE", True),
    "alternatives": ("id='x' OR " * (SIZE // 10) + "TRUE", True),
    "brackets": ("(" * (SIZE // 2) + "1" + ")" * (SIZE // 2), 1),
    "choices": ("id IN (" + "'a'," * (SIZE // 4) + "'b')", False),
    "arguments": ("LENGTH(CONCAT(" + "'a'," * (SIZE // 4) + "'b'))", SIZE // 4 + 1),
    "a text": ("LENGTH('" + "x" * SIZE + "')", SIZE),
    "escapes": ("LENGTH('" + "\\'" * (SIZE // 2) + "')", SIZE // 2),
    "zeros": ("0" * SIZE + "7", 7),
    "a text of zeros": ("IS_INT('" + "0" * SIZE + "7x')", False),
    "LIKE that goes on": ("id LIKE '" + "%a" * (SIZE // 2) + "%b'", False),
    "LIKE with any characters": ("id LIKE '%" + "a_" * (SIZE // 4) + "b%'", False),
    "LIKE of any characters": ("id LIKE '%" + "_" * SIZE + "b%'", False),
    "LIKE of two letters": ("type LIKE '%" + "_b" * (SIZE // 4) + "a%a_b_a%'", False),
}
REFUSED = {
    "open brackets": "(" * SIZE,
    "an open text": "'" + "x" * SIZE,
    "an open text of escapes": "'" + "\\'" * (SIZE // 2),
    "an open text of quotes": "'" + "''" * (SIZE // 2),
    "a long number": "9" * SIZE,
    "lines": "\n" * SIZE + "#",
    "a long name": "a" * SIZE + "_",
    "names": ("a" + " " * 50) * (SIZE // 51),
}
DEEP = {
    # What stands before and after each level, and what the greatest depth yields around 1.
    "minus": ("- ", "", -1),
    "NOT": ("NOT ", "", False),
    "sums": ("(1 + ", ")", DEEPEST),
    "calls": ("ABS(", ")", 1),
    "choices": ("1 IN (", ")", True),
    "logic": ("(TRUE AND ", ")", True),
}


@pytest.mark.parametrize("name", LONG)
def test_a_long_expression_is_evaluated(name: str) -> None:
    """64 kB are read and evaluated."""
    expression, value = LONG[name]
    assert cesql.compile(expression).evaluate(EVENT).value == value


@pytest.mark.parametrize("name", REFUSED)
def test_a_long_text_is_refused(name: str) -> None:
    """64 kB that are no expression are refused, with a reason that is shorter than they are."""
    with pytest.raises(cesql.ParseError) as refused:
        cesql.compile(REFUSED[name])
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("name", DEEP)
def test_deep_nesting_is_refused(name: str) -> None:
    """An expression of the greatest depth is evaluated; one level more, or thousands, is a parse error."""
    before, after, value = DEEP[name]
    deepest = before * (DEEPEST - 1) + "1" + after * (DEEPEST - 1)
    assert cesql.compile(str(cesql.compile(deepest))).evaluate({}) == (value, ())
    for depth in (DEEPEST, SIZE // len(before)):
        with pytest.raises(cesql.ParseError, match=f"nested deeper than {DEEPEST} levels"):
            cesql.compile(before * depth + "1" + after * depth)


def test_the_parser_is_imported_with_the_first_expression() -> None:
    """Lark costs nothing to whoever compiles no expression."""
    probe = (
        "import sys, renga.cesql; assert 'lark' not in sys.modules;"
        "renga.cesql.compile('TRUE'); assert 'lark' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", probe], check=True)
