"""What two schemas say differently, object by object, wherever their files were."""

from collections.abc import Iterator
from typing import Any

from renga_schema.model import Schema


def changes(before: Schema, after: Schema) -> Iterator[tuple[str, str]]:
    """The object and the field of everything that is not in `after` as it is in `before`; origins do not count."""
    for kind in Schema.model_fields:
        left, right = getattr(before, kind), getattr(after, kind)
        if not isinstance(left, tuple):
            if left != right:
                yield "schema", kind
            continue
        if len(left) != len(right):
            yield "schema", f"the number of {kind}"
        for first, second in zip(left, right, strict=False):
            for field in _differing(first.model_dump(exclude={"origin"}), second.model_dump(exclude={"origin"}), ()):
                yield str(getattr(first, "ref", first.name)), field


def _differing(left: Any, right: Any, path: tuple[str, ...]) -> Iterator[str]:
    if isinstance(left, dict) and isinstance(right, dict):
        for name in sorted(left.keys() | right.keys()):
            if name != "origin":
                yield from _differing(left.get(name), right.get(name), (*path, name))
    elif isinstance(left, tuple | list) and isinstance(right, tuple | list) and len(left) == len(right):
        for at, (first, second) in enumerate(zip(left, right, strict=True)):
            name = first.get("name") if isinstance(first, dict) else None
            yield from _differing(first, second, (*path, name or str(at)))
    elif left != right:
        yield ".".join(path)
