"""The built-in functions (specification, section 3.5), and IS_BOOL and IS_INT, which Knative knows too."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass

from renga.cesql.casts import HIGHEST, LOWEST, Value, to_boolean, to_integer, to_text
from renga.cesql.errors import EvaluationError, Failure

Type = type[str] | type[int] | type[bool]

# What Unicode calls white space; str.strip() would take the separators U+001C to U+001F for it too.
_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f"
    "\u205f\u3000"
)


@dataclass(frozen=True, slots=True)
class Function:
    """A function of one arity, or of that arity and more."""

    name: str
    parameters: tuple[Type | None, ...]
    """What each argument is cast to; None where it is taken as it is."""
    returns: Type
    body: Callable[..., Value]
    """Raises Failure, with the value that is returned nevertheless."""
    variadic: Type | None = None
    """What each further argument is cast to, where there may be any number of them."""

    def parameter(self, index: int) -> Type | None:
        """What the argument at an index is cast to."""
        return self.parameters[index] if index < len(self.parameters) else self.variadic


def _absolute(number: int) -> int:
    if number == LOWEST:
        raise Failure(EvaluationError("math", f"ABS of {LOWEST} is beyond {HIGHEST}")).yielding(HIGHEST)
    return abs(number)


def _left(text: str, length: int) -> str:
    if length < 0:
        raise Failure(EvaluationError("functionEvaluation", f"LEFT of {length} characters")).yielding(text)
    return text[:length]


def _right(text: str, length: int) -> str:
    if length < 0:
        raise Failure(EvaluationError("functionEvaluation", f"RIGHT of {length} characters")).yielding(text)
    return text[max(len(text) - length, 0) :]


def _substring(text: str, position: int, length: int = HIGHEST) -> str:
    if length < 0 or abs(position) > len(text):
        what = f"of {length} characters" if length < 0 else f"from {position} of {len(text)} characters"
        raise Failure(EvaluationError("functionEvaluation", f"SUBSTRING {what}"))
    if position == 0:
        return ""
    start = position - 1 if position > 0 else len(text) + position
    return text[start : start + length]


def _is(cast: Callable[[Value], Value]) -> Callable[[Value], bool]:
    def castable(value: Value) -> bool:
        try:
            cast(value)
        except Failure:
            return False
        return True

    return castable


_FUNCTIONS = (
    Function("ABS", (int,), int, _absolute),
    Function("BOOL", (None,), bool, to_boolean),
    Function("CONCAT", (), str, lambda *texts: "".join(texts), str),
    Function("CONCAT_WS", (str,), str, lambda delimiter, *texts: delimiter.join(texts), str),
    Function("INT", (None,), int, to_integer),
    Function("IS_BOOL", (None,), bool, _is(to_boolean)),
    Function("IS_INT", (None,), bool, _is(to_integer)),
    Function("LEFT", (str, int), str, _left),
    Function("LENGTH", (str,), int, len),
    Function("LOWER", (str,), str, str.lower),
    Function("RIGHT", (str, int), str, _right),
    Function("STRING", (None,), str, to_text),
    Function("SUBSTRING", (str, int), str, _substring),
    Function("SUBSTRING", (str, int, int), str, _substring),
    Function("TRIM", (str,), str, lambda text: text.strip(_SPACE)),
    Function("UPPER", (str,), str, str.upper),
)


def resolve(name: str, arity: int) -> Function | None:
    """The function that a call means: that of its arity, else the variadic one."""
    overloads = [function for function in _FUNCTIONS if function.name == name]
    for function in overloads:
        if not function.variadic and len(function.parameters) == arity:
            return function
    return next((one for one in overloads if one.variadic and len(one.parameters) <= arity), None)


def unknown(name: str, arity: int) -> str:
    """What to say of a call that means nothing."""
    overloads = [one for one in _FUNCTIONS if one.name == name]
    if overloads:
        wanted = " or ".join(f"{len(one.parameters)}{' and more' if one.variadic else ''}" for one in overloads)
        return f"{name} takes {wanted} arguments, not {arity}"
    close = difflib.get_close_matches(name, {one.name for one in _FUNCTIONS}, n=1)
    return f"there is no function {name}{f', did you mean {close[0]}?' if close else ''}"
