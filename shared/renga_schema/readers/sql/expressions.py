"""Expressions in a canonical form, so that what means the same compares equal whoever wrote it.

`((status)::text = ANY ((ARRAY['a'::character varying])::text[]))`, as PostgreSQL prints it back, and `status in ('a')`,
as a person writes it, have one canonical form. It is neutral to the dialect, and meant to be compared, not to be run.
"""

import re
from functools import lru_cache
from typing import Final

from renga_schema.model import DataType, Dialect, Expression
from renga_schema.types import category

LONGEST: Final = 20_000
"""Characters beyond which an expression is kept as written only."""

DEEPEST: Final = 24
"""Parentheses nested deeper than this are not parsed: the parser recurses."""

_LONGEST_KNOWN: Final = 1_000
"""Characters of the expressions that are remembered: those that repeat are short, and a process may live long."""

_MOST_LONG: Final = 256
"""Longer ones that are remembered, for texts that repeat one by reference."""

_MORE: Final = 50_000
"""Characters that the expressions of a text may have beside its own: quotes and names that a reader adds."""

_WORD = re.compile(r"[\w$]+")
_NUMBER = re.compile(r"[+-]?\s*(\d+(?:\.\d+)?)")
_STRING = re.compile(r"'(?:[^']|'')*'")
_PLAIN_STRING = re.compile(r"'(?:[^'\\]|'')*'")
_CAST_STRING = re.compile(r"\(?('(?:[^'\\]|'')*')\s*::\s*[\w. \"]+(?:\([\d, ]+\))?(?:\[\])*\)?")
_CAST_NULL = re.compile(r"null\s*::[^)]*", re.IGNORECASE)
_BIT = re.compile(r"b'([01]+)'", re.IGNORECASE)
_NOW = re.compile(
    r"\(*\s*(?:(?:\"now\"|now|transaction_timestamp|localtimestamp|getdate|sysdatetime)\s*\(\s*\)"
    r"|current_timestamp\s*(?:\(\s*0?\s*\))?|localtime(?:stamp)?)\s*\)*",
    re.IGNORECASE,
)
_TRUE: Final = ("1", "'1'", "true", "'true'", "'t'", "b'1'", "'y'", "'yes'", "'on'")
_FALSE: Final = ("0", "'0'", "false", "'false'", "'f'", "b'0'", "'n'", "'no'", "'off'")
_AS_BOOLEAN: Final = dict.fromkeys(_TRUE, "TRUE") | dict.fromkeys(_FALSE, "FALSE")
_NUMERIC: Final = {"integer", "decimal", "float", "boolean"}
"""MySQL's booleans are integers: what is no truth value there is still a number."""


def expression(text: str, dialect: Dialect) -> Expression:
    """An expression as written, with its canonical form where it can be parsed."""
    if len(text) <= _LONGEST_KNOWN:
        return _known(text, dialect)
    return _long(text, dialect) if len(text) <= LONGEST else _expression(text, dialect)


def _expression(text: str, dialect: Dialect) -> Expression:
    return Expression(text=text, canonical=_canonical(text, dialect))


_known = lru_cache(maxsize=8192)(_expression)
_long = lru_cache(maxsize=_MOST_LONG)(_expression)


class Allowance:
    """Reads the expressions of a text that may repeat parts of itself, by reference or by name.

    As many characters are read as there can be without repetition; expressions beyond are kept as written only.
    """

    def __init__(self, characters: int = 0) -> None:
        self._left = _MORE + characters

    def allow(self, characters: int) -> None:
        """Go on with another text of that length."""
        self._left += characters

    def expression(self, text: str, dialect: Dialect) -> Expression:
        """As `expression`."""
        return expression(text, dialect) if self._is_left(text) else Expression(text=text)

    def default(self, text: str, type_: DataType, dialect: Dialect) -> Expression:
        """As `default`."""
        return default(text, type_, dialect) if self._is_left(text) else Expression(text=text)

    def _is_left(self, text: str) -> bool:
        self._left -= len(text)
        return self._left >= 0


def default(text: str, type_: DataType, dialect: Dialect) -> Expression:
    """A default, whose canonical form also takes the column's type into account: `'0'` is 0 in an integer column."""
    found = expression(text, dialect)
    if type_.dimensions or found.canonical is None:
        return found
    kind = category(type_)
    canonical = _AS_BOOLEAN.get(found.canonical.lower()) if kind == "boolean" else None
    number = _NUMBER.fullmatch(found.canonical.strip("'"))
    if canonical is None and number and kind in _NUMERIC:
        canonical = _plain_number(number[0].replace(" ", ""))
    elif dialect == "mysql" and number and kind == "text" and "'" not in found.canonical:
        canonical = f"'{int(number[0])}'" if number[0].isdigit() else f"'{found.canonical}'"
    elif dialect == "mysql" and kind == "bit" and found.canonical.isdigit():
        canonical = f"b'{int(found.canonical):b}'"
    elif dialect == "mysql" and kind == "temporal" and type_.arguments and found.canonical == "CURRENT_TIMESTAMP":
        canonical = f"CURRENT_TIMESTAMP({type_.arguments[0]})"
    return found.model_copy(update={"canonical": canonical}) if canonical else found


def _plain_number(written: str) -> str:
    """`0.00` and `00` are 0 in a column of numbers, whose type alone says how many digits are kept."""
    sign, digits = ("-", written[1:]) if written[0] == "-" else ("", written.lstrip("+"))
    whole, _, part = digits.partition(".")
    part = part.rstrip("0")
    return sign + (whole.lstrip("0") or "0") + (f".{part}" if part else "")


def mentions(found: Expression, name: str) -> bool:
    """Whether an expression speaks of a column, as far as its words say."""
    if name.casefold() not in found.text.casefold():
        return False
    words = _STRING.sub(" ", found.text)
    return re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])", words, re.IGNORECASE) is not None


def words(found: Expression) -> set[str]:
    """The words of an expression in lower case, without those in strings."""
    return {word.lower() for word in _WORD.findall(_STRING.sub(" ", found.text))}


def is_word(name: str) -> bool:
    """Whether a name is among the `words` of the expressions that speak of it."""
    return _WORD.fullmatch(name) is not None


def _canonical(text: str, dialect: Dialect) -> str | None:
    """Answer for the everyday literals at once; ask the parser for the rest."""
    bare = text.strip()
    while bare.startswith("(") and bare.endswith(")") and _encloses(bare):
        bare = bare[1:-1].strip()
    if _NUMBER.fullmatch(bare):
        return bare.replace(" ", "").removeprefix("+")
    if _PLAIN_STRING.fullmatch(bare):
        return bare
    if bare.upper() in {"TRUE", "FALSE", "NULL"} or _CAST_NULL.fullmatch(bare):
        return bare.split(":")[0].strip().upper()
    if _NOW.fullmatch(bare):
        return "CURRENT_TIMESTAMP"
    if match := _CAST_STRING.fullmatch(bare):
        return match[1]
    if match := _BIT.fullmatch(bare):
        return f"b'{match[1]}'"
    if len(bare) > LONGEST or _depth(bare) > DEEPEST:
        return None
    return _parsed(bare, dialect)


def _encloses(text: str) -> bool:
    """Whether the first parenthesis is closed by the last one. Text with quotes is left to the parser."""
    depth = 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return at == len(text) - 1 and "'" not in text
    return False


def _depth(text: str) -> int:
    depth = deepest = 0
    for character in text:
        if character in "([":
            depth += 1
            deepest = max(deepest, depth)
        elif character in ")]":
            depth -= 1
    return deepest


def _parsed(text: str, dialect: Dialect) -> str | None:
    # Imported late: it costs a tenth of a second, and many schemas have only plain defaults.
    from renga_schema.readers.sql import _canonical_form

    return _canonical_form.canonical(text, dialect)
