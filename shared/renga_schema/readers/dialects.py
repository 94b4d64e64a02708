"""Folders that hold one schema once for each engine: which scripts are read, and which are another engine's edition."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Final

from renga_schema.errors import Unreadable
from renga_schema.model import Dialect, Origin
from renga_schema.readers.detect import Detection
from renga_schema.report import Diagnostic

_CALLED: Final[dict[str, Dialect | None]] = {
    "postgres": "postgres", "postgresql": "postgres", "pgsql": "postgres", "pg": "postgres",
    "mysql": "mysql", "mariadb": "mysql",
    "sqlite": "sqlite", "sqlite3": "sqlite",
    "mssql": "mssql", "sqlserver": "mssql",
    "oracle": None, "h2": None, "hsqldb": None, "db2": None, "derby": None,
}  # fmt: skip
"""What folders and files are called after; None is an engine that nobody reads here."""
_SURE: Final = 0.9
"""A script that is so sure of its dialect belongs to no schema in another one."""
_NAMED: Final = 3
"""So many files are named where there are many to name."""
_FOREIGN: Final = "another engine"


def named(name: str) -> tuple[Dialect | None, str] | None:
    """The engine that a file is for by its name or its folder's, the nearest first, and the word that says so.

    `mysql/V1__x.sql`, `mysql.sql`, `schema.mysql.sql` and `schema-mysql.sql` are MySQL's. Of an engine that is not read
    here the dialect is None; a name that speaks of none gives None.
    """
    path = PurePosixPath(name.replace("\\", "/").lower())
    words = [path.stem.rpartition(mark)[2] for mark in ".-_"] + [path.stem.partition(mark)[0] for mark in ".-"]
    for word in words:
        if _CALLED.get(word) is not None:
            return _CALLED[word], path.name
    for folder in reversed(path.parent.parts):
        if folder in _CALLED:
            return _CALLED[folder], f"{folder}/"
    return None


def by_name(name: str, found: Detection) -> Detection:
    """What a script is taken for when its name is asked too: where its text leaves doubt, the name decides."""
    says = named(name)
    if says is None or says[0] is None or found.format != "sql" or found.confidence >= _SURE:
        return found
    dialect, word = says
    evidence = found.evidence if found.dialect == dialect else ()
    return Detection("sql", dialect, (word, *evidence), _SURE)


def other_editions(
    taken: Mapping[str, Detection], told: Dialect | None, folder: str
) -> tuple[frozenset[str], tuple[Diagnostic, ...]]:
    """Of the files of a folder or archive, those that are another engine's edition, and a note that says so.

    Args:
        taken: What each file, by its name, was taken for.
        told: The dialect that was asked for.
        folder: What the user calls the folder.

    Raises:
        Unreadable: no dialect was asked for, and most of the scripts are in none.
    """
    sure = {name: spoken for name, found in taken.items() if (spoken := _sure(name, found)) is not None}
    counted = Counter(spoken for spoken in sure.values() if spoken != _FOREIGN)
    chosen: str | None = told
    if chosen is None and counted:
        chosen, many = counted.most_common(1)[0]
        if many * 2 <= counted.total():
            raise _undecided(sure, folder)
    left = frozenset(name for name, spoken in sure.items() if spoken != chosen)
    if not left or len(left) == len(taken):
        return frozenset(), ()
    return left, (_note(sorted(left), folder),)


def _sure(name: str, found: Detection) -> str | None:
    """The dialect that a script is certainly in, or `_FOREIGN`; None where there is doubt."""
    if found.format != "sql":
        return None
    if found.confidence >= _SURE:
        return found.dialect
    says = named(name)
    return None if says is None else says[0] or _FOREIGN


def _undecided(sure: Mapping[str, str], folder: str) -> Unreadable:
    examples: dict[str, str] = {}
    for name, dialect in sure.items():
        if dialect != _FOREIGN:
            examples.setdefault(dialect, name)
    told = ", ".join(f"{dialect} ({_below(name, folder)})" for dialect, name in sorted(examples.items()))
    return Unreadable(
        Diagnostic(
            severity="error",
            code="READ-DIALECTS",
            message=f"{folder} holds scripts in several dialects, which make no one schema: {told}.",
            origin=Origin(line=1, file=folder),
            help="Say which is meant with --dialect, or name the files.",
        )
    )


def _note(names: Sequence[str], folder: str) -> Diagnostic:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    are = "is" if len(names) == 1 else "are"
    shown = ", ".join(_below(name, folder) for name in names[:_NAMED])
    return Diagnostic(
        severity="warning",
        code="READ-SKIPPED",
        message=f"Not read: {shown}{more}, which {are} for another engine than the others.",
        origin=Origin(line=1, file=names[0]),
        help="Read that engine's edition with --dialect, or name the files.",
    )


def _below(name: str, folder: str) -> str:
    return re.sub(rf"^{re.escape(folder.rstrip('/'))}/", "", name)
