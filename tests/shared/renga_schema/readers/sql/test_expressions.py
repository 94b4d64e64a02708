"""Expressions that mean the same have one canonical form; those that do not, do not."""

import logging
from typing import get_args

import pytest

from renga_schema.model import Dialect
from renga_schema.readers.sql.expressions import default, expression
from renga_schema.types import parse

SAME: list[list[tuple[str, Dialect]]] = [
    [
        ("((status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))", "postgres"),
        ("status in ('a','b')", "postgres"),
        ("\"status\" IN ('a', 'b')", "postgres"),
        ("`status` in (_utf8mb4'a',_utf8mb4'b')", "mysql"),
        ("[status] IN ('a','b')", "mssql"),
    ],
    [("((price > (0)::numeric) AND (qty >= 0))", "postgres"), ("price>0 and qty >= 0", "sqlite")],
    [("a AND (b AND c)", "postgres"), ("(a and b) and c", "mysql")],
    [
        ("now()", "postgres"),
        ("CURRENT_TIMESTAMP", "postgres"),
        ("current_timestamp()", "mysql"),
        ("(CURRENT_TIMESTAMP)", "sqlite"),
        ("(getdate())", "mssql"),
    ],
    [("'x'::character varying", "postgres"), ("'x'", "mysql"), ("('x')", "sqlite"), ("'x'::public.kind", "postgres")],
    [("NULL::character varying", "postgres"), ("null", "mysql")],
    [("((-1))", "postgres"), ("- 1", "mysql"), ("-1", "sqlite")],
    [("nextval('public.a_seq'::regclass)", "postgres"), ("nextval('a_seq'::regclass)", "postgres")],
    [("lower((email)::text)", "postgres"), ("LOWER(email)", "mysql")],
    [("public.f(a)", "postgres"), ("f(a)", "postgres")],
]

DIFFERENT: list[tuple[str, str, Dialect]] = [
    ("a OR (b AND c)", "(a OR b) AND c", "postgres"),
    ("a - (b - c)", "(a - b) - c", "postgres"),
    ("x = 'A'", "x = 'a'", "postgres"),
    ('"X" > 1', "x > 1", "postgres"),
    ("x::int > 1", "x > 1", "postgres"),
    ("NOT (a AND b)", "NOT a AND b", "postgres"),
    ("('now'::text)::date", "'now'", "postgres"),
]


@pytest.mark.parametrize("group", SAME, ids=lambda group: group[0][0][:30])
def test_what_means_the_same_compares_equal(group: list[tuple[str, Dialect]]) -> None:
    """Parentheses, casts of literals, case and the dialect's way of printing make no difference."""
    forms = {expression(text, dialect).canonical for text, dialect in group}
    assert len(forms) == 1
    assert None not in forms


@pytest.mark.parametrize(("one", "other", "dialect"), DIFFERENT)
def test_what_means_something_else_does_not(one: str, other: str, dialect: Dialect) -> None:
    """Precedence, case of strings and of quoted names, and casts of columns make a difference."""
    assert expression(one, dialect).canonical != expression(other, dialect).canonical


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "sqlite", "mssql"])
def test_a_canonical_form_is_its_own(dialect: Dialect) -> None:
    """Canonicalising twice changes nothing more."""
    for text in ("a > 1 AND NOT b OR c IN (1, 2)", "lower(a) || 'x'", "a BETWEEN 1 AND b + 2 * 3", "a IS NOT NULL"):
        once = expression(text, dialect).canonical
        assert once is not None
        assert expression(once, dialect).canonical == once


def test_the_text_stays_as_written() -> None:
    """The canonical form stands beside the text, not in its place."""
    assert expression("( a  >  1 )", "postgres").text == "( a  >  1 )"


@pytest.mark.parametrize(
    "text", ["a >", "CASE WHEN", "(a + " * 60 + "1" + ")" * 60, "'" + "x" * 30_000 + "' || y", "a ! b"]
)
def test_what_cannot_be_parsed_has_no_canonical_form(text: str) -> None:
    """It is compared as written."""
    assert expression(text, "postgres").canonical is None


@pytest.mark.parametrize("dialect", get_args(Dialect))
@pytest.mark.parametrize("name", ["a", "Total", "value", "_x1", "date", "array", "map", "left", "not", "current_date"])
def test_a_plain_comparison_is_what_the_parser_makes_of_it(name: str, dialect: Dialect) -> None:
    """A word and a number, which need no parser where the word is a column, compare equal to what needs one."""
    for operator in ("=", "<", ">", "<=", ">=", "<>", "!="):
        for number in ("0", "7", "100"):
            plain, parsed = (f"{name}{gap}{operator}{gap}{number}" for gap in ("", " /* a */ "))
            assert expression(plain, dialect).canonical == expression(parsed, dialect).canonical


def test_a_word_that_opens_nothing_is_no_fault() -> None:
    """A keyword that the parser stumbles over leaves the expression as written."""
    assert expression("else = 5", "postgres").canonical is None


def test_a_long_chain_does_not_exhaust_the_stack() -> None:
    """An expression too deep for the parser is kept as written."""
    assert expression("0" + " + 1" * 4000, "postgres").canonical is None


def test_the_parser_is_silent(caplog: pytest.LogCaptureFixture) -> None:
    """What sqlglot thinks of an expression is not logged."""
    with caplog.at_level(logging.DEBUG):
        expression("x -> 'a' #>> '{b}' ~* 'c'", "postgres")
        expression("group_concat(a SEPARATOR 'x')", "mysql")
    assert caplog.records == []


@pytest.mark.parametrize(
    ("text", "type_", "dialect", "canonical"),
    [
        ("'0'", "int(11)", "mysql", "0"),
        ("'-1.50'", "decimal(10,2)", "mysql", "-1.5"),
        ("'1'", "tinyint(1)", "mysql", "TRUE"),
        ("'7'", "tinyint(1)", "mysql", "7"),
        ("b'0'", "tinyint(1)", "mysql", "FALSE"),
        ("((1))", "bit", "mssql", "TRUE"),
        ("'f'::boolean", "boolean", "postgres", "FALSE"),
        ("'-1'::integer", "integer", "postgres", "-1"),
        ("'0'", "varchar(5)", "mysql", "'0'"),
        ("'{1}'::integer[]", "integer[]", "postgres", "'{1}'"),
    ],
)
def test_a_default_is_seen_with_its_type(text: str, type_: str, dialect: Dialect, canonical: str) -> None:
    """A quoted number is a number in a numeric column, and 1 is true in a boolean one."""
    assert default(text, parse(type_, dialect), dialect).canonical == canonical
