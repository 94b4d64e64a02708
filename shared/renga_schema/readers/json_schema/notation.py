"""YAML as the values that JSON has: a plain `no` is a text and a plain `7` a number, as YAML 1.2 says it."""

import re
from collections.abc import Iterator
from typing import Any, Final

import yaml

from renga_schema.readers.json_schema.document import DEEPEST, Document, Node, Number, Value, unreadable
from renga_schema.readers.source import Source

MOST_COPIES: Final = 50_000
"""Parts of the document that aliases may repeat, all together; a long text is as many parts as it has pieces."""
_PIECE: Final = 20
"""Characters."""

_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NUMBER: Final = re.compile(r"[-+]?(?:0|[1-9]\d*+)(?:\.\d*+)?(?:[eE][+-]?\d++)?", re.ASCII)
_WORDS: Final[dict[str, bool | None]] = {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    "null": None, "Null": None, "NULL": None, "~": None, "": None,
}  # fmt: skip


def load(source: Source) -> Document:
    """Parse the text.

    Raises:
        Unreadable: it is not YAML, is nested too deep, repeats itself too often, or holds more than one document.
    """
    composer = _Composer(source)
    try:
        root = composer.root()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = " ".join(part for part in (error.context, error.problem) if part)
        offset = mark.index if mark else 0
        raise unreadable(source, offset, f"This is not YAML: {problem}.", "Correct the line.") from error
    except yaml.YAMLError as error:
        raise unreadable(source, 0, f"This is not YAML: {error}.", "Correct it.") from error
    return Document(root, composer.duplicates)


class _Composer:
    """Makes nodes of the parser's events."""

    def __init__(self, source: Source) -> None:
        self.duplicates: list[tuple[str, int]] = []
        self._source = source
        self._events: Iterator[Any] = yaml.parse(source.text, Loader=_LOADER)
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._copies = 0

    def root(self) -> Node:
        """The one document of the text."""
        found: Node | None = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if found is not None:
                    at = _index(event.start_mark)
                    raise unreadable(self._source, at, "A second document begins here.", "Hand in one at a time.")
                found, _ = self._node(next(self._events), None, 0)
        return found or Node(None, 0, 0)

    def _node(self, event: Any, key: int | None, depth: int) -> tuple[Node, int]:
        """The node that an event begins, and of how many parts it is; `key` is where its key stands."""
        start = _index(event.start_mark)
        offset = start if key is None else key
        if isinstance(event, yaml.AliasEvent):
            return self._copy(event.anchor, offset)
        if depth > DEEPEST:
            message = f"This is nested deeper than {DEEPEST} levels."
            raise unreadable(self._source, start, message, "Move parts of it to $defs.")
        node, size = Node(None, offset, start, _index(event.end_mark)), 1
        if isinstance(event, yaml.ScalarEvent):
            node.value = _scalar(event.value) if event.implicit[0] else event.value
            size += len(event.value) // _PIECE
        elif isinstance(event, yaml.SequenceStartEvent):
            items: list[Node] = []
            while not isinstance(following := next(self._events), yaml.SequenceEndEvent):
                item, parts = self._node(following, None, depth + 1)
                items.append(item)
                size += parts
            node.value, node.end = items, _index(following.end_mark)
        else:
            node.value, parts, node.end = self._mapping(depth)
            size += parts
        if event.anchor:
            self._anchors[event.anchor] = (node, size)
        return node, size

    def _mapping(self, depth: int) -> tuple[dict[str, Node], int, int]:
        found: dict[str, Node] = {}
        merged: dict[str, Node] = {}
        size = 0
        while not isinstance(following := next(self._events), yaml.MappingEndEvent):
            at = _index(following.start_mark)
            if not isinstance(following, yaml.ScalarEvent):
                raise unreadable(self._source, at, "A key must be a plain word.", "Write a name.")
            key = following.value
            node, parts = self._node(next(self._events), at, depth + 1)
            size += parts
            if key == "<<":
                for each in node.value if isinstance(node.value, list) else [node]:
                    merged = (each.value if isinstance(each.value, dict) else {}) | merged
            elif key in found:
                self.duplicates.append((key, at))
            else:
                found[key] = node
        return merged | found, size, _index(following.end_mark)

    def _copy(self, anchor: str | None, offset: int) -> tuple[Node, int]:
        if anchor is None or anchor not in self._anchors:
            raise unreadable(self._source, offset, f"Nothing before this is marked &{anchor}.", "Mark it first.")
        node, size = self._anchors[anchor]
        self._copies += size
        if self._copies > MOST_COPIES:
            message = f"The aliases in this text repeat more than {MOST_COPIES} parts of it."
            raise unreadable(self._source, offset, message, "Write out what is meant.")
        return Node(node.value, offset, node.start, node.end), size


def _index(mark: Any) -> int:
    """Characters before a mark of the parser's."""
    return int(mark.index)


def _scalar(text: str) -> Value:
    if text in _WORDS:
        return _WORDS[text]
    if _NUMBER.fullmatch(text):
        return Number(text.removeprefix("+"))
    return text
