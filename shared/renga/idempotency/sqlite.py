"""Idempotency on one machine: a SQLite file per function, shared by its replicas."""

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from renga.idempotency import Claim, Claimed, Different, Done, InProgress

_TABLE = """
CREATE TABLE IF NOT EXISTS claim (
    key TEXT PRIMARY KEY,
    attempt INTEGER NOT NULL,
    owner TEXT,
    until REAL NOT NULL,
    payload BLOB NOT NULL,
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
        self._owner = f"{_process_identity(os.getpid())}:{os.urandom(4).hex()}"
        self._until_prune = 0
        self._turn: list[tuple[Callable[[], Any], asyncio.Future[Any] | None]] = []

    @classmethod
    def in_folder(cls, folder: str, function: str) -> "SqliteStore":
        """The function's own file in a folder."""
        return cls(Path(folder) / f"idempotency-{function.replace('/', '-')}.db")

    async def claim(self, key: str, lease_s: float, payload: bytes = b"") -> Claim:
        """Take an event; the lease of a process that is gone counts as run out."""
        claimed: asyncio.Future[Claim] = asyncio.get_running_loop().create_future()
        self._in_this_turn(partial(self._claim, key, lease_s, payload), claimed)
        return await claimed

    async def complete(self, key: str, answer: bytes, keep_s: float) -> None:
        """Remember the answer at the end of this turn; nobody needs to wait for what a redelivery would do again."""
        self._in_this_turn(partial(self._complete, key, answer, keep_s), None)

    async def release(self, key: str) -> None:
        """Give the event back."""
        sql = "UPDATE claim SET owner = NULL WHERE key = ? AND owner = ?"
        self._in_this_turn(partial(self._execute, sql, (key, self._owner)), None)

    async def close(self) -> None:
        """Commit what this turn still holds and close the file."""
        if self._turn:
            self._commit_turn()
        self._database.close()

    def _claim(self, key: str, lease_s: float, payload: bytes) -> Claim:
        now = time.time()
        fresh = self._execute(
            "INSERT INTO claim VALUES (?, 1, ?, ?, ?, NULL) ON CONFLICT DO NOTHING",
            (key, self._owner, now + lease_s, payload),
        )
        if fresh.rowcount:
            return Claimed(1)
        sql = "SELECT attempt, owner, until, payload, answer FROM claim WHERE key = ?"
        attempt, owner, until, before, answer = self._execute(sql, (key,)).fetchone()
        if until > now and (answer is not None or (owner is not None and _is_alive(owner))):
            if before != payload:
                return Different()
            return InProgress() if answer is None else Done(answer)
        self._execute(
            "UPDATE claim SET attempt = ?, owner = ?, until = ?, payload = ?, answer = NULL WHERE key = ?",
            (attempt + 1, self._owner, now + lease_s, payload, key),
        )
        return Claimed(attempt + 1)

    def _complete(self, key: str, answer: bytes, keep_s: float) -> None:
        now = time.time()
        # Only the owner may finish: whoever outlived its lease must not undo its successor's work.
        sql = "UPDATE claim SET answer = ?, until = ?, owner = NULL WHERE key = ? AND owner = ?"
        self._execute(sql, (answer, now + keep_s, key, self._owner))
        self._until_prune -= 1
        if self._until_prune < 0:
            self._until_prune = _PRUNE_EVERY
            self._execute("DELETE FROM claim WHERE until < ?", (now - keep_s,))

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
    process = owner.rpartition(":")[0]
    pid = int(process.partition(":")[0])
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return _process_identity(pid) == process
