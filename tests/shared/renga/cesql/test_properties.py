"""What holds of every expression, as hypothesis makes them."""

import re

from hypothesis import given
from hypothesis import strategies as st

from expressions import events, texts, trees
from renga import cesql
from renga.cesql.like import matcher
from renga.cesql.nodes import Node, text_of
from renga.cesql.syntax import parse

LIKELY = st.text("ab%_\\\n", max_size=12)
FRAGMENTS = st.sampled_from(
    [
        *"()+-*/%=<>,'\"\\ \n_",
        "<>",
        "!=",
        "a",
        "id",
        "1",
        "-1",
        "'x'",
        "AND",
        "or",
        "NOT",
        "IN",
        "like",
        "EXISTS",
        "true",
    ]
)


@given(trees())
def test_a_tree_survives_its_text(tree: Node) -> None:
    """A tree that is written as text and parsed again is the same tree."""
    # 1 == True in Python; their texts tell them apart.
    assert repr(parse(text_of(tree))) == repr(tree)


@given(trees(), events())
def test_an_evaluation_is_total(tree: Node, event: dict[str, str | int | bool]) -> None:
    """Every evaluation yields a text, a 32-bit integer or a boolean, at most one error, and the same again."""
    expression = cesql.compile(text_of(tree))
    before = dict(event)
    value, errors = expression.evaluate(event)
    assert type(value) in {str, int, bool}
    assert not isinstance(value, int) or -(2**31) <= value < 2**31
    assert len(errors) <= 1
    assert event == before
    assert cesql.compile(str(expression)).evaluate(event) == (value, errors)


@given(st.text() | st.lists(FRAGMENTS, max_size=30).map("".join) | st.lists(FRAGMENTS, max_size=30).map(" ".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever the text: it compiles, or a ParseError names a place in it."""
    refused: list[cesql.ParseError] = []
    try:
        cesql.compile(text)
    except cesql.ParseError as error:
        refused.append(error)
    lines = text.split("\n")
    for place in refused:
        assert 1 <= place.line <= len(lines)
        assert 1 <= place.column <= len(lines[place.line - 1]) + 1


@given(LIKELY, LIKELY | texts())
def test_like_is_its_definition(pattern: str, text: str) -> None:
    """A pattern matches what the regular expression of its definition matches."""
    pieces = re.findall(r"\\[%_]|.", pattern, re.DOTALL)
    wildcards = {"%": ".*", "_": "."}
    meaning = "".join(wildcards.get(piece) or re.escape(piece[-1]) for piece in pieces)
    assert matcher(pattern)(text) is bool(re.fullmatch(meaning, text, re.DOTALL))
