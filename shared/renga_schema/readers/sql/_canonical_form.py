"""Canonical forms by way of sqlglot's syntax tree. Importing this module imports sqlglot."""

import re
from collections.abc import Callable
from functools import cache
from typing import Final

from sqlglot import Dialect as SqlglotDialect
from sqlglot import ErrorLevel, exp
from sqlglot.errors import SqlglotError
from sqlglot.parsers.base import BaseParser

from renga_schema.model import Dialect
from renga_schema.readers.sql.lexer import STRING, tokens
from renga_schema.readers.sql.lexicon import Lexicon
from renga_schema.readers.sql.names import unquote_string

_NAMES: Final[dict[Dialect, str]] = {"postgres": "postgres", "mysql": "mysql", "sqlite": "sqlite", "mssql": "tsql"}

_TEXT_TYPES: Final = {
    exp.DataType.Type.TEXT,
    exp.DataType.Type.VARCHAR,
    exp.DataType.Type.CHAR,
    exp.DataType.Type.NVARCHAR,
    exp.DataType.Type.BPCHAR,
    exp.DataType.Type.NAME,
}
_COMPOUND: Final = (exp.Binary, exp.Not, exp.Neg, exp.Between, exp.In, exp.AtTimeZone)
_OPERATIONS: Final = (*_COMPOUND, exp.Cast, exp.Bracket)
_ASSOCIATIVE: Final = (exp.And, exp.Or, exp.DPipe)
_SAFE_NAME = re.compile(r"[a-z_][a-z0-9_$]*")
_MOMENTS: Final = {"now", "today", "tomorrow", "yesterday"}
_ESCAPED = re.compile(r"(?<![\w$])[eE]'")
_TEXT_CAST = re.compile(r"""('(?:[^']|'')*')(?:::(?:text|bpchar|character varying|"char")(?![\w(\[]))?""")
"""Every string, with the cast behind it that PostgreSQL prints and that changes nothing."""

_QUOTED_NAME = re.compile(r'"([a-z_][a-z0-9_]*)"')

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_COMPARISON = re.compile(
    r"(?P<name>[a-z_]\w{0,62}+)\s*+(?P<operator><>|[<>]=?|!=|=)\s*+(?P<number>0|[1-9]\d{0,17}+)",
    re.ASCII | re.IGNORECASE,
)
"""A column and a whole number, which are put together without the parser."""
_MORE_IN_VAIN: Final = 32
"""So many tokens more than it has may be read in vain in an expression: enough for arrays of arrays."""
_NOWS: Final = {"now", "transaction_timestamp", "getdate", "sysdatetime", "localtimestamp", "statement_timestamp"}


def canonical(text: str, dialect: Dialect) -> str | None:
    """The canonical form, or None where sqlglot cannot parse the text, or tries too much in order to."""
    comparison = _COMPARISON.fullmatch(text)
    if comparison is not None and comparison["name"].upper() not in _keywords(dialect):
        operator = "<>" if comparison["operator"] == "!=" else comparison["operator"]
        return f"{comparison['name'].lower()} {operator} {comparison['number']}"
    return _parsed(text, dialect)


@cache
def _keywords(dialect: Dialect) -> frozenset[str]:
    """The words that the parser may take for something else than a column; any other is one where it is compared."""
    spoken = _patient(dialect)
    return frozenset(spoken.tokenizer_class.KEYWORDS) | frozenset(spoken.parser_class.NO_PAREN_FUNCTION_PARSERS)


def _parsed(text: str, dialect: Dialect) -> str | None:
    if dialect == "postgres" and "'" in text:
        text = _TEXT_CAST.sub(r"\1", _plain_strings(text))
    try:
        tree = _patient(dialect).parse_into(exp.Condition, text, error_level=ErrorLevel.IMMEDIATE)[0]
        if tree is None:
            return None
        tree = _normalise(tree, keep_case=dialect == "postgres")
        return tree.sql(copy=False, unsupported_level=ErrorLevel.IGNORE, comments=False)
    except (SqlglotError, RecursionError, ValueError, AttributeError, LookupError, TypeError, _Lost):
        # sqlglot fails on odd input in more ways than it documents; the text is then compared as written.
        return None


class _Lost(Exception):  # noqa: N818 - it says what became of the parser
    """The parser has read too many tokens in vain."""


class _Patience(BaseParser):
    """Ends a parser that reads the same again and again.

    What may be a type or a call, such as `date(` or `array[`, sqlglot reads as the one and then as the other, and so
    what stands inside twice; where they nest, the time doubles with each level.
    """

    _left: int | None = None

    def _retreat(self, index: int) -> None:
        if self._left is None:
            self._left = len(self._tokens) + _MORE_IN_VAIN
        self._left -= max(self._index - index, 0)
        if self._left < 0:
            raise _Lost
        super()._retreat(index)


@cache
def _patient(dialect: Dialect) -> SqlglotDialect:
    """The dialect of sqlglot, with a parser of patience: for the whole, and for the types that are in quotes in it."""
    spoken = SqlglotDialect.get_or_raise(_NAMES[dialect])
    patient: type[BaseParser] = type("_PatientParser", (_Patience, spoken.parser_class), {})
    spoken.parser_class = patient
    return spoken


def _plain_strings(text: str) -> str:
    """PostgreSQL's `E'...'` as plain strings: sqlglot's neutral form leaves them out."""
    if _ESCAPED.search(text) is None:
        return text
    pieces, at = [], 0
    for token in tokens(text, 0, len(text), Lexicon.of("postgres")):
        if token.key == STRING and text[token.start] in "eE":
            value = unquote_string(text[token.start : token.end], backslashes=True)
            pieces += [text[at : token.start], "'" + value.replace("'", "''") + "'"]
            at = token.end
    return "".join([*pieces, text[at:]])


def _normalise(tree: exp.Expr, *, keep_case: bool) -> exp.Expr:
    """Rewrite from the leaves up, so that each rule sees operands that are already plain."""
    for node in reversed(list(tree.bfs())):
        plain = _plain(node, keep_case=keep_case)
        if plain is node:
            continue
        if node is tree:
            tree = plain
            tree.pop()
        else:
            node.replace(plain)
    return _parenthesised(tree)


def _plain(node: exp.Expr, *, keep_case: bool) -> exp.Expr:
    """Spell one thing one way: names without needless quotes, `now()`, `= ANY (ARRAY[...])`, charset introducers."""
    rule = _RULES.get(type(node))
    if rule is not None:
        return rule(node)
    if isinstance(node, exp.Identifier):
        name = node.name if keep_case and node.args.get("quoted") else node.name.lower()
        return exp.Identifier(this=name, quoted=_SAFE_NAME.fullmatch(name) is None)
    return node


def _cast(node: exp.Expr) -> exp.Expr:
    """Drop a cast that changes nothing: of anything to a text type, and of a literal where nothing else stands."""
    inner: exp.Expr = node.this
    to = node.args["to"]
    literal = isinstance(inner, exp.Literal | exp.Null | exp.Boolean)
    if literal and isinstance(to, exp.ObjectIdentifier):
        return exp.Literal.string(inner.name.removeprefix("public."))  # a sequence or table by its name
    if literal and to.this in exp.DataType.NUMERIC_TYPES and _NUMBER.fullmatch(inner.name):
        return exp.Literal.number(inner.name)
    is_text = to.this in _TEXT_TYPES or (
        to.this == exp.DataType.Type.ARRAY and all(item.this in _TEXT_TYPES for item in to.expressions)
    )
    user_defined = to.this == exp.DataType.Type.USERDEFINED
    alone = node.parent is None and inner.name.lower() not in _MOMENTS
    if is_text or (literal and (alone or user_defined)):
        return inner
    return node


def _dot(node: exp.Expr) -> exp.Expr:
    """`public.f()` is `f()`."""
    return (
        node.expression if isinstance(node.this, exp.Identifier | exp.Column) and node.this.name == "public" else node
    )


def _between(node: exp.Expr) -> exp.Expr:
    """`x BETWEEN a AND b` is `x >= a AND x <= b`, which is what PostgreSQL keeps."""
    if isinstance(node.parent, exp.Not):
        return node
    low, high = node.args["low"], node.args["high"]
    return exp.And(
        this=exp.GTE(this=node.this, expression=low), expression=exp.LTE(this=node.this.copy(), expression=high)
    )


def _any(node: exp.Expr) -> exp.Expr:
    """`x = ANY (ARRAY[a, b])` is `x IN (a, b)`."""
    if isinstance(node.expression, exp.Any) and isinstance(node.expression.this, exp.Array):
        return exp.In(this=node.this, expressions=node.expression.this.expressions)
    return node


def _all(node: exp.Expr) -> exp.Expr:
    """`x <> ALL (ARRAY[a, b])` is `NOT x IN (a, b)`."""
    right = node.expression  # sqlglot takes ALL for a function of that name
    inside = right.expressions[0] if isinstance(right, exp.Anonymous) and right.name.upper() == "ALL" else right.this
    if isinstance(right, exp.All | exp.Anonymous) and isinstance(inside, exp.Array):
        return exp.Not(this=exp.In(this=node.this, expressions=inside.expressions))
    return node


def _call(node: exp.Expr) -> exp.Expr:
    """`nextval('"public"."s"')` counts up the same sequence as `nextval('s')`."""
    argument = node.expressions[0] if len(node.expressions) == 1 else None
    if node.name.lower() == "nextval" and isinstance(argument, exp.Literal):
        name = _QUOTED_NAME.sub(r"\1", argument.name).removeprefix("public.")
        return exp.Anonymous(this="NEXTVAL", expressions=[exp.Literal.string(name)])
    return _now(node)


def _now(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Anonymous) and node.name.lower() not in _NOWS:
        return node
    return node if node.this and not isinstance(node, exp.Anonymous) else exp.CurrentTimestamp()


_RULES: Final[dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr]]] = {
    exp.Paren: lambda node: node.this,
    exp.Dot: _dot,
    exp.Cast: _cast,
    exp.Between: _between,
    exp.EQ: _any,
    exp.NEQ: _all,
    exp.Introducer: lambda node: node.expression,
    exp.CurrentTimestamp: _now,
    exp.Anonymous: _call,
}


def _parenthesised(tree: exp.Expr) -> exp.Expr:
    """Put parentheses around every operand that is itself an operation, and nowhere else."""
    for node in list(tree.find_all(*_COMPOUND)):
        parent = node.parent
        chained = isinstance(node, _ASSOCIATIVE) and type(node) is type(parent)
        if isinstance(parent, _OPERATIONS) and not chained:
            parentheses = exp.Paren()
            node.replace(parentheses)
            parentheses.set("this", node)
    return tree
