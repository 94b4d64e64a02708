"""Translation by way of sqlglot's syntax tree. Importing this module imports sqlglot.

sqlglot renders what it does not know as it stands. A default with a function that the target lacks would fail when the
table is made, so every function must be on the target's list, and everything else is given up and noted.
"""

from collections.abc import Callable
from typing import Final

from sqlglot import Dialect as SqlglotDialect
from sqlglot import ErrorLevel, exp
from sqlglot.errors import SqlglotError

from renga_schema.identifiers import quote
from renga_schema.model import Dialect
from renga_schema.writers.lowering.expressions import Locate, Use

_NAMES: Final[dict[Dialect, str]] = {"postgres": "postgres", "mysql": "mysql", "sqlite": "sqlite", "mssql": "tsql"}

_EVERYWHERE: Final = frozenset(
    {exp.Abs, exp.Avg, exp.Case, exp.Cast, exp.Coalesce, exp.Concat, exp.Count, exp.If, exp.Length, exp.Lower, exp.Max}
    | {exp.Min, exp.Nullif, exp.Round, exp.Substring, exp.Sum, exp.Trim, exp.Upper, exp.Exists, exp.And, exp.Or}
    | {exp.CurrentDate, exp.CurrentTime, exp.CurrentTimestamp, exp.RowNumber}
)
_FUNCTIONS: Final[dict[Dialect, frozenset[type[exp.Expr]]]] = {
    "postgres": _EVERYWHERE | {exp.Ceil, exp.Floor, exp.Greatest, exp.Least, exp.Extract, exp.RegexpLike, exp.Uuid},
    "mysql": _EVERYWHERE | {exp.Ceil, exp.Floor, exp.Greatest, exp.Least, exp.Extract, exp.GroupConcat, exp.Uuid},
    "sqlite": _EVERYWHERE | {exp.Greatest, exp.Least, exp.GroupConcat},
}
_CLOCK: Final = (exp.CurrentDate, exp.CurrentTime, exp.CurrentTimestamp, exp.CurrentDatetime, exp.Uuid, exp.Rand)
# What sqlglot writes for any target though only PostgreSQL understands it.
_POSTGRES_ONLY: Final = (
    exp.Array,
    exp.ArrayContainsAll,
    exp.ArrayContainedBy,
    exp.ArrayOverlaps,
    exp.Any,
    exp.All,
    exp.AtTimeZone,
    exp.Bracket,
    exp.Interval,
    exp.JSONExtract,
    exp.JSONExtractScalar,
    exp.JSONBContains,
    exp.JSONBExtract,
    exp.JSONBExtractScalar,
    exp.Lateral,
    exp.SimilarTo,
    exp.RegexpILike,
)
_BARE_CASTS: Final = {
    exp.DataType.Type.TEXT,
    exp.DataType.Type.VARCHAR,
    exp.DataType.Type.CHAR,
    exp.DataType.Type.BPCHAR,
    exp.DataType.Type.NAME,
    exp.DataType.Type.USERDEFINED,
}


def translate(
    text: str,
    source: Dialect,
    target: Dialect,
    use: Use,
    *,
    is_boolean: Callable[[str], bool],
    locate: Locate | None = None,
) -> str | None:
    """The text in the target's words, or None where it cannot be parsed or uses what the target lacks.

    `is_boolean` tells columns that hold truth values, which PostgreSQL does not compare with numbers.
    """
    reader = SqlglotDialect.get_or_raise(_NAMES[source])
    try:
        trees = (
            reader.parse(text, error_level=ErrorLevel.IMMEDIATE)
            if use == "query"
            else reader.parse_into(exp.Condition, text, error_level=ErrorLevel.IMMEDIATE)
        )
        tree = trees[0] if len(trees) == 1 else None
        if tree is None:
            return None
        # One pass for each: a pass does not look inside what it has replaced.
        tree = tree.transform(_any_as_in)
        tree = tree.transform(_now_as_clock)
        if target == "postgres":
            _compare_truths(tree, is_boolean)
        else:
            tree = tree.transform(_without_bare_casts)
        for clause in tree.find_all(exp.With):
            # SQL Server does not say RECURSIVE.
            names = {each.alias for each in clause.expressions}
            if any(table.name in names for each in clause.expressions for table in each.find_all(exp.Table)):
                clause.set("recursive", clause.args.get("recursive") or source == "mssql")
        tree = tree.transform(_spelled, target=target)
        if locate:
            _relocate(tree, target, locate)
        if not _understood(tree, source, target, use):
            return None
        return tree.sql(_NAMES[target], unsupported_level=ErrorLevel.RAISE, comments=False, normalize_functions="lower")
    except (SqlglotError, RecursionError, ValueError, AttributeError, KeyError, TypeError):
        # sqlglot fails on odd input in more ways than it documents; the caller notes what could not be carried over.
        return None


def _any_as_in(node: exp.Expr) -> exp.Expr:
    """`= ANY (ARRAY[...])`, which is how PostgreSQL prints IN, is IN again."""
    if not (isinstance(node, exp.EQ) and isinstance(node.expression, exp.Any)):
        return node
    array = node.expression.this
    while isinstance(array, exp.Paren | exp.Cast):
        array = array.this
    return exp.In(this=node.this, expressions=array.expressions) if isinstance(array, exp.Array) else node


def _now_as_clock(node: exp.Expr) -> exp.Expr:
    """`('now'::text)::date`, as older dumps have it, is the clock."""
    inner = node
    while isinstance(inner, exp.Paren | exp.Cast):
        inner = inner.this
    if not (isinstance(node, exp.Cast) and isinstance(inner, exp.Literal) and inner.name == "now"):
        return node
    clock: exp.Expr = exp.CurrentDate() if node.to.this == exp.DataType.Type.DATE else exp.CurrentTimestamp()
    return clock


def _compare_truths(tree: exp.Expr, is_boolean: Callable[[str], bool]) -> None:
    """`is_open = 1` is `is_open = TRUE` where the column is a boolean."""
    for comparison in tree.find_all(exp.EQ, exp.NEQ):
        column, number = comparison.this, comparison.expression
        is_truth = isinstance(number, exp.Literal) and number.name in {"0", "1"}
        if is_truth and isinstance(column, exp.Column) and is_boolean(column.name):
            comparison.set("expression", exp.Boolean(this=number.name == "1"))


def _without_bare_casts(node: exp.Expr) -> exp.Expr:
    """Without the casts to text and to the user's own types that PostgreSQL prints and others do not need."""
    while isinstance(node, exp.Cast) and node.to.this in _BARE_CASTS:
        node = node.this
        if isinstance(node, exp.Paren) and isinstance(node.this, exp.Column):
            node = node.this
    return node


def _spelled(node: exp.Expr, *, target: Dialect) -> exp.Expr:
    """Names quoted where the target needs it, texts without MySQL's character set before them."""
    if isinstance(node, exp.Introducer):
        text: exp.Expr = node.expression
        return text
    if isinstance(node, exp.Identifier):
        return exp.Identifier(this=node.name, quoted=quote(node.name, target) != node.name)
    return node


def _relocate(tree: exp.Expr, target: Dialect, locate: Locate) -> None:
    """Tables and views by their names in the target; where that is another, the query goes on using the old one."""
    for table in tree.find_all(exp.Table):
        ref = locate(table.db or None, table.name)
        if ref is None:
            continue
        if ref.name != table.name and not table.alias:
            alias = exp.Identifier(this=table.name, quoted=quote(table.name, target) != table.name)
            table.set("alias", exp.TableAlias(this=alias))
        table.set("this", exp.Identifier(this=ref.name, quoted=quote(ref.name, target) != ref.name))
        namespace = ref.namespace
        quoted = bool(namespace) and quote(namespace or "", target) != namespace
        table.set("db", exp.Identifier(this=namespace, quoted=quoted) if namespace else None)


def _understood(tree: exp.Expr, source: Dialect, target: Dialect, use: Use) -> bool:
    """Whether the target has everything that the tree uses, where it is used."""
    forbidden: tuple[type[exp.Expr], ...] = (exp.Command,)
    if use not in {"default", "query"}:
        forbidden += _CLOCK
    if source == "postgres":
        forbidden += _POSTGRES_ONLY
    return not any(isinstance(node, forbidden) or _is_foreign(node, target) for node in tree.walk())


def _is_foreign(node: exp.Expr, target: Dialect) -> bool:
    """Whether the target lacks this one thing."""
    match node:
        case exp.Distinct():
            return bool(node.args.get("on"))
        case exp.Table():
            return bool(node.db) and target == "sqlite"
        case exp.Literal():
            return "\0" in node.name
        case exp.Extract():
            # date_part('year', x), which sqlglot leaves half-way
            return isinstance(node.this, exp.Literal) or exp.Extract not in _FUNCTIONS[target]
        case exp.GroupConcat():
            # SQLite orders within it from 3.44 on.
            return type(node) not in _FUNCTIONS[target] or (target == "sqlite" and node.find(exp.Order) is not None)
        case exp.Cast():
            return bool(node.to.this == exp.DataType.Type.USERDEFINED)
        case exp.Func():
            return type(node) not in _FUNCTIONS[target]
    return False
