"""How each dialect spells strings, names and comments: the regular expressions behind splitter and lexer.

Every quantifier is possessive, so each pattern runs in time linear in the text however hostile it is.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from renga_schema.model import Dialect


@dataclass(frozen=True, slots=True)
class Lexicon:
    """A dialect's spelling, with what a session may change about it."""

    dialect: Dialect
    backslash_escapes: bool = False
    """Backslashes escape in plain strings: MySQL, and PostgreSQL with `standard_conforming_strings = off`."""
    double_quoted_strings: bool = False
    """`"x"` is a string: MySQL without ANSI_QUOTES."""

    @classmethod
    def of(cls, dialect: Dialect) -> "Lexicon":
        """The spelling that a dialect starts with."""
        return cls(dialect, backslash_escapes=dialect == "mysql", double_quoted_strings=dialect == "mysql")


_COMMENT_NESTING = 8
_DOLLAR_TAG = r"\$(?:[^\W\d]\w*+)?\$"
_EXPONENT = r"(?:[eE][+-]?\d++)?"
_WORDS = {
    "postgres": r"[^\W\d][\w$@\#]*+",
    # A name may begin with digits here, as long as it is no number.
    "mysql": rf"(?!(?:0x[\da-fA-F]++|0b[01]++|\d++{_EXPONENT})(?![\w$]))[\w$]++",
    "sqlite": r"[^\W\d][\w$@\#]*+",
    "mssql": r"(?:[^\W\d]|[@#])[\w$@\#]*+",
}
_NUMBERS = dict.fromkeys(_WORDS, rf"(?:\d++(?:\.\d*+)?|\.\d++){_EXPONENT}")
# What follows a dot may be a name that begins with digits: `db.2020_sales`.
_NUMBERS["mysql"] = rf"0x[\da-fA-F]++|0b[01]++|\d++(?:\.\d*+)?{_EXPONENT}|\.\d++{_EXPONENT}(?![\w$])"


def _delimited(quote: str, *, backslash: bool) -> str:
    escape = r"|\\." if backslash else ""
    plain = rf"[^{quote}\\]" if backslash else f"[^{quote}]"
    return f"{quote}(?:{plain}++|{quote}{quote}{escape})*+{quote}"


def _block_comment(depth: int) -> str:
    nested = f"|{_block_comment(depth - 1)}" if depth else ""
    slash = r"|/(?!\*)" if depth else "|/"
    return rf"/\*(?:[^*/]++|\*(?!/){slash}{nested})*+\*/"


def _trivia(lexicon: Lexicon) -> str:
    """White space and comments. The marks of MySQL's version comments are trivia; what they enclose is not."""
    if lexicon.dialect == "mysql":
        # MariaDB's dumps open with /*!999999\- ... */ , which no server executes.
        return r"\s++|--(?=\s|\Z)[^\n]*+|\#[^\n]*+|/\*M?!(?!999999)\d*+|" + _block_comment(0) + r"|\*/"
    depth = _COMMENT_NESTING if lexicon.dialect in {"postgres", "mssql"} else 0
    return r"\s++|--[^\n]*+|" + _block_comment(depth)


def _strings(lexicon: Lexicon) -> str:
    plain = _delimited("'", backslash=lexicon.backslash_escapes)
    return (
        plain + "|" + _delimited('"', backslash=lexicon.backslash_escapes) if lexicon.double_quoted_strings else plain
    )


def _names(lexicon: Lexicon) -> str:
    alternatives = [] if lexicon.double_quoted_strings else [_delimited('"', backslash=False)]
    if lexicon.dialect in {"mysql", "sqlite"}:
        alternatives.append(_delimited("`", backslash=False))
    if lexicon.dialect in {"mssql", "sqlite"}:
        # Looked at first is whether it is closed at all: a text of opening brackets would be read once for each.
        alternatives.append(r"\[(?=[^\]\n]{0,256}+\])(?:[^\]\n]|\]\]){0,256}+\]")
    return "|".join(alternatives)


DOLLAR_TAG = re.compile(_DOLLAR_TAG)
"""What opens and closes a dollar quote."""


@lru_cache
def trivia_pattern(lexicon: Lexicon) -> re.Pattern[str]:
    """Matches everything before the next token, possibly nothing."""
    return re.compile(f"(?:{_trivia(lexicon)})*+", re.DOTALL)


@lru_cache
def token_pattern(lexicon: Lexicon) -> re.Pattern[str]:
    """Matches one token, in a group named for its kind; what stands before it is in no group."""
    strings = _strings(lexicon)
    if lexicon.dialect == "postgres":
        escape_string = "[eE]" + _delimited("'", backslash=True)
        strings = rf"{escape_string}|{strings}|(?<![\w$])(?P<tag>{_DOLLAR_TAG})(?s:.*?)(?P=tag)"
    return re.compile(
        rf"""(?:{_trivia(lexicon)})*+(?:
            (?P<string>{strings})
          | (?P<word>{_WORDS[lexicon.dialect]})
          | (?P<name>{_names(lexicon)})
          | (?P<number>{_NUMBERS[lexicon.dialect]})
          | (?P<mark>::|<=|>=|<>|!=|\|\||:=|->>?|.)
          | (?P<end>\Z)
        )""",
        re.DOTALL | re.VERBOSE,
    )


@lru_cache
def chunk_pattern(lexicon: Lexicon, delimiters: tuple[str, ...]) -> re.Pattern[str]:
    """Matches up to a delimiter, the end, a dollar quote, what is never closed, or a psql backslash.

    It stops before a dollar quote because Python's `re` may fail (SystemError) on a group in a possessive repetition.
    """
    stop = "|".join(map(re.escape, delimiters))
    first = "".join(dict.fromkeys(delimiter[0] for delimiter in delimiters))
    client = r"\\" if lexicon.dialect == "postgres" else ""
    escape_string = r"(?<=[eE])(?<![\w$].)" + _delimited("'", backslash=True) if lexicon.dialect == "postgres" else ""
    dollar = rf"(?<=[\w$])\$|\$(?!{_DOLLAR_TAG[2:]})" if lexicon.dialect == "postgres" else r"\$"
    quotes = "'\"" + ("`" if lexicon.dialect in {"mysql", "sqlite"} else "")
    bracket = "[" if lexicon.dialect in {"mssql", "sqlite"} else ""
    special = re.escape(quotes + bracket + first + "/-#$") + client
    comments = _trivia(lexicon).removeprefix(r"\s++|")
    alternatives = [
        rf"[^{special}]++",
        escape_string,
        _strings(lexicon),
        _names(lexicon),
        rf"(?!{stop})(?:{comments}|{dollar}|/(?!\*)|[-#]|(?![{quotes}/$])[{re.escape(first)}])",
        r"\[" if bracket else "",
    ]
    return re.compile("(?:" + "|".join(filter(None, alternatives)) + ")*+", re.DOTALL)
