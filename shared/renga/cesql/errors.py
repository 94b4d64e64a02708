"""What can go wrong with an expression: it cannot be parsed, or an evaluation meets an error beside its value."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["math", "cast", "missingAttribute", "missingFunction", "functionEvaluation", "generic"]
"""The error types of an evaluation (specification, section 3.3), named as its conformance suite names them."""


class ParseError(ValueError):
    """An expression that is none.

    Attributes:
        line: where it goes wrong, counted from 1.
        column: likewise, in characters.
        reason: what was found and what was expected.
    """

    def __init__(self, line: int, column: int, reason: str) -> None:
        self.line = line
        self.column = column
        self.reason = reason
        super().__init__(f"line {line}, column {column}: {reason}")


@dataclass(frozen=True, slots=True)
class EvaluationError:
    """An error that an evaluation met."""

    kind: Kind
    message: str
    """What happened, in a sentence without its full stop."""

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}"


class Failure(Exception):  # noqa: N818 - never leaves this package
    """Ends an evaluation at its first error. Made of that error alone.

    Attributes:
        value: what the failing operator or function itself yields; None for the zero value of its type.
        origin: the node that yields `value`; its ancestors yield their zero values.
    """

    # No __init__: an attribute that is missing is a filter's everyday case, and it would cost a third of that.
    value: str | int | bool | None = None
    origin: object = None

    @property
    def error(self) -> EvaluationError:
        """What the caller gets to see."""
        error: EvaluationError = self.args[0]
        return error

    def yielding(self, value: str | int | bool, origin: object = None) -> "Failure":
        """The same with a value."""
        self.value, self.origin = value, origin
        return self
