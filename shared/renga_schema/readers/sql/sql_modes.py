"""MySQL's `sql_mode`, as far as it changes how a script is to be read. Dumps save it, change it and set it back."""

import re
from dataclasses import replace
from typing import Final

from renga_schema.readers.sql.lexicon import Lexicon

_SAVED = re.compile(r"@(?P<variable>[\w$.]+)\s*:?=\s*@@(?:(?:SESSION|LOCAL)\s*\.\s*)?sql_mode\b", re.IGNORECASE)
_SET = re.compile(
    r"(?:\bSET\s|,)\s*(?:SESSION\s+|LOCAL\s+|@@(?:(?:SESSION|LOCAL)\s*\.\s*)?)?sql_mode\s*:?=\s*(?P<value>.*)",
    re.IGNORECASE | re.DOTALL,
)
_VALUE = re.compile(
    r"'(?P<modes>[^']*)'|\"(?P<quoted>[^\"]*)\"|@(?P<variable>[\w$.]+)|(?P<default>DEFAULT)\b"
    r"|CONCAT\s*\((?P<more>[^)]*)\)|REPLACE\s*\((?P<fewer>[^)]*)\)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Z_]+")
_ANSI: Final = {"ANSI", "DB2", "MAXDB", "MSSQL", "ORACLE", "POSTGRESQL", "ANSI_QUOTES"}
"""The modes in which double quotes enclose names."""

Modes = frozenset[str]


class SqlModes:
    """The modes of a session, and those that it keeps in variables."""

    def __init__(self) -> None:
        self._modes: Modes = frozenset()
        self._variables: dict[str, Modes] = {}

    def take(self, statement: str, lexicon: Lexicon) -> Lexicon:
        """Take what a SET says of `sql_mode`, and give the lexicon for what follows."""
        for saved in _SAVED.finditer(statement):
            self._variables[saved["variable"].lower()] = self._modes
        found = _SET.search(statement)
        value = _VALUE.match(found["value"]) if found else None
        if value is None:
            return lexicon
        self._modes = self._value(value)
        return replace(
            lexicon,
            double_quoted_strings=not self._modes & _ANSI,
            backslash_escapes="NO_BACKSLASH_ESCAPES" not in self._modes,
        )

    def _value(self, value: re.Match[str]) -> Modes:
        if value["variable"] is not None:
            return self._variables.get(value["variable"].lower(), frozenset())
        if value["default"] is not None:
            return frozenset()
        if value["more"] is not None:
            return self._modes | _words(value["more"].split("@@")[-1].partition(",")[2])
        if value["fewer"] is not None:
            return self._modes - _words(value["fewer"].partition(",")[2])
        return _words(value["modes"] or value["quoted"] or "")


def _words(written: str) -> Modes:
    return frozenset(_WORD.findall(written.upper()))
