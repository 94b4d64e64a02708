"""Names with their namespace, as the format writes them: `order`, `sales.order`, `sales."odd.name"`."""

import re
from typing import Final

from renga_schema.model import Ref

_PART: Final = re.compile(r'"((?:[^"]|"")*)"|([^."]+|[^.]*"[^.]*)')
_PLAIN: Final = re.compile(r'[^."]+')


def split(written: str) -> list[str]:
    """The parts of a name between its dots; what stands in double quotes is one part."""
    parts: list[str] = []
    at = 0
    while at < len(written):
        match = _PART.match(written, at)
        if match is None or (match.end() < len(written) and written[match.end()] != "."):
            return [*parts, written[at:]]
        quoted, plain = match.groups()
        parts.append(plain if quoted is None else quoted.replace('""', '"'))
        at = match.end() + 1
    return parts or [written]


def ref(written: str) -> Ref:
    """A name, or a namespace and a name."""
    namespace, *rest = split(written)
    return Ref(name=".".join(rest), namespace=namespace) if rest else Ref(name=namespace)


def quoted(name: str) -> str:
    """A part of a name, in quotes where it would be taken for several."""
    return name if _PLAIN.fullmatch(name) else '"' + name.replace('"', '""') + '"'


def written(item: Ref) -> str:
    """The name as the format writes it."""
    name = quoted(item.name)
    return f"{quoted(item.namespace)}.{name}" if item.namespace is not None else name
