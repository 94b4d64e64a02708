"""The contract of the store, held by SQLite and by a real PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from renga.fates import Retry
from renga.ledger.record import Record
from renga.ledger.store import MAX_RUN_CHARACTERS, Store, Unkeepable
from renga.wire import WireEvent
from renga_events.envelope import AttributeValue, Envelope
from renga_events.platform import AttemptFailed, DeadLettered

NOW = datetime(2026, 1, 1, 12, 30, 15, 250000, tzinfo=UTC)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An empty ledger."""
    opened = Store(database_url)
    yield opened
    opened.close()


def heard(event_id: str, run: str | None = None, data: bytes | None = None, **more: AttributeValue) -> Record:
    """A record that is not kept yet."""
    ce_type = str(more.pop("type", "test.said.v1"))
    source = str(more.pop("source", "/here"))
    extensions = more if run is None else {"correlationid": run, **more}
    return Record(WireEvent(Envelope(event_id, source, ce_type, extensions=extensions), data), NOW)


def test_what_was_kept_comes_back(store: Store) -> None:
    """Every attribute with its type, the time with its zone, and numbers in the order of keeping."""
    store.record([heard("a", "r", b"\x00\xff", depth=3, final=True, note="é\x00"), heard("b", "r")])
    [first, second] = store.records(["r"])["r"]
    assert first.event.envelope == heard("a", "r", depth=3, final=True, note="é\x00").event.envelope
    assert first.heard == NOW
    assert first.heard.tzinfo is not None
    assert 0 < first.sequence < second.sequence


def test_each_event_once(store: Store) -> None:
    """Identity is source with id: what comes again is passed over, also within one transaction."""
    again = heard("a", "r", b"other")
    store.record([heard("a", "r", b"first"), again])
    store.record([again, heard("a", "r", source="/there")])
    assert [record.event.envelope.source for record in store.records(["r"])["r"]] == ["/here", "/there"]
    found = store.event("r", "a")
    assert found is not None
    assert found.data == b"first"


def test_dead_letters_are_told_apart(store: Store) -> None:
    """A dead letter is kept beside its event, once for each destination that did not take it."""
    dead = [heard("a", "r", knativeerrordest=url) for url in ("http://x", "http://y", "http://x")]
    store.record([heard("a", "r"), *dead])
    assert [record.undelivered_to for record in store.records(["r"])["r"]] == [None, "http://x", "http://y"]


def test_an_event_that_begins_a_run(store: Store) -> None:
    """Without a correlation an event's own id names its run."""
    store.record([heard("a"), heard("b", "a")])
    assert [record.event.envelope.id for record in store.records(["a"])["a"]] == ["a", "b"]


def test_data_is_read_only_where_it_is_told(store: Store) -> None:
    """A timeline is read without data, which may be large, but for what says what failed and why."""
    telling = [heard(cls.ce_type, "r", b"{}", type=cls.ce_type) for cls in (AttemptFailed, DeadLettered)]
    store.record([heard("a", "r", b"large"), *telling])
    assert [record.event.data for record in store.records(["r"])["r"]] == [None, b"{}", b"{}"]


def test_runs_newest_first(store: Store) -> None:
    """Runs come by when they were first heard of, page by page."""
    store.record([heard("1", "old"), heard("2", "middle"), heard("3", "old")])
    store.record([heard("4", "new"), heard("5", "old")])
    [newest, middle] = store.runs(before=None, limit=2)
    assert (newest[1], middle[1]) == ("new", "middle")
    assert [run for _, run in store.runs(before=middle[0], limit=2)] == ["old"]


def test_nothing_there(store: Store) -> None:
    """An empty ledger answers questions too, before anything was ever kept."""
    assert store.runs(before=None, limit=5) == []
    assert store.records(["r"]) == {}
    assert store.event("r", "a") is None


def test_two_at_once(database_url: str) -> None:
    """Two stores may create the same ledger at the same moment, and hear the same events: each is kept once."""
    events = [heard(str(number), "r") for number in range(100)]

    def hear(_: int) -> None:
        store = Store(database_url)
        for event in events:
            store.record([event])
        store.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(hear, range(4)))
    store = Store(database_url)
    assert sorted(int(record.event.envelope.id) for record in store.records(["r"])["r"]) == list(range(100))
    store.close()


def test_numbers_become_visible_in_order(database_url: str) -> None:
    """A reader that has seen a number never sees a smaller one later, however many write."""
    writers, reader = [Store(database_url) for _ in range(4)], Store(database_url)
    reader.record([heard("0", "r")])

    def hear(writer: int) -> None:
        for number in range(60):
            writers[writer].record([heard(f"{writer}-{number}", "r")])

    with ThreadPoolExecutor(4) as threads:
        working = [threads.submit(hear, writer) for writer in range(4)]
        seen: set[int] = set()
        while True:
            finished = all(work.done() for work in working)
            now = {record.sequence for record in reader.records(["r"])["r"]}
            assert not {number for number in now - seen if number < max(seen, default=0)}
            seen = now
            if finished:
                break
        for work in working:
            work.result()
    assert len(seen) == 241
    for store in (*writers, reader):
        store.close()


def test_what_cannot_be_kept(store: Store) -> None:
    """A correlation id beyond the limit is refused, and nothing of its transaction is kept."""
    with pytest.raises(Unkeepable, match=f"513 characters; the ledger keeps at most {MAX_RUN_CHARACTERS}"):
        store.record([heard("a", "r"), heard("b", "x" * 513)])
    assert store.records(["r"]) == {}


@pytest.mark.connected
def test_what_postgresql_cannot_keep(postgres_database: str) -> None:
    """PostgreSQL has no NUL in text: refused for good, in its own words; as the first of all it undoes no table."""
    store = Store(postgres_database)
    with pytest.raises(Unkeepable, match="NUL"):
        store.record([heard("a", "r\x00")])
    store.record([heard("a", "after-a-refusal")])
    assert len(store.records(["after-a-refusal"])["after-a-refusal"]) == 1
    store.close()


@pytest.mark.parametrize(
    ("url", "error"),
    [
        pytest.param("postgresql://renga@127.0.0.1:1/x", Retry, id="nobody there", marks=pytest.mark.connected),
        pytest.param("sqlite:////proc/version/ledger.db", OSError, id="no such folder"),
        pytest.param("sqlite://", ValueError, id="no file"),
        pytest.param("postgresql://renga@host:no-port/x", ValueError, id="no URL"),
    ],
)
def test_no_store(url: str, error: type[Exception]) -> None:
    """A database that is away is another matter than one that cannot be."""
    with pytest.raises(error):
        Store(url).record([heard("a", "r")])
