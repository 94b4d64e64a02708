"""Whether code changed: one text that stands for the files below some folders."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

_NOT_CODE = {"__pycache__", "node_modules", "venv"}


def fingerprint(folders: Iterable[Path]) -> str:
    """A digest of every file's path, size and time of change; hidden files and caches do not count."""
    digest = hashlib.sha256()
    for folder in folders:
        for line in sorted(_entries(str(folder))):
            digest.update(line.encode(errors="surrogateescape"))
    return digest.hexdigest()


def _entries(folder: str) -> Iterator[str]:
    try:
        entries = list(os.scandir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.name in _NOT_CODE:
            continue
        if entry.is_dir():
            yield from _entries(entry.path)
            continue
        try:
            stat = entry.stat()
        except FileNotFoundError:
            # An editor replaced it between the two looks; the next look sees what it became.
            continue
        yield f"{entry.path}\0{stat.st_size}\0{stat.st_mtime_ns}\n"
