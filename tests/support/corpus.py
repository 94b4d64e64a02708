"""Real scripts, each read once for all tests: what is read of them is frozen."""

from functools import cache
from pathlib import Path

import renga_schema
from renga_schema import Dialect, Reading

_FOLDERS: tuple[Dialect, ...] = ("mssql", "mysql", "sqlite")


@cache
def read_once(script: Path, dialect: Dialect | None) -> Reading:
    """What is read of a script."""
    return renga_schema.read(script.read_bytes(), dialect=dialect, file=script.name)


def dialect_of(script: Path) -> Dialect:
    """The dialect that a script of the corpus is in, by its name or its folder's."""
    named = f"{script.parent.name}/{script.stem}"
    return next((name for name in _FOLDERS if name in named), "postgres")
