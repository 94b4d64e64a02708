"""Whether code changed: one text that stands for the files below some folders."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

_NOT_CODE = {"__pycache__", "node_modules", "venv"}


class Look:
    """One look at the disk: a folder that several functions share is walked once."""

    def __init__(self) -> None:
        self._digests: dict[Path, str] = {}

    def fingerprint(self, folders: Iterable[Path]) -> str:
        """A text that stands for every file's path, size and time of change; hidden files and caches do not count."""
        return " ".join(self._digest(folder) for folder in folders)

    def _digest(self, folder: Path) -> str:
        if folder not in self._digests:
            text = "".join(sorted(_entries(str(folder))))
            self._digests[folder] = hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()
        return self._digests[folder]


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
