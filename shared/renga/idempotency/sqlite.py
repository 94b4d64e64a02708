"""Idempotency on one machine: a SQLite file per function, shared by its replicas."""

import asyncio
import os
import sqlite3
import time
from pathlib import Path

from renga.idempotency import Claimed, Done, InProgress

_TABLE = """
CREATE TABLE IF NOT EXISTS handled (
    key TEXT PRIMARY KEY,
    attempt INTEGER NOT NULL,
    owner TEXT,
    until REAL NOT NULL,
    answer BLOB
) WITHOUT ROWID
"""
_PRUNE_EVERY = 1000


class SqliteStore:
    """Calls are short enough (microseconds) to be made from the event loop itself.

    What is written in one turn of the loop is committed together at its end, and not fsynced: a killed process loses
    at most that turn, a power failure a little more, and either only makes an event be handled again.
    """

    def __init__(self, path: Path | str) -> None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
        self._execute = self._database.execute
        self._execute("PRAGMA journal_mode=WAL")
        self._execute("PRAGMA synchronous=NORMAL")
        self._execute(_TABLE)
        self._owner = _process_identity(os.getpid())
        self._until_prune = 0

    @classmethod
    def in_folder(cls, folder: str, function: str) -> "SqliteStore":
        """The function's own file in a folder."""
        return cls(Path(folder) / f"idempotency-{function.replace('/', '-')}.db")

    async def claim(self, key: str, lease_s: float) -> Claimed | InProgress | Done:
        """Take an event; the lease of a process that is gone counts as run out."""
        now = time.time()
        self._begin()
        fresh = self._execute(
            "INSERT INTO handled VALUES (?, 1, ?, ?, NULL) ON CONFLICT DO NOTHING", (key, self._owner, now + lease_s)
        )
        if fresh.rowcount:
            return Claimed(1)
        row = self._execute("SELECT attempt, owner, until, answer FROM handled WHERE key = ?", (key,)).fetchone()
        attempt, owner, until, answer = row
        if answer is not None and until > now:
            return Done(answer)
        if answer is None and owner is not None and until > now and _is_alive(owner):
            return InProgress()
        self._execute(
            "UPDATE handled SET attempt = ?, owner = ?, until = ?, answer = NULL WHERE key = ?",
            (attempt + 1, self._owner, now + lease_s, key),
        )
        return Claimed(attempt + 1)

    async def complete(self, key: str, answer: bytes, keep_s: float) -> None:
        """Remember the answer; now and then, forget what has run out."""
        now = time.time()
        self._begin()
        self._execute("UPDATE handled SET answer = ?, until = ? WHERE key = ?", (answer, now + keep_s, key))
        self._until_prune -= 1
        if self._until_prune < 0:
            self._until_prune = _PRUNE_EVERY
            self._execute("DELETE FROM handled WHERE until < ?", (now - keep_s,))

    async def release(self, key: str) -> None:
        """Give the event back."""
        self._begin()
        self._execute("UPDATE handled SET owner = NULL WHERE key = ? AND answer IS NULL", (key,))

    async def close(self) -> None:
        """Commit what this turn wrote and close the file."""
        self._commit()
        self._database.close()

    def _begin(self) -> None:
        if not self._database.in_transaction:
            # The write lock keeps other replicas from claiming the same event before they can see this claim.
            self._execute("BEGIN IMMEDIATE")
            asyncio.get_running_loop().call_soon(self._commit)

    def _commit(self) -> None:
        if self._database.in_transaction:
            self._execute("COMMIT")


def _process_identity(pid: int) -> str:
    """A process by number and start time, because numbers come again."""
    try:
        # The command's name may hold spaces and parentheses: the start time is the 20th field after the last one.
        started = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        started = ""
    return f"{pid}:{started}"


def _is_alive(owner: str) -> bool:
    pid = int(owner.partition(":")[0])
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return _process_identity(pid) == owner
