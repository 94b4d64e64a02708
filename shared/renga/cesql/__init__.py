"""CloudEvents SQL 1.0.0: expressions over the attributes of an event, compiled once.

    matching = compile("type LIKE 'dev.shop.%' AND region IN ('eu', 'us')")
    matching.matches({"type": "dev.shop.order.v1", "region": "eu", ...})

It passes the specification's conformance suite. Where the specification leaves a choice, this is the one that was made:

- an evaluation ends at its first error, so that `errors` holds one at most; what failed yields the value that the
  specification gives it, and everything around it the zero value of its type;
- arithmetic beyond 32 bits is a math error, with 0;
- AND, OR and XOR are of one precedence and group from the right, as in the specification's grammar and in Knative;
- `5-3` needs no spaces; characters are those of Unicode, not bytes;
- there are no user-defined functions.
"""

from collections.abc import Callable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from renga.cesql.casts import Value
from renga.cesql.compiler import Code, Reader, compile_node, zero
from renga.cesql.errors import EvaluationError, Failure, Kind, ParseError
from renga.cesql.nodes import Node, text_of

__all__ = ["EvaluationError", "Expression", "Kind", "ParseError", "Reader", "Result", "Value", "compile", "compile_for"]

E = TypeVar("E")


class Result(NamedTuple):
    """What an evaluation yields: always a value, and perhaps errors."""

    value: Value
    errors: tuple[EvaluationError, ...] = ()


class Expression(Generic[E]):
    """A compiled expression over events of one kind; mappings of attributes, where `compile` made it.

    Attributes:
        source: the text that was compiled.
    """

    __slots__ = ("_code", "_node", "_run", "source")

    def __init__(self, source: str, node: Node, code: Code[E]) -> None:
        self.source = source
        self._node = node
        self._code = code
        self._run = code.run

    def evaluate(self, attributes: E) -> Result:
        """The value, and the error where the evaluation met one; raises nothing."""
        try:
            return Result(self._run(attributes))
        except Failure as failure:
            own = failure.origin is self._node and failure.value is not None
            value = failure.value if own else None
            return Result(zero(self._code.type) if value is None else value, (failure.error,))

    def matches(self, attributes: E) -> bool:
        """As a filter (specification, section 1.2): the value is true, and there was no error."""
        try:
            return self._run(attributes) is True
        except Failure:
            return False

    def __str__(self) -> str:
        """The expression with its keywords in upper case and no bracket that is not needed."""
        return text_of(self._node)

    def __repr__(self) -> str:
        return f"compile({self.source!r})"


def compile(expression: str) -> Expression[Mapping[str, Any]]:  # noqa: A001 - re and its kin call it so
    """Compile an expression over mappings from attribute names to their values: str, int or bool.

    Raises:
        ParseError: it is no expression, or is nested too deeply.
        ModuleNotFoundError: lark is not installed: `pip install renga[cesql]`.
    """
    return compile_for(expression, _from_mapping)


def compile_for(expression: str, read: Reader[E]) -> Expression[E]:
    """Compile an expression over events whose attributes `read` reads.

    Raises:
        ParseError: as `compile` does.
        ModuleNotFoundError: likewise.
    """
    try:
        from renga.cesql.syntax import parse
    except ModuleNotFoundError as error:
        if error.name != "lark":
            raise
        message = "lark is not installed, which CloudEvents SQL needs: pip install 'renga[cesql]'."
        raise ModuleNotFoundError(message, name=error.name) from None
    node = parse(expression)
    return Expression(expression, node, compile_node(node, read))


def _from_mapping(name: str) -> Callable[[Mapping[str, Any]], object]:
    return lambda attributes: attributes.get(name)
