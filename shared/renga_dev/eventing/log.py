"""The event log: one SQLite file. What it acknowledged is on disk; what is owed is a row in it.

Group commit: everything that queues up while one commit runs goes into the next transaction, so that many events in
flight cost one flush to disk. Statements run on the event loop and only the COMMIT, which waits for the disk, runs on
the log's thread: statements on that thread would fight the loop for the interpreter at each of them. The connection is
the loop's, except while a commit runs.
"""

import asyncio
import itertools
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from renga_dev.eventing import _tables
from renga_dev.eventing.records import Delivery, DeliveryRecord, State, StoredEvent

LAZY_S = 0.01
"""How long a mark that nobody waits for may wait for company."""
PRUNE_EVERY = 64
"""Rows written between two steps of retention; a step looks at twice as many events."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How much of the past is kept. An event goes when nothing of it is owed and either limit is passed."""

    max_age_s: float = 7 * 24 * 3600
    max_events: int = 20_000


@dataclass(slots=True)
class Change:
    """What must become true together or not at all."""

    events: Iterable[StoredEvent] = ()
    deliveries: Iterable[Delivery] = ()
    """New ones."""
    updated: Iterable[Delivery] = ()
    """Known ones, written as they stand when the change is handed in."""
    durable: bool = False
    """Flushed to disk before it counts; else it survives the death of the process, not that of the machine."""
    lazy: bool = False
    """May wait LAZY_S for company."""


class LogVersion(ValueError):  # noqa: N818 - says what is the case
    """The file was written by another version of Renga."""


@dataclass(slots=True)
class _Write:
    events: list[tuple[object, ...]]
    deliveries: list[tuple[object, ...]]
    updated: list[tuple[object, ...]]
    durable: bool
    then: Callable[[sqlite3.Error | None], None]
    error: sqlite3.Error | None = None


class EventLog:
    """Events and deliveries in one file; every method is called on the event loop that opened it."""

    def __init__(self, path: Path, retention: Retention | None = None) -> None:
        self.path = path
        self.retention = retention or Retention()
        self._connection: sqlite3.Connection
        self._loop: asyncio.AbstractEventLoop
        self._commits: queue.SimpleQueue[list[_Write] | None] = queue.SimpleQueue()
        self._thread: threading.Thread
        self._writes: list[_Write] = []
        self._reads: list[Callable[[], None]] = []
        self._committing = False
        self._scheduled = False
        self._lazy: asyncio.TimerHandle | None = None
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._synchronous = ""
        self._next_sequence = 1
        self._next_id = 1
        self._since_prune = 0
        self._pruned_to = 0

    def open(self) -> None:
        """Create or open the file.

        Raises:
            LogVersion: another version wrote it.
            sqlite3.Error: it is no database, or cannot be written.
        """
        self._loop = asyncio.get_running_loop()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # One thread at a time: the protocol between _run and _settle sees to it.
        self._connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in {0, _tables.VERSION}:
            self._connection.close()
            raise LogVersion(
                f"{self.path} is of version {version} and this Renga reads version {_tables.VERSION}: "
                "run the Renga that wrote it until nothing is owed, or move the file away."
            )
        if version == 0:
            self._connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute(f"PRAGMA journal_size_limit = {16 * 1024 * 1024}")
        if version == 0:
            self._connection.executescript(f"BEGIN; {_tables.SCHEMA} COMMIT;")
        self._next_sequence = 1 + (self._scalar("SELECT max(sequence) FROM events") or 0)
        self._next_id = 1 + (self._scalar("SELECT max(id) FROM deliveries") or 0)
        more = True
        while more:
            self._connection.execute("BEGIN IMMEDIATE")
            more = self._prune()
            self._connection.execute("COMMIT")
        # As a script, because it is done only when it was stepped to its end, and it has no rows to fetch.
        self._connection.executescript("PRAGMA incremental_vacuum")
        self._thread = threading.Thread(target=self._commit_forever, name="event-log", daemon=True)
        self._thread.start()

    async def close(self) -> None:
        """Write what is queued, and close."""
        await self.flush()
        self._commits.put(None)
        await asyncio.to_thread(self._thread.join)
        self._connection.close()

    async def flush(self) -> None:
        """Wait until everything handed in so far is committed."""
        while not self._quiet.is_set():
            if not self._committing:
                self._run()
            await self._quiet.wait()

    def next_sequence(self) -> int:
        """A number for a new event."""
        self._next_sequence += 1
        return self._next_sequence - 1

    def next_id(self) -> int:
        """A number for a new delivery."""
        self._next_id += 1
        return self._next_id - 1

    def write(self, change: Change, then: Callable[[sqlite3.Error | None], None]) -> None:
        """Commit a change; `then` is called on the loop once it is, or with the error that kept it out."""
        self._writes.append(
            _Write(
                [_tables.event_row(event) for event in change.events],
                [_tables.delivery_row(delivery) for delivery in change.deliveries],
                [_tables.update_row(delivery) for delivery in change.updated],
                change.durable,
                then,
            )
        )
        self._quiet.clear()
        if not change.lazy:
            self._schedule()
        elif self._lazy is None and not self._scheduled and not self._committing:
            self._lazy = self._loop.call_later(LAZY_S, self._run)

    def when_readable(self, read: Callable[[], None]) -> None:
        """Call `read`, which may use the reading methods, as soon as no commit runs. It sees what is committed."""
        self._reads.append(read)
        self._quiet.clear()
        self._schedule()

    def due(
        self, trigger: str, *, dead_letter: bool, now: float, limit: int, max_bytes: int, held: set[int]
    ) -> tuple[list[Delivery], bool]:
        """Pending deliveries whose time has come, oldest first, and whether there are more.

        `held` are the ids that the caller has already; they are left out.
        """
        found: list[Delivery] = []
        size = 0
        events: dict[int, StoredEvent] = {}
        for row in self._connection.execute(_tables.SELECT_DUE, (trigger, dead_letter, now)):
            if row["id"] in held:
                continue
            if len(found) >= limit or size > max_bytes:
                return found, True
            event = events.get(row["sequence"])
            if event is None:
                event = events[row["sequence"]] = _tables.read_event(row)
                size += event.size
            found.append(_tables.read_delivery(row, event))
        return found, False

    def next_due(self, trigger: str, *, dead_letter: bool, now: float) -> float | None:
        """When the next delivery that waits for its time is due."""
        found: float | None = self._scalar(_tables.SELECT_NEXT_DUE, (trigger, dead_letter, now))
        return found

    def owed(self) -> dict[tuple[str, bool], int]:
        """How many deliveries are pending, by trigger and by whether its dead-letter sink is the destination."""
        return {(row[0], bool(row[1])): row[2] for row in self._connection.execute(_tables.SELECT_OWED)}

    async def records(
        self, *, state: State | None = None, correlation_id: str | None = None, limit: int = 100
    ) -> list[DeliveryRecord]:
        """Deliveries as they stand, newest first."""
        await self.flush()
        answer: asyncio.Future[list[DeliveryRecord]] = self._loop.create_future()

        def read() -> None:
            rows = self._connection.execute(
                _tables.SELECT_RECORDS, {"state": state, "correlation": correlation_id, "limit": limit}
            )
            answer.set_result([_tables.read_record(row) for row in rows])

        self.when_readable(read)
        return await answer

    def abandon(self, trigger: str, *, dead_letter: bool, why: str) -> None:
        """Mark what is owed to a destination that is no more as lost; for the time before anything runs."""
        self._connection.execute(
            "UPDATE deliveries SET state = 'lost', error = ?, changed = ?"
            " WHERE state = 'pending' AND trigger = ? AND dead_letter = ?",
            (why, time.time(), trigger, dead_letter),
        )

    def _scalar(self, statement: str, values: tuple[object, ...] = ()) -> Any:
        return self._connection.execute(statement, values).fetchone()[0]

    def _schedule(self) -> None:
        if not self._scheduled and not self._committing:
            self._scheduled = True
            self._loop.call_soon(self._run)

    def _run(self) -> None:
        """With no commit running: answer the reads, then put every queued write into one transaction."""
        self._scheduled = False
        if self._lazy is not None:
            self._lazy.cancel()
            self._lazy = None
        if self._committing:
            return
        reads, self._reads = self._reads, []
        for read in reads:
            read()
        writes, self._writes = self._writes, []
        if not writes:
            if not self._reads:
                self._quiet.set()
            return
        self._committing = True
        durable = any(write.durable for write in writes)
        try:
            self._synchronise("FULL" if durable else "NORMAL")
            self._connection.execute("BEGIN IMMEDIATE")
            self._apply(writes)
        except sqlite3.Error as error:
            self._settle(writes, error)
            return
        self._commits.put(writes)

    def _synchronise(self, mode: str) -> None:
        if mode != self._synchronous:
            self._connection.execute(f"PRAGMA synchronous = {mode}")
            self._synchronous = mode

    def _apply(self, writes: list[_Write]) -> None:
        try:
            self._execute(writes)
        except sqlite3.Error:
            # One of them is at fault: tell which, and let the others through.
            self._connection.execute("ROLLBACK")
            self._connection.execute("BEGIN IMMEDIATE")
            for write in writes:
                self._connection.execute("SAVEPOINT one")
                try:
                    self._execute([write])
                except sqlite3.Error as error:
                    write.error = error
                    self._connection.execute("ROLLBACK TO one")
                self._connection.execute("RELEASE one")
        if self._since_prune >= PRUNE_EVERY:
            self._since_prune = 0
            self._prune()

    def _execute(self, writes: list[_Write]) -> None:
        events = [row for write in writes for row in write.events]
        deliveries = [row for write in writes for row in write.deliveries]
        updated = [row for write in writes for row in write.updated]
        if events:
            self._connection.executemany(_tables.INSERT_EVENT, events)
        # Both make something ready to go: a new event an old one, a mark its own.
        self._since_prune += len(events) + len(updated)
        if deliveries:
            self._connection.executemany(_tables.INSERT_DELIVERY, deliveries)
        if updated:
            self._connection.executemany(_tables.UPDATE_DELIVERY, updated)

    def _commit_forever(self) -> None:
        while (writes := self._commits.get()) is not None:
            failed: sqlite3.Error | None = None
            try:
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                failed = error
            self._loop.call_soon_threadsafe(self._settle, writes, failed)

    def _settle(self, writes: list[_Write], error: sqlite3.Error | None) -> None:
        if error is not None and self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        self._committing = False
        for write in writes:
            write.then(error or write.error)
        if self._writes or self._reads:
            self._schedule()
        else:
            self._quiet.set()

    def _prune(self) -> bool:
        """One step of retention, from where the last one stopped; False at the end of what may go."""
        oldest_to_keep = time.time() - self.retention.max_age_s
        newest_to_go = self._next_sequence - 1 - self.retention.max_events
        rows = self._connection.execute(
            "SELECT sequence, arrived,"
            " EXISTS (SELECT 1 FROM deliveries d WHERE d.event = e.sequence AND d.state = 'pending')"
            " FROM events e WHERE sequence > ? ORDER BY sequence LIMIT ?",
            (self._pruned_to, 2 * PRUNE_EVERY),
        )
        # Both limits only ever grow along the sequence, so the first event within them ends the round.
        looked_at = [
            (sequence, owed)
            for sequence, arrived, owed in itertools.takewhile(
                lambda row: row["sequence"] <= newest_to_go or row["arrived"] < oldest_to_keep, rows
            )
        ]
        if not looked_at:
            # What was still owed when this round passed it gets its turn in the next.
            self._pruned_to = 0
            return False
        gone = [(sequence,) for sequence, owed in looked_at if not owed]
        self._connection.executemany("DELETE FROM deliveries WHERE event = ?", gone)
        self._connection.executemany("DELETE FROM events WHERE sequence = ?", gone)
        self._pruned_to = looked_at[-1][0]
        return True
