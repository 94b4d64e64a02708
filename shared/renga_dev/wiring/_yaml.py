"""YAML as it is committed: one field a line, in the order of meaning, under a line that says who wrote it."""

from collections.abc import Iterable
from typing import Any

import yaml

WRITTEN_BY = "Written by `renga wiring`"


class _Dumper(yaml.SafeDumper):
    """Lists are indented below their key, and nothing is written as an alias of something above."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def written_by(origin: str) -> str:
    """What a generated file says about itself, in one line."""
    return f"{WRITTEN_BY} from {origin}; change it there."


def as_yaml(documents: Iterable[Any], *, origin: str) -> str:
    """YAML documents in one stream.

    Args:
        documents: plain values.
        origin: what they follow from, as a reader would look for it.
    """
    bodies = [
        yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=116, allow_unicode=True) for document in documents
    ]
    return f"# {written_by(origin)}\n" + "---\n".join(bodies)
