"""Which texts are Liquibase changelogs, and which of the files of a folder the others are included from."""

import re
from pathlib import PurePosixPath
from typing import Final

_HEAD: Final = 20_000
"""Characters in which a changelog says what it is."""
_ELEMENT: Final = re.compile(r"<(?:\w+:)?databaseChangeLog[\s/>]")
_KEY: Final = re.compile(r"""^[ \t]*+(?:\{\s*+)?["']?databaseChangeLog["']?\s*+:""", re.MULTILINE)
_FORMATTED: Final = re.compile(r"\s*--[ \t]*liquibase[ \t]+formatted[ \t]+sql\b", re.IGNORECASE)
_INCLUDE: Final = re.compile(
    r"""(?P<what>["'<]?include(?:All)?)\b[^<>]{0,300}?\b(?:file|path)["']?\s*[=:]\s*(?P<named>"[^"\n]*"|'[^'\n]*'|[^\s,}"']+)"""
)


def is_changelog(text: str) -> bool:
    """Whether a text in XML, YAML or JSON is a changelog."""
    pattern = _ELEMENT if text.lstrip("\ufeff \t\r\n").startswith("<") else _KEY
    return pattern.search(text, 0, _HEAD) is not None


def is_formatted(text: str) -> bool:
    """Whether a SQL script is a changelog: it begins with `--liquibase formatted sql`."""
    return _FORMATTED.match(text) is not None


def roots(changelogs: dict[PurePosixPath, str]) -> list[PurePosixPath]:
    """Of the changelogs of a folder, those to begin with: what includes others, and is included by none.

    Where none includes another, each is one to begin with.
    """
    named = {path: _included(text) for path, text in changelogs.items()}
    inside = {
        path
        for other, includes in named.items()
        for path in changelogs
        if path != other and any(_means(what, path, other) for what in includes)
    }
    first = [path for path in changelogs if path not in inside]
    masters = [path for path in first if named[path]]
    return masters or first or list(changelogs)


def _included(text: str) -> list[tuple[str, bool]]:
    """The files and folders that a changelog names, and whether each is a folder."""
    return [
        (match["named"].strip("\"'").replace("\\", "/"), match["what"].endswith("All"))
        for match in _INCLUDE.finditer(text)
    ]


def _means(what: tuple[str, bool], path: PurePosixPath, beside: PurePosixPath) -> bool:
    named, is_folder = what
    parts = tuple(part for part in PurePosixPath(named.split(":", 1)[-1]).parts if part not in {".", "..", "/"})
    if not parts:
        return is_folder and path.is_relative_to(beside.parent)
    if is_folder:
        return any(path.parts[at : at + len(parts)] == parts for at in range(len(path.parts))) or (
            bool(path.parts[:-1]) and parts[-len(path.parts[:-1]) :] == path.parts[:-1]
        )
    shorter = min(len(parts), len(path.parts))
    return parts[-shorter:] == path.parts[-shorter:]
