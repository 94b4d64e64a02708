"""JSON as values that know their places, with a bound on nesting."""

import re
from dataclasses import dataclass, field
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]  # public, though the stubs lack it
from typing import Final, TypeAlias

from renga_schema.errors import Unreadable
from renga_schema.readers.source import Source
from renga_schema.report import Diagnostic

DEEPEST: Final = 100
"""Levels of nesting; each level of a schema takes two or three."""

_SPACE: Final = re.compile(r"[ \t\n\r]*+")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*+)(?:\.\d++)?(?:[eE][+-]?\d++)?", re.ASCII)
_WORDS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}
_WORD: Final = re.compile(r"true|false|null")


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written."""

    text: str

    @property
    def integer(self) -> int | None:
        """Its value, if it is a whole number that an engine can count to."""
        return int(self.text) if self.text.lstrip("-").isdecimal() and len(self.text) < 20 else None


Value: TypeAlias = "dict[str, Node] | list[Node] | str | Number | bool | None"


@dataclass(slots=True, eq=False)
class Node:
    """A value and where it stands: for an entry of an object, where its key does."""

    value: Value
    offset: int
    start: int
    """Where the value itself begins; it ends before `end`."""
    end: int = 0

    def get(self, key: str) -> "Node | None":
        """An entry, where this is an object that has it."""
        return self.value.get(key) if isinstance(self.value, dict) else None


@dataclass(slots=True)
class Document:
    """The root of a text, and the keys that were given twice."""

    root: Node
    duplicates: list[tuple[str, int]] = field(default_factory=list)


def load(source: Source) -> Document:
    """Parse the text.

    Raises:
        Unreadable: it is not JSON, or is nested too deep.
    """
    parser = _Parser(source)
    document = Document(parser.value(parser.skip(0), None, 0), parser.duplicates)
    end = parser.skip(document.root.end)
    if end < len(source.text):
        raise unreadable(source, end, "This is not JSON: more follows its end.", "Hand in one document at a time.")
    return document


def unreadable(source: Source, offset: int, message: str, advice: str) -> Unreadable:
    """A complaint about the document as a whole."""
    return Unreadable(
        Diagnostic(
            severity="error",
            code="READ-JSON",
            message=message,
            origin=source.origin(offset),
            text=source.quote(offset),
            help=advice,
        )
    )


class _Parser:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._text = source.text
        self.duplicates: list[tuple[str, int]] = []

    def skip(self, at: int) -> int:
        """The next place that is no white space."""
        match = _SPACE.match(self._text, at)
        return match.end() if match else at

    def value(self, at: int, key_offset: int | None, depth: int) -> Node:
        """The value that begins here."""
        text = self._text
        if depth > DEEPEST:
            message = f"This is nested deeper than {DEEPEST} levels."
            raise unreadable(self._source, at, message, "Move parts of it to $defs.")
        node = Node(None, at if key_offset is None else key_offset, at)
        mark = text[at : at + 1]
        if mark == "{":
            node.value, node.end = self._object(at + 1, depth + 1)
        elif mark == "[":
            node.value, node.end = self._list(at + 1, depth + 1)
        elif mark == '"':
            node.value, node.end = self._string(at)
        elif (match := _NUMBER.match(text, at)) is not None:
            node.value, node.end = Number(match[0]), match.end()
        elif (match := _WORD.match(text, at)) is not None:
            node.value, node.end = _WORDS[match[0]], match.end()
        else:
            raise self._error(at, "a value is expected")
        return node

    def _object(self, at: int, depth: int) -> tuple[dict[str, Node], int]:
        found: dict[str, Node] = {}
        at = self.skip(at)
        if self._text.startswith("}", at):
            return found, at + 1
        while True:
            if not self._text.startswith('"', at):
                raise self._error(at, "a key in double quotes is expected")
            key_at = at
            key, at = self._string(at)
            at = self._expect(":", at)
            node = self.value(self.skip(at), key_at, depth)
            if key in found:
                self.duplicates.append((key, key_at))
            found.setdefault(key, node)
            at = self.skip(node.end)
            if self._text.startswith("}", at):
                return found, at + 1
            at = self.skip(self._expect(",", at))

    def _list(self, at: int, depth: int) -> tuple[list[Node], int]:
        found: list[Node] = []
        at = self.skip(at)
        if self._text.startswith("]", at):
            return found, at + 1
        while True:
            node = self.value(at, None, depth)
            found.append(node)
            at = self.skip(node.end)
            if self._text.startswith("]", at):
                return found, at + 1
            at = self.skip(self._expect(",", at))

    def _string(self, at: int) -> tuple[str, int]:
        try:
            text, end = scanstring(self._text, at + 1, True)
        except JSONDecodeError as error:
            raise self._error(error.pos, error.msg[0].lower() + error.msg[1:]) from error
        # Half of a surrogate pair, which an escape can make, is no character.
        return text.encode(errors="replace").decode(), end

    def _expect(self, mark: str, at: int) -> int:
        at = self.skip(at)
        if not self._text.startswith(mark, at):
            raise self._error(at, f"{mark!r} is expected")
        return at + 1

    def _error(self, at: int, problem: str) -> Unreadable:
        return unreadable(self._source, min(at, len(self._text)), f"This is not JSON: {problem}.", "Correct the line.")
