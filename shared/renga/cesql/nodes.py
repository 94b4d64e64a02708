"""The syntax tree of an expression, and the text of a tree.

What is repeated on one level of precedence is one node, so that a tree is only as deep as its text is nested.
"""

from dataclasses import dataclass

LOGIC, COMPARISON, ADDITIVE, MULTIPLICATIVE, POSTFIX, PREFIX, PRIMARY = range(7)
"""Levels of precedence, the loosest first."""

LEVELS = {
    **dict.fromkeys(("AND", "OR", "XOR"), LOGIC),
    **dict.fromkeys(("=", "!=", "<", "<=", ">", ">="), COMPARISON),
    **dict.fromkeys(("+", "-"), ADDITIVE),
    **dict.fromkeys(("*", "/", "%"), MULTIPLICATIVE),
}
"""Binary operators; `<>` is another spelling of `!=`."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal: text, an integer of 32 bits, or a boolean."""

    value: str | int | bool


@dataclass(frozen=True, slots=True)
class Attribute:
    """The value of a context attribute."""

    name: str
    """In lower case."""


@dataclass(frozen=True, slots=True)
class Exists:
    """Whether the event has an attribute."""

    name: str
    """In lower case."""


@dataclass(frozen=True, slots=True)
class Call:
    """A function applied."""

    name: str
    """In upper case."""
    arguments: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """`NOT x`."""

    operand: "Node"


@dataclass(frozen=True, slots=True)
class Minus:
    """`-x`, where x is no number literal: that one keeps its sign."""

    operand: "Node"


@dataclass(frozen=True, slots=True)
class Like:
    """`x LIKE pattern`, or NOT LIKE."""

    operand: "Node"
    pattern: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class In:
    """`x IN (a, b)`, or NOT IN."""

    operand: "Node"
    choices: "tuple[Node, ...]"
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Chain:
    """Operands joined by binary operators of one level: arithmetic and comparisons group from the left, logic from the
    right, as in the specification's grammar and in Knative: `a AND b OR c` is `a AND (b OR c)`.
    """  # noqa: D205 - one sentence

    first: "Node"
    rest: "tuple[tuple[str, Node], ...]"
    """Operator and operand; the operators are keys of `LEVELS` and share their level."""


Node = Constant | Attribute | Exists | Call | Not | Minus | Like | In | Chain


def level(node: Node) -> int:
    """How closely the node's own operator binds."""
    match node:
        case Chain(rest=rest):
            return LEVELS[rest[0][0]]
        case Like() | In():
            return POSTFIX
        case Not() | Minus():
            return PREFIX
    return PRIMARY


def children(node: Node) -> tuple[Node, ...]:
    """The nodes right below."""
    match node:
        case Call(arguments=arguments):
            return arguments
        case Not(operand) | Minus(operand) | Like(operand):
            return (operand,)
        case In(operand, choices):
            return (operand, *choices)
        case Chain(first, rest):
            return (first, *(operand for _, operand in rest))
    return ()


def text_of(node: Node) -> str:
    """An expression that parses to this tree, with no bracket that is not needed.

    Raises:
        ValueError: it holds a text that no literal can express.
    """
    match node:
        case Not(operand):
            return f"NOT {_within(operand, PREFIX)}"
        case Minus(operand):
            # Without the space a number would take the sign for its own.
            return f"- {_within(operand, PREFIX)}"
        case Like(operand, pattern, negated):
            return f"{_within(operand, POSTFIX)} {'NOT ' * negated}LIKE {_quoted(pattern)}"
        case In(operand, choices, negated):
            return f"{_within(operand, POSTFIX)} {'NOT ' * negated}IN ({', '.join(map(text_of, choices))})"
        case Chain(first, rest):
            tighter = level(node) + 1
            tail = "".join(f" {operator} {_within(operand, tighter)}" for operator, operand in rest)
            return _within(first, tighter) + tail
    return _primary(node)


def _primary(node: "Constant | Attribute | Exists | Call") -> str:
    match node:
        case Constant(str() as value):
            return _quoted(value)
        case Constant(value):
            return str(value).upper()
        case Attribute(name):
            return name
        case Exists(name):
            return f"EXISTS {name}"
        case Call(name, arguments):
            return f"{name}({', '.join(map(text_of, arguments))})"


def _within(node: Node, lowest: int) -> str:
    return text_of(node) if level(node) >= lowest else f"({text_of(node)})"


def _quoted(value: str) -> str:
    # A backslash before a quote of either kind, or at the end, cannot be written in the literal that it would end.
    for quote in "'\"":
        inner = value.replace(quote, f"\\{quote}")
        closed = (len(inner) - len(inner.rstrip("\\"))) % 2 == 0
        if closed and unescaped(f"{quote}{inner}{quote}") == value and not _ends_early(inner, quote):
            return f"{quote}{inner}{quote}"
    raise ValueError(f"no CESQL literal can express the text {value!r}")


def _ends_early(inner: str, quote: str) -> bool:
    parts = inner.split(quote)[:-1]
    return any((len(part) - len(part.rstrip("\\"))) % 2 == 0 for part in parts)


def unescaped(literal: str) -> str:
    r"""The value of a text literal with its quotes: only `\'` in '', and only `\"` in "", is an escape.

    A doubled quote does not end the literal and stays two characters, as it does for Knative.
    """
    return literal[1:-1].replace(f"\\{literal[0]}", literal[0])
