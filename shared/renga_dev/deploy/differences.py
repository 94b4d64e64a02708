"""What `kubectl diff` says, object by object."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_OBJECT = re.compile(
    r"^diff .*/MERGED-[^/]+/(?:(?P<group>[a-z0-9.-]+)\.)?(?P<version>v\d\w*)\.(?P<kind>[A-Z]\w*)"
    r"\.(?P<namespace>[^.]*)\.(?P<name>\S+)$"
)
_NEW = "@@ -0,0 "
_NOISE = re.compile(r"[-+]\s*(generation|resourceVersion|uid|creationTimestamp):")
"""What the cluster counts by itself."""


class Change(NamedTuple):
    """One object that would not stay as it is."""

    kind: str
    namespace: str
    """Empty for what is in none."""
    name: str
    is_new: bool
    lines: tuple[str, ...]
    """Of one that is there: what goes (`-`) and what comes (`+`), each without its indentation."""

    def __str__(self) -> str:
        return f"{self.kind} {f'{self.namespace}/' if self.namespace else ''}{self.name}"


def changes(diff: str) -> tuple[Change, ...]:
    """Read what `kubectl diff` wrote with its own `diff -u -N`; objects in the order of kind and name."""
    return tuple(sorted(_changes(diff), key=lambda change: (change.kind, change.namespace, change.name)))


def _changes(diff: str) -> Iterator[Change]:
    for part in re.split(r"^(?=diff )", diff, flags=re.MULTILINE):
        head, *lines = part.splitlines() or [""]
        match = _OBJECT.match(head)
        if match is None:
            continue
        is_new = any(line.startswith(_NEW) for line in lines)
        changed = [line[0] + " " + line[1:].strip() for line in lines if _is_change(line)]
        if is_new or changed:
            yield Change(match["kind"], match["namespace"], match["name"], is_new, () if is_new else tuple(changed))


def _is_change(line: str) -> bool:
    return line[:1] in {"-", "+"} and line[:3] not in {"---", "+++"} and not _NOISE.match(line)
