"""What a transaction that is rolled back, or rolled back to a savepoint, takes away again."""

import re
from typing import Final

from renga_schema.model import Dialect
from renga_schema.readers.sql.builder import Builder

_TRANSACTIONAL: Final[set[Dialect]] = {"postgres", "sqlite"}
"""Where statements that describe a schema are undone like any other; elsewhere they commit at once."""

_UNDOES = re.compile(r"\b(?:ROLLBACK|ABORT)\b", re.IGNORECASE)
_BEGIN = re.compile(r"BEGIN\b|START\s+TRANSACTION\b", re.IGNORECASE)
_SAVEPOINT = re.compile(r"SAVEPOINT\s+(?P<name>\S+)", re.IGNORECASE)
_UNDO_TO = re.compile(
    r"(?:ROLLBACK|ABORT)(?:\s+(?:WORK|TRANSACTION))?\s+TO(?:\s+SAVEPOINT)?\s+(?P<name>\S+)", re.IGNORECASE
)
_UNDO = re.compile(r"(?:ROLLBACK|ABORT)\b(?!\s+PREPARED)", re.IGNORECASE)
_COMMIT = re.compile(r"(?:COMMIT|END)\b(?!\s+PREPARED)", re.IGNORECASE)

WORDS: Final = frozenset({"ABORT", "BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "START"})
"""First words of the statements that steer transactions."""


class Transactions:
    """The states of a schema to which a script may go back.

    A state is only put aside in a script that ever goes back: it costs time and memory in proportion to the schema.
    """

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._undoing = False
        self._states: list[tuple[str, Builder]] = []
        """The state at BEGIN, which has no name, and at each savepoint since."""
        self._path: list[str] | None = None
        """The search path after the transaction, where SET LOCAL changed it for now."""

    def open(self, text: str) -> None:
        """Go on with another script."""
        self._undoing = self._builder.dialect in _TRANSACTIONAL and _UNDOES.search(text) is not None

    def set_path(self, path: list[str], *, local: bool) -> None:
        """Change the search path, perhaps only up to the end of the transaction."""
        if local and self._path is None:
            self._path = self._builder.path
        elif not local:
            self._path = None
        self._builder.path = path

    def carry_out(self, statement: str) -> None:
        """Take notice of a statement that begins with one of `WORDS`."""
        if _BEGIN.match(statement):
            self._keep("")
        elif match := _SAVEPOINT.match(statement):
            self._keep(_plain(match["name"]))
        elif match := _UNDO_TO.match(statement):
            self._go_back(_plain(match["name"]))
        elif _UNDO.match(statement):
            if self._states:
                self._builder.restore(self._states[0][1])
            self._end()
        elif _COMMIT.match(statement):
            self._end()

    def _keep(self, name: str) -> None:
        if self._undoing and not (name == "" and self._states):
            self._states.append((name, self._builder.copy()))

    def _go_back(self, name: str) -> None:
        at = next((at for at in reversed(range(len(self._states))) if self._states[at][0] == name), None)
        if at is not None:
            del self._states[at + 1 :]
            self._builder.restore(self._states[at][1])

    def _end(self) -> None:
        self._states.clear()
        if self._path is not None:
            self._builder.path, self._path = self._path, None


def _plain(name: str) -> str:
    return name.strip('"; \t\r\n').lower()
