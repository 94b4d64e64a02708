"""The event log: what is committed when, what survives, what is forgotten."""

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from renga.deadletters import Failure
from renga.wire import WireEvent
from renga_dev.eventing.log import PRUNE_EVERY, Change, EventLog, LogVersion, Retention
from renga_dev.eventing.records import Delivery, StoredEvent
from renga_events.envelope import Envelope


@asynccontextmanager
async def opened(path: Path, retention: Retention | None = None) -> AsyncIterator[EventLog]:
    """An open log."""
    log = EventLog(path, retention)
    log.open()
    try:
        yield log
    finally:
        await log.close()


def stored(log: EventLog, data: bytes | None = b"{}", *, arrived: float | None = None) -> StoredEvent:
    """A new event."""
    number = log.next_sequence()
    envelope = Envelope(
        str(number), "/tests", "demo.v1", subject="s", extensions={"n": 5, "flag": True, "text": "caf\u00e9"}
    )
    return StoredEvent(
        number,
        "default",
        "default",
        WireEvent(envelope, data),
        254,
        time.time() if arrived is None else arrived,
        (("x-request-id", "r"),),
    )


def owed(log: EventLog, event: StoredEvent, *, trigger: str = "default/t", due: float = 0.0) -> Delivery:
    """A new delivery."""
    return Delivery(log.next_id(), event, trigger, due)


async def commit(log: EventLog, change: Change) -> sqlite3.Error | None:
    """Write a change and wait for it."""
    result: asyncio.Future[sqlite3.Error | None] = asyncio.get_running_loop().create_future()
    log.write(change, result.set_result)
    return await result


async def put(log: EventLog, events: Iterable[StoredEvent]) -> list[Delivery]:
    """Write events with one delivery each."""
    kept = list(events)
    deliveries = [owed(log, event) for event in kept]
    assert await commit(log, Change(kept, deliveries, durable=True)) is None
    return deliveries


def due(log: EventLog, *, now: float = 1.0, limit: int = 1000, held: Iterable[int] = ()) -> tuple[list[Delivery], bool]:
    """What is due of default/t."""
    return log.due("default/t", dead_letter=False, now=now, limit=limit, max_bytes=1 << 30, held=set(held))


async def test_events_come_back_as_they_were(tmp_path: Path) -> None:
    """After a restart an event has the same attributes with the same types, the same bytes and the same headers."""
    async with opened(tmp_path / "events.db") as log:
        before = await put(log, [stored(log), stored(log, None), stored(log, bytes(range(256)))])
    async with opened(tmp_path / "events.db") as log:
        after, more = due(log)
    assert not more
    assert [delivery.event.event for delivery in after] == [delivery.event.event for delivery in before]
    assert after == before
    assert after[0].event.event.envelope.extensions == {"n": 5, "flag": True, "text": "caf\u00e9"}


async def test_standing_of_a_delivery_comes_back(tmp_path: Path) -> None:
    """Attempts, due time, last answer and the failure that a dead letter tells of survive a restart."""
    async with opened(tmp_path / "events.db") as log:
        (delivery,) = await put(log, [stored(log)])
        delivery.attempts, delivery.due, delivery.status, delivery.error = 3, 0.5, 503, "answered 503"
        delivery.dest, delivery.took_s, delivery.changed = "http://a/", 0.25, 9.0
        delivery.failure = Failure("http://a/", 500, "bm8=")
        await commit(log, Change(updated=[delivery]))
    async with opened(tmp_path / "events.db") as log:
        assert due(log) == ([], False)
        found, _ = log.due("default/t", dead_letter=True, now=1.0, limit=9, max_bytes=1 << 30, held=set())
        assert log.owed() == {("default/t", True): 1}
    assert found == [delivery]


async def test_numbers_go_on_after_a_restart(tmp_path: Path) -> None:
    """Sequence numbers and ids are not given twice."""
    async with opened(tmp_path / "events.db") as log:
        (first,) = await put(log, [stored(log)])
    async with opened(tmp_path / "events.db") as log:
        (second,) = await put(log, [stored(log)])
    assert second.id > first.id
    assert second.event.sequence > first.event.sequence


async def test_due_is_oldest_first_and_bounded(tmp_path: Path) -> None:
    """Reading ahead gives what is due, oldest first, without what is held, up to its limits, and if there is more."""
    async with opened(tmp_path / "events.db") as log:
        events = [stored(log) for _ in range(4)]
        times = (0.3, 0.1, 0.2, 5.0)
        deliveries = [owed(log, event, due=at) for event, at in zip(events, times, strict=True)]
        await commit(log, Change(events, deliveries))
        first, second, third, later = (delivery.id for delivery in deliveries)
        assert [found.id for found in due(log)[0]] == [second, third, first]
        assert [found.id for found in due(log, held=[third])[0]] == [second, first]
        assert ([found.id for found in due(log, limit=2)[0]], due(log, limit=2)[1]) == ([second, third], True)
        assert due(log, limit=3)[1] is False
        one, more = log.due("default/t", dead_letter=False, now=1.0, limit=9, max_bytes=0, held=set())
        assert ([found.id for found in one], more) == ([second], True)
        assert log.next_due("default/t", dead_letter=False, now=1.0) == 5.0
        assert log.next_due("default/t", dead_letter=False, now=9.0) is None
        assert [found.id for found in due(log, now=9.0)[0]] == [second, third, first, later]


async def test_what_is_handed_in_together_shares_one_commit(tmp_path: Path) -> None:
    """Changes from many tasks go to disk in a few transactions, and each is told when it is there."""
    async with opened(tmp_path / "events.db") as log:
        statements: list[str] = []
        log._connection.set_trace_callback(statements.append)
        await asyncio.gather(*(put(log, [stored(log)]) for _ in range(32)))
        log._connection.set_trace_callback(None)
        assert statements.count("COMMIT") == 1
        assert len(due(log)[0]) == 32


async def test_change_is_whole_or_absent(tmp_path: Path) -> None:
    """A change that cannot be written leaves nothing of itself, and does not take those beside it down."""
    async with opened(tmp_path / "events.db") as log:
        good, bad = stored(log), stored(log)
        taken = owed(log, good)
        clash = Delivery(taken.id, bad, "default/t", 0.0)
        results = await asyncio.gather(
            commit(log, Change([good], [taken], durable=True)), commit(log, Change([bad], [clash], durable=True))
        )
        assert results[0] is None
        assert isinstance(results[1], sqlite3.IntegrityError)
        assert [found.id for found in due(log)[0]] == [taken.id]
        with contextlib.closing(sqlite3.connect(log.path)) as other:
            assert other.execute("SELECT sequence FROM events").fetchall() == [(good.sequence,)]


async def test_lazy_marks_wait_for_company_and_are_written_in_the_end(tmp_path: Path) -> None:
    """A mark that nobody waits for is committed with the next change, or soon by itself."""
    async with opened(tmp_path / "events.db") as log:
        first, second = await put(log, [stored(log), stored(log)])
        first.state = second.state = "done"
        order: list[str] = []
        log.write(Change(updated=[first], lazy=True), lambda _: order.append("lazy"))
        await commit(log, Change([stored(log)], durable=True))
        assert order == ["lazy"]
        log.write(Change(updated=[second], lazy=True), lambda _: order.append("alone"))
        await log.flush()
        assert order == ["lazy", "alone"]
        assert due(log) == ([], False)


async def test_log_of_another_version_is_refused(tmp_path: Path) -> None:
    """A file that another version wrote is left alone, and the error says what to do."""
    path = tmp_path / "events.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(LogVersion, match="move the file away"):
        EventLog(path).open()


async def test_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """Something else under the log's name is not overwritten."""
    path = tmp_path / "events.db"
    path.write_bytes(b"something else" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        EventLog(path).open()
    assert path.read_bytes().startswith(b"something else")


async def test_retention_by_count(tmp_path: Path) -> None:
    """Settled events beyond the count go, step by step; what is owed stays however old; the file stops growing."""
    path, journal = tmp_path / "events.db", tmp_path / "events.db-wal"
    retention = Retention(max_events=100)
    sizes = []
    async with opened(path, retention) as log:
        (kept,) = await put(log, [stored(log)])
        for _ in range(6):
            for _ in range(10):
                deliveries = await put(log, [stored(log, b"x" * 2000) for _ in range(PRUNE_EVERY // 2)])
                for delivery in deliveries:
                    delivery.state = "done"
                await commit(log, Change(updated=deliveries))
            sizes.append(path.stat().st_size + journal.stat().st_size)
        with contextlib.closing(sqlite3.connect(path)) as other:
            numbers = [row[0] for row in other.execute("SELECT sequence FROM events ORDER BY sequence")]
            loose = other.execute("SELECT count(*) FROM deliveries WHERE event NOT IN (SELECT sequence FROM events)")
            assert loose.fetchone() == (0,)
    assert numbers[0] == kept.event.sequence
    assert len(numbers) < 100 + 4 * PRUNE_EVERY
    assert sizes[-1] <= sizes[2] * 1.2


async def test_retention_by_age(tmp_path: Path) -> None:
    """At the start, settled events that are too old go, and the file shrinks."""
    path = tmp_path / "events.db"
    async with opened(path) as log:
        old = await put(log, [stored(log, b"x" * 2000, arrived=time.time() - 3600) for _ in range(500)])
        new = await put(log, [stored(log) for _ in range(3)])
        for delivery in old[1:]:
            delivery.state = "done"
        await commit(log, Change(updated=old[1:]))
    before = path.stat().st_size
    async with opened(path, Retention(max_age_s=60)) as log:
        assert [delivery.id for delivery in due(log)[0]] == [old[0].id, *(delivery.id for delivery in new)]
    with contextlib.closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT count(*) FROM events").fetchone() == (4,)
    assert path.stat().st_size < before / 4


async def test_durable_changes_are_flushed_to_disk(tmp_path: Path) -> None:
    """SQLite is told to flush for changes that are acknowledged, and spared it for marks."""
    async with opened(tmp_path / "events.db") as log:
        (delivery,) = await put(log, [stored(log)])
        assert log._connection.execute("PRAGMA synchronous").fetchone()[0] == 2
        await commit(log, Change(updated=[delivery]))
        assert log._connection.execute("PRAGMA synchronous").fetchone()[0] == 1
        await asyncio.gather(commit(log, Change(updated=[delivery])), commit(log, Change([stored(log)], durable=True)))
        assert log._connection.execute("PRAGMA synchronous").fetchone()[0] == 2
