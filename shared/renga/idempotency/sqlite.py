"""Idempotency on one machine: a SQLite file per function, shared by its replicas."""

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

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
    """What is asked in one turn of the event loop is done in one transaction at its end, so that 32 events cost one.

    Commits are not fsynced: a killed process loses nothing, and a power failure only makes an event be handled again.
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
        self._turn: list[tuple[Callable[[], Any], asyncio.Future[Any] | None]] = []

    @classmethod
    def in_folder(cls, folder: str, function: str) -> "SqliteStore":
        """The function's own file in a folder."""
        return cls(Path(folder) / f"idempotency-{function.replace('/', '-')}.db")

    async def claim(self, key: str, lease_s: float) -> Claimed | InProgress | Done:
        """Take an event; the lease of a process that is gone counts as run out."""
        claimed: asyncio.Future[Claimed | InProgress | Done] = asyncio.get_running_loop().create_future()
        self._in_this_turn(partial(self._claim, key, lease_s), claimed)
        return await claimed

    async def complete(self, key: str, answer: bytes, keep_s: float) -> None:
        """Remember the answer at the end of this turn; nobody needs to wait for what a redelivery would do again."""
        self._in_this_turn(partial(self._complete, key, answer, keep_s), None)

    async def release(self, key: str) -> None:
        """Give the event back."""
        sql = "UPDATE handled SET owner = NULL WHERE key = ? AND answer IS NULL"
        self._in_this_turn(partial(self._execute, sql, (key,)), None)

    async def close(self) -> None:
        """Commit what this turn still holds and close the file."""
        if self._turn:
            self._commit_turn()
        self._database.close()

    def _claim(self, key: str, lease_s: float) -> Claimed | InProgress | Done:
        now = time.time()
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

    def _complete(self, key: str, answer: bytes, keep_s: float) -> None:
        now = time.time()
        self._execute("UPDATE handled SET answer = ?, until = ? WHERE key = ?", (answer, now + keep_s, key))
        self._until_prune -= 1
        if self._until_prune < 0:
            self._until_prune = _PRUNE_EVERY
            self._execute("DELETE FROM handled WHERE until < ?", (now - keep_s,))

    def _in_this_turn(self, work: Callable[[], Any], done: asyncio.Future[Any] | None) -> None:
        """Do this in the transaction at the end of this turn, and set its result when it is committed."""
        if not self._turn:
            asyncio.get_running_loop().call_soon(self._commit_turn)
        self._turn.append((work, done))

    def _commit_turn(self) -> None:
        turn, self._turn = self._turn, []
        if not turn:
            return  # Closed meanwhile.
        try:
            # IMMEDIATE: no other replica may claim between our reading and our writing.
            self._execute("BEGIN IMMEDIATE")
            results = [work() for work, _ in turn]
            self._execute("COMMIT")
        except sqlite3.Error as error:
            if self._database.in_transaction:
                self._execute("ROLLBACK")
            for _, done in turn:
                if done is not None and not done.done():
                    done.set_exception(OSError(f"SQLite: {error}"))
            return
        for (_, done), result in zip(turn, results, strict=True):
            if done is not None and not done.done():
                done.set_result(result)


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
