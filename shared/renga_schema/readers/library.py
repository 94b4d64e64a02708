"""The files that a document may refer to: those that were handed in beside it, or those around it on the disk.

A changelog names files from a root that only its project knows (`db/changelog/v1.xml` below `src/main/resources`); so
each folder above the document is tried as that root, the nearest first.
"""

import os
import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from renga_schema.readers.archives import MOST_MEMBERS, UNFOLDED_BYTES
from renga_schema.readers.detect import ENDINGS

_HIGHEST: Final = 16
"""Folders above a document that are tried as the root."""
_SCHEME: Final = re.compile(r"(?:classpath\*?|file):", re.IGNORECASE)
_ALSO: Final = frozenset({".properties", ".txt", ".prc", ".fnc", ".trg", ".vw"})
"""Endings of what a document may refer to, beside those of descriptions."""


class Library:
    """Files by name; a name is what the user calls the file, with slashes."""

    def __init__(self, contents: Mapping[str, bytes | str] | None = None, *, on_disk: bool = False) -> None:
        """`contents` are the files handed in; `on_disk` lets a document refer to what lies around it there."""
        self._contents = {posixpath.normpath(name): content for name, content in (contents or {}).items()}
        self._on_disk = on_disk
        self._left = UNFOLDED_BYTES

    def find(self, written: str, beside: str | None, *, relative: bool = False) -> str | None:
        """The name of the file that a document called `beside` means; None where there is none."""
        return next((name for name in self._candidates(written, beside, relative=relative) if self._has(name)), None)

    def below(self, written: str, beside: str | None, *, relative: bool = False) -> list[str]:
        """The names of all files of a folder and the folders in it, in no promised order."""
        for folder in self._candidates(written, beside, relative=relative):
            found = list(self._inside(folder))
            if found:
                return found
        return []

    def read(self, name: str) -> bytes | str:
        """What is in a file that was found.

        Raises:
            OSError: it is gone, or all files together come to more than `UNFOLDED_BYTES`.
        """
        content = self._contents.get(name)
        if content is None:
            with Path(name).open("rb") as opened:
                content = opened.read(self._left + 1)
            self._left -= len(content)
            if self._left < 0:
                limit = UNFOLDED_BYTES // (1024 * 1024)
                raise OSError(f"the files that it refers to come to more than {limit} MiB")
        return content

    def _candidates(self, written: str, beside: str | None, *, relative: bool) -> Iterator[str]:
        path = _SCHEME.sub("", written.strip()).replace("\\", "/").lstrip("/")
        if not path or beside is None:
            return
        home = posixpath.dirname(beside.replace(os.sep, "/"))
        yield posixpath.normpath(posixpath.join(home, path))
        if relative:
            return
        height = len(PurePosixPath(os.path.abspath(home) if self._on_disk else home).parts)  # noqa: PTH100 - not resolved
        for up in range(1, min(height, _HIGHEST) + 1):
            yield posixpath.normpath(posixpath.join(home, *[".."] * up, path))

    def _has(self, name: str) -> bool:
        if name in self._contents:
            return True
        ending = PurePosixPath(name).suffix.lower()
        return self._on_disk and (ending in ENDINGS or ending in _ALSO) and Path(name).is_file()

    def _inside(self, folder: str) -> Iterator[str]:
        yield from (name for name in self._contents if name.startswith(f"{folder}/") or folder == ".")
        if not self._on_disk:
            return
        seen = 0
        for home, _, files in os.walk(folder):
            for file in files:
                seen += 1
                if seen > MOST_MEMBERS:
                    return
                name = posixpath.normpath(f"{home.replace(os.sep, '/')}/{file}")
                if self._has(name):
                    yield name
