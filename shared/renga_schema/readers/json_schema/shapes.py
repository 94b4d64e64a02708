"""What a schema says once its `$ref` and `allOf` are put together."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from renga_schema.readers.findings import Findings
from renga_schema.readers.json_schema import openapi
from renga_schema.readers.json_schema.document import Node, unreadable
from renga_schema.readers.source import Source

MOST_MERGED: Final = 200_000
"""Keywords and properties that `$ref` and `allOf` may bring in, all together, in a text of no great length."""
_PIECE: Final = 20
"""Characters of a keyword's value, such as a list of labels, that count as another keyword."""
_PER_KEYWORD: Final = 4
"""Characters of a long text for which one more may be brought in."""

_LONGEST_CHAIN: Final = 60

ANNOTATIONS: Final = frozenset({
    "$schema", "$id", "id", "$anchor", "$dynamicAnchor", "$comment", "$defs", "definitions", "$vocabulary", "examples",
    "example", "title", "description",
})  # fmt: skip
"""Keywords that constrain no value."""

_MAPS: Final = ("$defs", "definitions", "properties", "patternProperties", "dependentSchemas")
_LISTS: Final = ("allOf", "anyOf", "oneOf", "prefixItems")
_SINGLES: Final = (
    *("items", "additionalProperties", "additionalItems", "not", "if", "then", "else", "contains", "propertyNames"),
    *("unevaluatedItems", "unevaluatedProperties"),
)

_LIGHT: Final = ANNOTATIONS.union(_MAPS, _LISTS, _SINGLES, ("$ref",))
"""Keywords that are not copied, or that hold schemas, each of which counts for itself."""


class Wrong(Exception):  # noqa: N818 - it is caught at the object's border and becomes a diagnostic
    """A part of the document is not what JSON Schema has there."""

    def __init__(self, message: str, node: Node, help_: str | None = None, *, leads_out: bool = False) -> None:
        super().__init__(message)
        self.leads_out = leads_out
        """Whether it is about another document."""
        self.message = message
        self.node = node
        self.help = help_


@dataclass(slots=True)
class Shape:
    """A schema in one piece. Handlers take keywords out of it; what is left at the end was not understood."""

    node: Node
    keywords: dict[str, Node] = field(default_factory=dict)
    properties: dict[str, Node] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)

    def take(self, keyword: str) -> Node | None:
        """A keyword, which is thereby dealt with."""
        return self.keywords.pop(keyword, None)

    def text(self, keyword: str) -> str | None:
        """A keyword that holds a text; taken."""
        node = self.take(keyword)
        return node.value if node and isinstance(node.value, str) else None


class Shapes:
    """Puts schemas together, and finds what they refer to."""

    def __init__(self, source: Source, root: Node, findings: Findings) -> None:
        self.root = root
        self.definitions: list[tuple[str, Node]] = []
        """Everything under `$defs` and `definitions`, in the order of the text."""
        self._source = source
        self._findings = findings
        self._named: dict[str, Node] = {}
        self._merged = 0
        named = openapi.definitions(root) if openapi.is_api(root) else []
        self.definitions += named
        for top in [node for _, node in named] or [root]:
            for node in self._walk(top):
                self._index(node)

    def _walk(self, root: Node) -> Iterator[Node]:
        waiting = [root]
        while waiting:
            node = waiting.pop()
            if not isinstance(node.value, dict):
                continue
            yield node
            below: list[Node] = []
            for keyword in _MAPS:
                entries = node.value.get(keyword)
                if entries is not None and isinstance(entries.value, dict):
                    below += entries.value.values()
            for keyword in (*_LISTS, *_SINGLES):
                entry = node.value.get(keyword)
                if entry is not None:
                    below += entry.value if isinstance(entry.value, list) else [entry]
            waiting += reversed(below)

    def _index(self, node: Node) -> None:
        for keyword in ("$defs", "definitions"):
            entries = node.get(keyword)
            if entries is not None and isinstance(entries.value, dict):
                self.definitions += entries.value.items()
        for keyword, prefix in (("$id", ""), ("id", ""), ("$anchor", "#")):
            name = node.get(keyword)
            if name is not None and isinstance(name.value, str):
                self._named.setdefault(prefix + name.value, node)
                self._named.setdefault(prefix + name.value.rstrip("#").rsplit("/", 1)[-1], node)

    def resolve(self, node: Node) -> Node:
        """What a schema's `$ref` leads to, over several if need be; the schema itself where it has none.

        Raises:
            Wrong: it leads out of the document, nowhere, or back to itself.
        """
        for _ in range(_LONGEST_CHAIN):
            reference = node.get("$ref")
            if reference is None:
                return node
            if not isinstance(reference.value, str):
                raise Wrong("$ref is a text.", reference, 'Write "$ref": "#/$defs/name".')
            found = self._find(reference.value)
            if found is None:
                message = f"There is no {reference.value!r} in this document."
                leads_out = not reference.value.startswith("#")
                raise Wrong(message, reference, "Put what it refers to under $defs.", leads_out=leads_out)
            node = found
        raise Wrong("This $ref leads back to itself.", node, "Let it end at a schema.")

    def _find(self, reference: str) -> Node | None:
        if reference in self._named:
            return self._named[reference]
        base, _, pointer = reference.partition("#")
        node: Node | None = self.root
        if base:
            node = self._named.get(base) or self._named.get(base.rsplit("/", 1)[-1])
        if not pointer:
            return node
        if not pointer.startswith("/"):
            return self._named.get("#" + pointer)
        for step in pointer[1:].split("/"):
            key = unquote(step).replace("~1", "/").replace("~0", "~")
            if node is not None and isinstance(node.value, list):
                is_index = re.fullmatch(r"\d{1,6}", key, re.ASCII) and int(key) < len(node.value)
                node = node.value[int(key)] if is_index else None
            else:
                node = node.get(key) if node is not None else None
        return node

    def shape(self, node: Node, where: str | None = None) -> Shape:
        """A schema with what its `$ref` and `allOf` bring in; what it says itself holds.

        What does not fit together is lost; it is entered into the ledger where the object is named.

        Raises:
            Wrong: it is no schema, or refers to none.
            Unreadable: the document would grow beyond `MOST_MERGED`.
        """
        shape = Shape(node)
        self._merge(shape, node, where, set())
        return shape

    def _merge(self, shape: Shape, node: Node, where: str | None, seen: set[int]) -> None:
        if isinstance(node.value, bool) or id(node) in seen:
            return
        if not isinstance(node.value, dict):
            raise Wrong("A schema is expected here: an object, true or false.", node)
        if len(seen) > _LONGEST_CHAIN:
            raise Wrong(
                f"More than {_LONGEST_CHAIN} schemas refer to one another here.", node, "Write out what is meant."
            )
        seen = seen | {id(node)}
        lengths = (value.end - value.start for key, value in node.value.items() if key not in _LIGHT)
        self._spend(len(node.value) + sum(length // _PIECE for length in lengths), node)
        self._merge_keywords(shape, node.value, where)
        self._merge_object(shape, node, where)
        if "$ref" in node.value:
            target = self.resolve(Node({"$ref": node.value["$ref"]}, node.offset, node.start))
            self._merge(shape, target, where, seen)
        members = node.value.get("allOf")
        if members is not None:
            if not isinstance(members.value, list):
                raise Wrong("allOf is a list of schemas.", members)
            for member in members.value:
                self._merge(shape, member, where, seen)

    def _merge_keywords(self, shape: Shape, found: dict[str, Node], where: str | None) -> None:
        for keyword, value in found.items():
            if keyword in {"$ref", "allOf", "properties", "required"}:
                continue
            known = shape.keywords.setdefault(keyword, value)
            is_new = known is not value and keyword not in ANNOTATIONS and not self._same(known, value)
            if is_new and where is not None:
                self._findings.lose(where, f"a second {keyword}", "The first counts.", value.offset)

    def _merge_object(self, shape: Shape, node: Node, where: str | None) -> None:
        properties, required = node.get("properties"), node.get("required")
        if properties is not None:
            if not isinstance(properties.value, dict):
                raise Wrong("properties is an object: a schema for each name.", properties)
            self._spend(len(properties.value), node)
            for name, value in properties.value.items():
                known = shape.properties.setdefault(name, value)
                if known is not value and where is not None and not self._same(known, value):
                    self._findings.lose(f"{where}.{name}", "a second description", "The first counts.", value.offset)
        if required is not None and isinstance(required.value, list):  # draft 3 had true and false here
            shape.required |= {item.value for item in required.value if isinstance(item.value, str)}

    def _same(self, one: Node, other: Node) -> bool:
        text = self._source.text
        return text[one.start : one.end] == text[other.start : other.end]

    def _spend(self, count: int, node: Node) -> None:
        self._merged += count + 1
        most = max(MOST_MERGED, len(self._source.text) // _PER_KEYWORD)
        if self._merged > most:
            message = f"The references in this document repeat more than {most} parts of it."
            raise unreadable(self._source, node.offset, message, "Write out what is meant.")
