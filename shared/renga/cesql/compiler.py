"""Syntax tree to closures: one call evaluates an expression, and whatever the tree knows of types is settled before.

An evaluation ends at its first error, as the specification asks of filters (sections 1.2 and 4.1): closures raise
Failure, and the ancestors of what failed yield the zero values of their types.
"""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from renga.cesql.casts import CASTS, HIGHEST, LOWEST, Value, to_boolean, to_integer, to_text
from renga.cesql.errors import EvaluationError, Failure
from renga.cesql.functions import Type, resolve, unknown
from renga.cesql.like import matcher
from renga.cesql.nodes import (
    COMPARISON,
    LEVELS,
    LOGIC,
    Attribute,
    Call,
    Chain,
    Constant,
    Exists,
    In,
    Like,
    Minus,
    Node,
    Not,
)

E = TypeVar("E")

Reader = Callable[[str], Callable[[E], object]]
"""From the name of an attribute to what takes it from an event: None where the event has no such attribute."""

_REQUIRED = frozenset({"id", "source", "specversion", "type"})


@dataclass(frozen=True, slots=True)
class Code(Generic[E]):
    """A compiled node."""

    run: Callable[[E], Value]
    """Raises Failure."""
    type: Type | None
    """What `run` returns; None where only the event says."""


def zero(returns: Type | None) -> Value:
    """What a node yields where something below it failed; a type that only the event says counts as boolean."""
    return (returns or bool)()


def compile_node(node: Node, read: Reader[E]) -> Code[E]:
    """Compile a tree for events whose attributes `read` reads."""
    return _Compiler(read).code(node)


class _Compiler(Generic[E]):
    def __init__(self, read: Reader[E]) -> None:
        self._read = read

    def code(self, node: Node) -> Code[E]:
        match node:
            case Constant(value):
                return Code(lambda _: value, type(value))
            case Attribute(name):
                return Code(self._attribute(name), None)
            case Exists(name):
                return Code(self._exists(name), bool)
            case Call(name, arguments):
                return self._call(node, name, arguments)
            case Not(operand):
                return Code(self._not(node, self.code(operand)), bool)
            case Minus(operand):
                return Code(_minus(self._cast(operand, int)), int)
            case Like(operand, pattern, negated):
                return Code(_where(self._cast(operand, str), matcher(pattern), negated), bool)
            case In(operand, choices, negated):
                return Code(self._in(self.code(operand).run, choices, negated), bool)
            case Chain(first, rest):
                return self._chain(first, rest)

    def _attribute(self, name: str) -> Callable[[E], Value]:
        read, missing = self._read(name), _missing_attribute(name)

        def attribute(event: E) -> Value:
            value = read(event)
            return value if value.__class__ is str else _primitive(value, missing)

        return attribute

    def _exists(self, name: str) -> Callable[[E], bool]:
        if name in _REQUIRED:
            return lambda _: True
        read = self._read(name)
        return lambda event: read(event) is not None

    def _cast(self, node: Node, wanted: Type | None) -> Callable[[E], Any]:
        """The node's value as a type; as it is where `wanted` is None."""
        if wanted is str and isinstance(node, Attribute):
            return self._text(node.name)
        code = self.code(node)
        if wanted is None or code.type is wanted:
            return code.run
        run, cast = code.run, CASTS[wanted]
        return lambda event: cast(run(event))

    def _text(self, name: str) -> Callable[[E], str]:
        read, missing = self._read(name), _missing_attribute(name)

        def text(event: E) -> str:
            value = read(event)
            return value if value.__class__ is str else to_text(_primitive(value, missing))

        return text

    def _call(self, node: Call, name: str, arguments: tuple[Node, ...]) -> Code[E]:
        function = resolve(name, len(arguments))
        if function is None:
            return Code(_missing_function(unknown(name, len(arguments))), bool)
        body = function.body
        runs = [self._cast(argument, function.parameter(index)) for index, argument in enumerate(arguments)]

        def call(event: E) -> Value:
            values = [run(event) for run in runs]
            try:
                return body(*values)
            except Failure as failure:
                failure.origin = node
                raise

        return Code(call, function.returns)

    def _not(self, node: Not, operand: Code[E]) -> Callable[[E], bool]:
        run = operand.run
        if operand.type is bool:
            return lambda event: not run(event)

        def negated(event: E) -> bool:
            value = run(event)
            if value.__class__ is int and not 0 <= value <= 1:
                # The conformance suite asks for this of NOT, against the specification's own table of casts.
                raise Failure(EvaluationError("cast", f"NOT of {value}, which is no boolean")).yielding(True, node)
            return not to_boolean(value)

        return negated

    def _in(self, run: Callable[[E], Value], choices: tuple[Node, ...], negated: bool) -> Callable[[E], bool]:
        runs = [self.code(choice).run for choice in choices]
        literals = [choice.value for choice in choices if isinstance(choice, Constant)]
        # Every literal has a text, so that a text need not be compared with one after the other.
        texts = frozenset(map(to_text, literals)) if len(literals) == len(choices) else None

        def is_in(event: E) -> bool:
            value = run(event)
            if texts is not None and value.__class__ is str:
                return (value in texts) is not negated
            cast = CASTS[value.__class__]
            for choice in runs:
                if cast(choice(event)) == value:
                    return not negated
            return negated

        return is_in

    def _chain(self, first: Node, rest: tuple[tuple[str, Node], ...]) -> Code[E]:
        symbol, other = rest[0]
        if LEVELS[symbol] == LOGIC:
            operands = [first, *(operand for _, operand in rest)]
            runs = [self._cast(operand, bool) for operand in operands]
            return Code(_logic([symbol for symbol, _ in rest], runs), bool)
        if LEVELS[symbol] != COMPARISON:
            return Code(self._fold(first, rest), int)
        if len(rest) == 1 and symbol in _EQUALITY and isinstance(other, Constant):
            return Code(self._equals(first, other.value, symbol == "!="), bool)
        return Code(self._fold(first, rest), bool)

    def _equals(self, node: Node, wanted: Value, negated: bool) -> Callable[[E], bool]:
        """Most filters: an attribute compared with a literal, whose type the attribute takes."""
        run: Callable[[E], Value] = self._cast(node, type(wanted))
        return (lambda event: run(event) != wanted) if negated else (lambda event: run(event) == wanted)

    def _fold(self, first: Node, rest: tuple[tuple[str, Node], ...]) -> Callable[[E], Value]:
        start = self.code(first).run
        steps = [(_OPERATORS[symbol], self.code(operand).run) for symbol, operand in rest]
        if len(steps) == 1:
            apply, other = steps[0]
            return lambda event: apply(start(event), other(event))

        def fold(event: E) -> Value:
            value = start(event)
            for apply, other in steps:
                value = apply(value, other(event))
            return value

        return fold


def _missing_attribute(name: str) -> EvaluationError:
    return EvaluationError("missingAttribute", f"the event has no attribute {name}")


def _primitive(value: object, missing: EvaluationError) -> Value:
    """An attribute's value; of another type than the three, or beyond 32 bits, its text (section 3.2)."""
    if value is None:
        raise Failure(missing)
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and LOWEST <= value <= HIGHEST:
        return int(value)
    return str(value)


def _missing_function(message: str) -> Callable[[E], Value]:
    error = EvaluationError("missingFunction", message)

    def missing(_: E) -> Value:
        raise Failure(error)

    return missing


def _minus(run: Callable[[E], int]) -> Callable[[E], int]:
    return lambda event: _bounded(-run(event), "-")


def _where(run: Callable[[E], str], matches: Callable[[str], bool], negated: bool) -> Callable[[E], bool]:
    return (lambda event: not matches(run(event))) if negated else (lambda event: matches(run(event)))


def _until(decisive: bool, runs: list[Callable[[E], bool]]) -> Callable[[E], bool]:
    def until(event: E) -> bool:
        for run in runs:
            if run(event) is decisive:
                return decisive
        return not decisive

    return until


def _logic(operators: list[str], runs: list[Callable[[E], bool]]) -> Callable[[E], bool]:
    """Operands are evaluated from the left, and everything to the right of an operator is its right operand."""
    if len(set(operators)) == 1 and operators[0] != "XOR":
        return _until(operators[0] == "OR", runs)
    last = runs[-1]
    steps = list(zip(runs, operators, strict=False))

    def logic(event: E) -> bool:
        flipped = False
        for run, symbol in steps:
            value = run(event)
            if symbol == "XOR":
                flipped ^= value
            elif value is (symbol == "OR"):
                return value is not flipped
        return last(event) is not flipped

    return logic


def _bounded(number: int, symbol: str) -> int:
    if not LOWEST <= number <= HIGHEST:
        raise Failure(EvaluationError("math", f"{symbol} yields {number}, which is beyond {LOWEST} to {HIGHEST}"))
    return number


def _arithmetic(symbol: str, apply: Callable[[int, int], int]) -> Callable[[Value, Value], Value]:
    def calculate(left: Value, right: Value) -> int:
        return _bounded(apply(to_integer(left), to_integer(right)), symbol)

    return calculate


def _quotient(left: int, right: int) -> int:
    if right == 0:
        raise Failure(EvaluationError("math", f"{left} is divided by zero"))
    magnitude = abs(left) // abs(right)
    return magnitude if (left < 0) == (right < 0) else -magnitude


def _remainder(left: int, right: int) -> int:
    return left - right * _quotient(left, right)


def _ordered(apply: Callable[[int, int], bool]) -> Callable[[Value, Value], Value]:
    return lambda left, right: apply(to_integer(left), to_integer(right))


def _equal(left: Value, right: Value) -> bool:
    return bool(CASTS[right.__class__](left) == right)


_EQUALITY = frozenset({"=", "!="})
_OPERATORS: dict[str, Callable[[Value, Value], Value]] = {
    "=": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "<": _ordered(operator.lt),
    "<=": _ordered(operator.le),
    ">": _ordered(operator.gt),
    ">=": _ordered(operator.ge),
    "+": _arithmetic("+", operator.add),
    "-": _arithmetic("-", operator.sub),
    "*": _arithmetic("*", operator.mul),
    "/": _arithmetic("/", _quotient),
    "%": _arithmetic("%", _remainder),
}
