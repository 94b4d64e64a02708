"""Whether a type's new JSON Schema still reads every event that was written under the old one.

Knows the keywords that pydantic writes. One that it does not know and that changed counts as a break: better asked
once too often than an event lost.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = Any
_Node = Mapping[str, Any]

_NOTES = frozenset({"$schema", "$id", "$comment", "$defs", "title", "description", "examples", "deprecated", "default"})
_LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_JUDGED = frozenset(
    {"type", "enum", "const", "anyOf", "oneOf", "$ref", "properties", "required", "additionalProperties"}
    | {"items", "prefixItems", *_LOWER_BOUNDS, *_UPPER_BOUNDS}
)


@dataclass(frozen=True, slots=True)
class Break:
    """One way in which old events, or what their readers count on, would no longer hold."""

    path: str
    """`model.tables[].name`; empty for the data as a whole."""
    what: str

    def __str__(self) -> str:
        return f"{self.path or 'the data'} {self.what}"


def breaks(old: _Node, new: _Node) -> list[Break]:
    """Every incompatible change from one schema of a type to the next.

    A field removed or retyped, a field newly required, a value, a length or a range no longer allowed. A changed
    default is one as well: a field that has its default does not travel, so events that were sent before would come
    to mean something else.
    """
    found = _Comparison(old.get("$defs", {}), new.get("$defs", {})).compare(old, new, "")
    return list(dict.fromkeys(found))


class _Comparison:
    """Two schemas and the definitions that they refer to."""

    def __init__(self, old_definitions: _Node, new_definitions: _Node) -> None:
        self._old = old_definitions
        self._new = new_definitions
        self._open: set[tuple[str, str]] = set()

    def compare(self, old: _Node, new: _Node, path: str) -> Iterator[Break]:
        pair = (old.get("$ref", ""), new.get("$ref", ""))
        if all(pair):
            # A type that holds itself is being compared further out already.
            if pair in self._open:
                return
            self._open.add(pair)
            yield from self._resolved(_resolve(old, self._old), _resolve(new, self._new), path)
            self._open.remove(pair)
        else:
            yield from self._resolved(_resolve(old, self._old), _resolve(new, self._new), path)

    def _resolved(self, old: _Node, new: _Node, path: str) -> Iterator[Break]:
        before, after = _branches(old), _branches(new)
        if len(before) == len(after) == 1:
            yield from self._single(before[0], after[0], path)
            return
        for branch in before:
            yield from self._least([list(self.compare(branch, other, path)) for other in after], branch, path)

    def _least(self, attempts: list[list[Break]], branch: _Node, path: str) -> list[Break]:
        """What stands between one old alternative and the new one that comes nearest."""
        if not all(attempts):
            return []
        # Something deeper inside was changed in an alternative that is otherwise the same; else it is gone.
        nearest = [attempt for attempt in attempts if all(each.path != path for each in attempt)]
        if nearest:
            return min(nearest, key=len)
        return [Break(path, f"can no longer be {_said(_resolve(branch, self._old))}")]

    def _single(self, old: _Node, new: _Node, path: str) -> Iterator[Break]:
        if _types_lost(old, new):
            yield Break(path, f"was {_said(old)} and is now {_said(new)}")
            return
        yield from _values_lost(old, new, path)
        yield from _bounds_tightened(old, new, path)
        yield from self._objects(old, new, path)
        yield from self._arrays(old, new, path)
        for keyword in sorted((old.keys() | new.keys()) - _JUDGED - _NOTES):
            if old.get(keyword) != new.get(keyword) and keyword in new:
                yield Break(path, f"has {keyword!r} changed to {new[keyword]!r}, which old values may not meet")

    def _objects(self, old: _Node, new: _Node, path: str) -> Iterator[Break]:
        before, after = old.get("properties", {}), new.get("properties", {})
        for name, field in before.items():
            inner = f"{path}.{name}" if path else name
            if name not in after:
                yield Break(inner, "was removed")
                continue
            yield from self.compare(field, after[name], inner)
            if "default" in field and not _still(field["default"], after[name].get("default", field["default"])):
                yield Break(inner, f"had the default {field['default']!r} and has now {after[name]['default']!r}")
        for name in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
            inner = f"{path}.{name}" if path else name
            yield Break(inner, "was optional and is now required" if name in before else "is new and required")
        others_before, others_after = old.get("additionalProperties", True), new.get("additionalProperties", True)
        if isinstance(others_before, dict) and isinstance(others_after, dict):
            yield from self.compare(others_before, others_after, f"{path}.*" if path else "*")
        elif others_before is not False and others_after not in (True, others_before):
            yield Break(path, "no longer takes any other field")

    def _arrays(self, old: _Node, new: _Node, path: str) -> Iterator[Break]:
        before, after = old.get("prefixItems", []), new.get("prefixItems", [])
        for index, (item, other) in enumerate(zip(before, after, strict=False)):
            yield from self.compare(item, other, f"{path}[{index}]")
        if len(before) != len(after):
            yield Break(path, f"had {len(before)} items with a meaning each and has now {len(after)}")
        if isinstance(new.get("items"), dict):
            yield from self.compare(old.get("items") or {}, new["items"], f"{path}[]")


def _resolve(node: _Node, definitions: _Node) -> _Node:
    while "$ref" in node:
        node = definitions[node["$ref"].rpartition("/")[2]]
    return node


def _branches(node: _Node) -> list[_Node]:
    branches: list[_Node] = [*node.get("anyOf", ()), *node.get("oneOf", ())]
    return branches or [node]


def _types(node: _Node) -> set[str] | None:
    """The JSON types that a schema takes; None for any."""
    if "type" in node:
        return {node["type"]} if isinstance(node["type"], str) else set(node["type"])
    values = _values(node)
    return None if values is None else {_type_of(value) for value in values}


def _type_of(value: Json) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null", list: "array"}
    return names.get(type(value), "object")


def _types_lost(old: _Node, new: _Node) -> bool:
    before, after = _types(old), _types(new)
    if after is None:
        return False
    if before is None:
        return True
    return any(kind not in after and not (kind == "integer" and "number" in after) for kind in before)


def _values(node: _Node) -> list[Json] | None:
    """The only values that a schema takes; None where it does not list them."""
    if "const" in node:
        return [node["const"]]
    listed: list[Json] | None = node.get("enum")
    return listed


def _values_lost(old: _Node, new: _Node, path: str) -> Iterator[Break]:
    before, after = _values(old), _values(new)
    if after is None:
        return
    if before is None:
        yield Break(path, f"took any {_said(old)} and takes now only {_listed(after)}")
    elif lost := [value for value in before if value not in after]:
        yield Break(path, f"can no longer be {_listed(lost)}")


def _bounds_tightened(old: _Node, new: _Node, path: str) -> Iterator[Break]:
    for keyword in _LOWER_BOUNDS + _UPPER_BOUNDS:
        before, after = old.get(keyword), new.get(keyword)
        if after is None or before == after:
            continue
        tighter = before is None or (after > before if keyword in _LOWER_BOUNDS else after < before)
        if tighter:
            yield Break(path, f"has {keyword} {after}, which was {'not limited' if before is None else before}")


def _still(old: Json, new: Json) -> bool:
    """Whether a default is what it was; an object's may have gained fields."""
    if isinstance(old, dict) and isinstance(new, dict):
        return all(name in new and _still(value, new[name]) for name, value in old.items())
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_still, old, new))
    return type(old) is type(new) and bool(old == new)


def _said(node: _Node) -> str:
    if "title" in node:
        return str(node["title"])
    values = _values(node)
    if values is not None:
        return _listed(values)
    if len(branches := _branches(node)) > 1:
        return " or ".join(str(branch.get("$ref", "")).rpartition("/")[2] or _said(branch) for branch in branches)
    types = _types(node)
    return "anything" if types is None else " or ".join(sorted(types))


def _listed(values: list[Json]) -> str:
    return ", ".join(repr(value) for value in values)
