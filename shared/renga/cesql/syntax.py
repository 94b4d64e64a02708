"""Text to syntax tree."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedInput, UnexpectedToken

from renga.cesql.casts import HIGHEST, LOWEST, shown
from renga.cesql.errors import ParseError
from renga.cesql.nodes import Attribute, Call, Chain, Constant, Exists, In, Like, Minus, Node, Not, children, unescaped

DEEPEST = 100
"""Levels of nesting; brackets alone are no level. It bounds the stack that compiling and evaluating need."""

_WORD = re.compile(
    r"""'(?:[^'\\]|\\.|'')*+'|"(?:[^"\\]|\\.|"")*+"|[A-Za-z0-9_]+|[!<>]=|<>|.""",  # what a reader takes for one word
    re.DOTALL,
)
_EXPECTED = (
    # What a set of expected terminals means to a reader, the most telling first.
    ("INTEGER", "a value"),
    ("TEXT", "a text in quotes"),
    ("NAME", "the name of an attribute"),
    ("LOGIC", "an operator or the end"),
    ("LPAR", "'(' and the values to choose from"),
)


def parse(expression: str) -> Node:
    """Read an expression, in time linear in its length.

    Raises:
        ParseError: it is none, or is nested deeper than `DEEPEST`.
    """
    if not expression.strip(" \t\r\n"):
        raise ParseError(1, 1, "the expression is empty")
    try:
        # lark types what it returns as its own trees; the transformer below makes ours.
        tree: Node = _grammar().parse(expression)  # type: ignore[assignment]
    except _OutOfRange as error:
        raise _at(expression, error.start, f"{error} is beyond {LOWEST} to {HIGHEST}") from None
    except UnexpectedInput as error:
        raise _unexpected(expression, error) from None
    _check_depth(tree)
    return tree


class _OutOfRange(Exception):  # noqa: N818 - becomes a ParseError
    def __init__(self, token: Token) -> None:
        self.start = token.start_pos or 0
        super().__init__(shown(token))


@cache
def _grammar() -> Lark:
    return Lark(
        Path(__file__).with_name("cesql.lark").read_text(encoding="utf-8"),
        parser="lalr",
        lexer="contextual",
        transformer=_Nodes(),
        g_regex_flags=re.IGNORECASE | re.ASCII,
        maybe_placeholders=False,
    )


class _Nodes(Transformer[Token, Node]):
    """Makes nodes while the text is parsed, from the innermost outwards."""

    def chain(self, items: list[Node | Token]) -> Node:
        operators = [{"<>": "!="}.get(item, item.upper()) for item in items[1::2] if isinstance(item, Token)]
        first, *operands = [item for item in items[::2] if not isinstance(item, Token)]
        return Chain(first, tuple(zip(operators, operands, strict=True)))

    def like(self, items: tuple[Node, Token]) -> Node:
        return Like(items[0], unescaped(items[1]))

    def not_like(self, items: tuple[Node, Token]) -> Node:
        return Like(items[0], unescaped(items[1]), negated=True)

    def choices(self, items: list[Node]) -> tuple[Node, ...]:
        return tuple(items)

    def is_in(self, items: tuple[Node, tuple[Node, ...]]) -> Node:
        return In(*items)

    def not_in(self, items: tuple[Node, tuple[Node, ...]]) -> Node:
        return In(*items, negated=True)

    def negated(self, items: list[Node]) -> Node:
        return Not(items[0])

    def minus(self, items: list[Node]) -> Node:
        return Minus(items[0])

    def text(self, items: list[Token]) -> Node:
        return Constant(unescaped(items[0]))

    def integer(self, items: list[Token]) -> Node:
        sign, digits = (items[0][0], items[0][1:]) if items[0][0] in "+-" else ("", str(items[0]))
        # int() refuses thousands of digits; more than ten are out of range as they are.
        significant = digits.lstrip("0") or "0"
        if len(significant) > 10 or not LOWEST <= int(sign + significant) <= HIGHEST:
            raise _OutOfRange(items[0])
        return Constant(int(sign + significant))

    def boolean(self, items: list[Token]) -> Node:
        return Constant(items[0].lower() == "true")

    def attribute(self, items: list[Token]) -> Node:
        return Attribute(items[0].lower())

    def exists(self, items: list[Token]) -> Node:
        return Exists(items[0].lower())

    def call(self, items: list[Node | Token]) -> Node:
        arguments = tuple(item for item in items if not isinstance(item, Token))
        return Call(str(items[0]).upper(), arguments)


def _check_depth(tree: Node) -> None:
    """Walk level by level: recursion is what this is there to prevent."""
    row: Iterable[Node] = (tree,)
    for _ in range(DEEPEST):
        row = [child for node in row for child in children(node)]
        if not row:
            return
    raise ParseError(1, 1, f"the expression is nested deeper than {DEEPEST} levels; split it")


def _at(expression: str, offset: int, reason: str) -> ParseError:
    before = expression[:offset]
    return ParseError(before.count("\n") + 1, offset - before.rfind("\n"), reason)


def _unexpected(expression: str, error: UnexpectedInput) -> ParseError:
    ended = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    offset = len(expression.rstrip(" \t\r\n")) if ended else error.pos_in_stream or 0
    match = None if ended else _WORD.match(expression, offset)
    found = shown(match[0]) if match else "the end"
    if match and match[0] in {"'", '"'}:
        return _at(expression, offset, "the text that begins here is not closed")
    names = set(getattr(error, "expected", None) or getattr(error, "allowed", None) or ())
    expected = next((said for name, said in _EXPECTED if name in names), "something else")
    return _at(expression, offset, f"found {found}, but expected {expected}")
