"""YAML as plain data that knows its places: strings, None, lists and mappings, nothing else.

Scalars stay text, so `no`, `on` and `1.50` mean what they say; only an empty plain scalar, `~` and `null` are None.
Aliases and merge keys work. What a small text may grow to is bounded, so that a bomb of aliases ends here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import yaml

from renga_schema.errors import Unreadable
from renga_schema.model import Origin
from renga_schema.readers.source import Source
from renga_schema.report import Diagnostic

Data: TypeAlias = "str | list[Data] | dict[str, Data] | None"
Path: TypeAlias = "tuple[str | int, ...]"

DEEPEST: Final = 40
"""Levels of nesting; a schema needs about eight."""
MOST_COPIES: Final = 50_000
"""Parts of the document that aliases may repeat, all together; a long text is as many parts as it has pieces."""
_PIECE: Final = 20
"""Characters."""

_NULLS: Final = {"", "~", "null", "Null", "NULL"}
_STRING_TAGS: Final = {None, "!", "tag:yaml.org,2002:str"}
# libyaml is many times faster; without it the pure parser gives the same events.
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class Document:
    """The data of a text, where each part of it stands, and the keys that were given twice."""

    source: Source
    data: Data = None
    places: dict[Path, Origin] = field(default_factory=dict)
    """Of a mapping's entry, the place of its key; of a list's item, that of the item."""
    duplicates: list[tuple[Path, Origin]] = field(default_factory=list)

    def place(self, path: Path) -> Origin:
        """Where the part stands, or the nearest one around it."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Origin(line=1, file=self.source.file))

    def line(self, origin: Origin) -> str:
        """The line of a place, as written."""
        return self.source.quote(self.source.offset(origin))


@dataclass(slots=True)
class _Node:
    """A part of the text: a scalar, a list, or the entries of a mapping."""

    content: "str | list[_Node] | tuple[tuple[str, Origin, _Node], ...] | None"
    origin: Origin
    size: int = 1
    """How many parts it has, itself included."""


def load(source: Source) -> Document:
    """Parse the text.

    Raises:
        Unreadable: it is not YAML, nested too deep, repeats itself too often, or holds more than one document.
    """
    composer = _Composer(source)
    try:
        root = composer.document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = " ".join(part for part in (error.context, error.problem) if part)
        origin = _origin(mark, source.file) if mark else Origin(line=1, file=source.file)
        raise _unreadable(source, origin, f"This is not YAML: {problem}.", "Correct the line.") from error
    except yaml.YAMLError as error:
        raise _unreadable(source, Origin(line=1, file=source.file), f"This is not YAML: {error}.", None) from error
    document = Document(source)
    document.data = _plain(root, (), document)
    return document


class _Composer:
    """Makes nodes of the parser's events, one at a time and without recursion into the parser."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._events: Iterator[Any] = yaml.parse(source.text, Loader=_LOADER)
        self._anchors: dict[str, _Node] = {}
        self._copies = 0

    def document(self) -> _Node:
        """The one document of the text."""
        root: _Node | None = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    origin = _origin(event.start_mark, self._source.file)
                    raise _unreadable(self._source, origin, "A second document begins here.", "Hand in one at a time.")
                root = self._node(next(self._events), 0)
        return root or _Node(None, Origin(line=1, file=self._source.file))

    def _node(self, event: Any, depth: int) -> _Node:
        origin = _origin(event.start_mark, self._source.file)
        if isinstance(event, yaml.AliasEvent):
            return self._copy(event.anchor, origin)
        if depth > DEEPEST:
            message = f"This is nested deeper than {DEEPEST} levels."
            raise _unreadable(self._source, origin, message, "A schema needs about eight.")
        if isinstance(event, yaml.ScalarEvent):
            is_plain = event.implicit[0]
            size = 1 + len(event.value) // _PIECE
            node = _Node(None if is_plain and event.value in _NULLS else event.value, origin, size)
        elif isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(following := next(self._events), yaml.SequenceEndEvent):
                items.append(self._node(following, depth + 1))
            node = _Node(items, origin, 1 + sum(item.size for item in items))
        else:
            entries = []
            while not isinstance(following := next(self._events), yaml.MappingEndEvent):
                key = self._node(following, depth + 1)
                value = self._node(next(self._events), depth + 1)
                if isinstance(key.content, list | tuple):
                    raise _unreadable(self._source, key.origin, "A key must be a plain word.", None)
                entries.append(("null" if key.content is None else key.content, key.origin, value))
            node = _Node(tuple(entries), origin, 1 + sum(value.size + len(key) // _PIECE for key, _, value in entries))
        if event.tag not in _STRING_TAGS and not str(event.tag).startswith("tag:yaml.org,2002:"):
            raise _unreadable(self._source, origin, f"The tag {event.tag} has no meaning here.", "Leave it out.")
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _copy(self, anchor: str | None, origin: Origin) -> _Node:
        node = self._anchors.get(anchor or "")
        if node is None:
            raise _unreadable(self._source, origin, f"Nothing before this is marked &{anchor}.", "Mark it first.")
        self._copies += node.size
        if self._copies > MOST_COPIES:
            message = f"The aliases in this text repeat more than {MOST_COPIES} parts of it."
            raise _unreadable(self._source, origin, message, "Write out what is meant.")
        return node


def _plain(node: _Node, path: Path, document: Document) -> Data:
    if isinstance(node.content, tuple):
        return _mapping(node.content, path, document)
    if not isinstance(node.content, list):
        return node.content
    items: list[Data] = []
    for index, item in enumerate(node.content):
        document.places[*path, index] = item.origin
        items.append(_plain(item, (*path, index), document))
    return items


def _mapping(entries: tuple[tuple[str, Origin, _Node], ...], path: Path, document: Document) -> dict[str, Data]:
    data: dict[str, Data] = {}
    merged: dict[str, Data] = {}
    for key, origin, value in entries:
        if key == "<<":
            found = _plain(value, path, document)
            for each in found if isinstance(found, list) else [found]:
                if isinstance(each, dict):
                    merged |= each | merged
            continue
        here = (*path, key)
        if key in data:
            document.duplicates.append((here, origin))
            continue
        document.places[here] = origin
        data[key] = _plain(value, here, document)
    return merged | data


def _origin(mark: Any, file: str | None) -> Origin:
    return Origin(line=mark.line + 1, column=mark.column + 1, file=file)


def _unreadable(source: Source, origin: Origin, message: str, advice: str | None) -> Unreadable:
    text = source.quote(source.offset(origin))
    return Unreadable(
        Diagnostic(severity="error", code="READ-YAML", message=message, origin=origin, text=text, help=advice)
    )
