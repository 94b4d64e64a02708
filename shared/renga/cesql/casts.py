"""Values from one type to another (specification, section 3.7)."""

import re

from renga.cesql.errors import EvaluationError, Failure

Value = str | int | bool
"""Text, an integer of 32 bits, or a boolean."""

LOWEST, HIGHEST = -(2**31), 2**31 - 1

_INTEGER = re.compile(r"([+-]?)0*([0-9]{1,10})")


def to_text(value: Value) -> str:
    """Any value has a text: digits, or `true` and `false`."""
    if value is True:
        return "true"
    return "false" if value is False else str(value)


def to_integer(value: Value) -> int:
    """The integer that a value stands for.

    Raises:
        Failure: a text is not decimal, or is beyond 32 bits.
    """
    if value.__class__ is int:
        return value
    if isinstance(value, str):
        match = _INTEGER.fullmatch(value)
        number = int(match[1] + match[2]) if match else None
        if number is None or not LOWEST <= number <= HIGHEST:
            raise Failure(EvaluationError("cast", f"{shown(value)} is no integer between {LOWEST} and {HIGHEST}"))
        return number
    return int(value)


def to_boolean(value: Value) -> bool:
    """The boolean that a value stands for; of integers only 0 is false.

    Raises:
        Failure: a text is neither true nor false, in letters of any case.
    """
    if isinstance(value, str):
        lowered = value.lower()
        if lowered not in {"true", "false"}:
            raise Failure(EvaluationError("cast", f"{shown(value)} is neither true nor false"))
        return lowered == "true"
    return bool(value)


CASTS = {str: to_text, int: to_integer, bool: to_boolean}


def shown(text: str) -> str:
    """A text as an error message quotes it, however long it is."""
    return repr(str(text)) if len(text) <= 50 else f"{str(text[:50])!r} (and {len(text) - 50} characters more)"
