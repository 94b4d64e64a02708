"""What was fetched stays on this machine's disk, within a bound, whichever processes share the folder.

`<cache>/<store>/<model>/<version>/` holds a version. Beside it lie two files that are locked and never deleted, so that
all who wait for one of them wait for the same: `.<version>.held` by everybody who has the version in memory or is about
to, and `.<version>.fetched` by the one who fetches it. The system frees a lock when its process ends, however it ends.
"""

import contextlib
import fcntl
import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO

_log = logging.getLogger("renga_infer")


class Held:
    """A version's folder that nobody deletes until it is released, or this process is gone."""

    def __init__(self, path: Path, lock: IO[bytes]) -> None:
        self.path = path
        self._lock = lock

    def release(self) -> None:
        """Let it go, as used just now."""
        if not self._lock.closed:
            os.utime(self._lock.fileno())
            self._lock.close()


class Cache:
    """Folders of versions; beyond `limit_bytes` the least recently used go. 0: no limit."""

    def __init__(self, root: Path, limit_bytes: int) -> None:
        self._root = root
        self._limit = limit_bytes

    def hold(self, store: str, model: str, version: str) -> Held:
        """The folder of a version, which is made if it is not there; whoever is deleting it is waited for."""
        folder = self._root / store / model / version
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = _held(folder).open("ab")
        fcntl.flock(lock, fcntl.LOCK_SH)
        os.utime(lock.fileno())
        folder.mkdir(exist_ok=True)
        return Held(folder, lock)

    @contextlib.contextmanager
    def fetching(self, held: Held) -> Iterator[None]:
        """Be the only one who writes into a folder; others wait, and then find what was fetched."""
        with held.path.with_name(f".{held.path.name}.fetched").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def make_room(self, needed: int) -> None:
        """Delete the least recently used versions until `needed` bytes fit.

        What is held stays, even beyond the limit: a model that answers is worth more than the bound. The log says so.
        """
        if not self._limit:
            return
        sizes = {folder: _size(folder) for folder in self._root.glob("*/*/*") if folder.is_dir()}
        total = needed + sum(sizes.values())
        for folder in sorted(sizes, key=_used):
            if total <= self._limit:
                return
            if _delete(folder):
                total -= sizes[folder]
        if total > self._limit:
            _log.warning(
                "The cache at %s takes %d bytes, and may take %d: all is in use. Raise RENGA_INFER_CACHE_BYTES.",
                self._root,
                total,
                self._limit,
            )


def _held(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.held")


def _used(folder: Path) -> int:
    """When a version was last held or released, in nanoseconds; one without its lock was never whole."""
    try:
        return _held(folder).stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _size(folder: Path) -> int:
    """What the files of a version take; another process may be deleting them."""
    total = 0
    for path in folder.glob("*"):
        with contextlib.suppress(FileNotFoundError):
            total += path.stat().st_size
    return total


def _delete(folder: Path) -> bool:
    """Delete a version, unless somebody holds it."""
    with _held(folder).open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        shutil.rmtree(folder, ignore_errors=True)
        return not folder.exists()
