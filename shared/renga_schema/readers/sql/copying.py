"""Columns as CREATE TABLE ... LIKE copies them."""

from renga_schema.model import Column, Dialect
from renga_schema.readers.sql.counting import counting_elsewhere


class Copies:
    """What was copied once is the same for each that copies it: a line can ask for thousands of columns."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._known: dict[tuple[int, frozenset[str]], tuple[Column, Column]] = {}
        """By the `id` of a column, which is kept so that it stays its own, and the parts."""

    def of(self, original: Column, parts: frozenset[str]) -> Column:
        """A column of another table with those parts of it that are named: DEFAULTS, IDENTITY, GENERATED, COMMENTS."""
        key = id(original), parts
        if key not in self._known:
            self._known[key] = original, self._made(original, parts)
        return self._known[key][1]

    def _made(self, original: Column, parts: frozenset[str]) -> Column:
        own = self._dialect == "mysql" or (original.identity and original.identity.style != "serial")
        column = original if own else counting_elsewhere(original)
        fields = {"DEFAULTS": "default", "IDENTITY": "identity", "GENERATED": "generated", "COMMENTS": "comment"}
        left_out = {
            name: None for part, name in fields.items() if part not in parts and getattr(column, name) is not None
        }
        return column.model_copy(update=left_out) if left_out else column
