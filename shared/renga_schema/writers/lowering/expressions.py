"""SQL expressions carried from one dialect to another; the everyday literals without a parser."""

import re
from collections.abc import Callable
from typing import Final, Literal

from renga_schema.identifiers import literal
from renga_schema.model import Dialect, Expression, Ref

Locate = Callable[[str | None, str], Ref | None]
"""From a namespace and a name in the source to the table's name in the target."""

Use = Literal["default", "check", "generated", "index", "predicate", "query"]
"""Where an expression stands: engines forbid the clock in some of these places."""

_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?")
_STRING: Final = re.compile(r"'((?:[^'\\]|'')*)'")
_KEYWORDS: Final = {"TRUE", "FALSE", "NULL", "CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME"}


class Translator:
    """Translates from `source` (None: read as PostgreSQL's, the nearest to the standard) to `target`."""

    def __init__(self, source: Dialect | None, target: Dialect, is_boolean: Callable[[str], bool]) -> None:
        self._is_boolean = is_boolean
        self.source: Dialect = source or "postgres"
        self.target = target

    def translate(self, expression: Expression, use: Use) -> Expression | None:
        """The expression in the target's words, or None where it has none for it."""
        if self.source == self.target:
            return expression
        simple = self._simple(expression.canonical or expression.text, use)
        text = simple or self.sql(expression.text, use)
        return None if text is None else expression.model_copy(update={"text": text})

    def sql(self, text: str, use: Use, locate: Locate | None = None) -> str | None:
        """A piece of SQL in the target's words, or None; `locate` finds the tables of a query."""
        if self.source == self.target:
            return text
        # Imported late: sqlglot costs a tenth of a second, and most defaults are literals.
        from renga_schema.writers.lowering import _translation

        return _translation.translate(text, self.source, self.target, use, is_boolean=self._is_boolean, locate=locate)

    def _simple(self, text: str, use: Use) -> str | None:
        if _NUMBER.fullmatch(text):
            return text
        if (match := _STRING.fullmatch(text)) and "\0" not in text:  # only MySQL can write a NUL
            return literal(match[1].replace("''", "'"), self.target)
        return text if use == "default" and text.upper() in _KEYWORDS else None
