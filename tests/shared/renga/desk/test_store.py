"""The contract of the desk's store, held by SQLite and by a real PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from renga.deadletters import Failure, letter_id, with_failure
from renga.desk.letter import Replayed
from renga.desk.store import Store
from renga.fates import Retry
from renga.wire import WireEvent
from renga_events.envelope import AttributeValue, Envelope

NOW = datetime(2026, 1, 1, 12, 30, 15, 250000, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An empty desk."""
    opened = Store(database_url)
    yield opened
    opened.close()


def dead(event_id: str = "1", data: bytes | None = b"{}", **extensions: AttributeValue) -> WireEvent:
    """A dead letter."""
    event = WireEvent(Envelope(event_id, "/shop", "shop.sold.v1", extensions=extensions), data)
    return with_failure(event, Failure("http://post-office.default.svc.cluster.local", 500))


@pytest.mark.parametrize("data", [None, b"", b"\x00\xff", b'{"n":1.0000000000000000001}'])
def test_what_was_kept_comes_back(store: Store, data: bytes | None) -> None:
    """Every attribute with its type and every byte; whatever a sender writes, a letter can be kept."""
    letter = dead("a\x00é\U0001f48c", data, depth=3, final=True, note="\x00" * 3000)
    kept = store.letter(store.keep(letter, NOW))
    assert kept is not None
    assert kept.event == letter._replace(data=data)
    assert (kept.first, kept.last, kept.came, kept.replays, kept.outcome) == (NOW, NOW, 1, 0, None)


def test_a_redelivery_is_no_second_death(store: Store) -> None:
    """The same dead letter again changes nothing; one that arrived at its Broker anew counts."""
    for arrived in ("10:00", "10:00", "11:00"):
        letter = store.keep(dead(knativearrivaltime=arrived), NOW if arrived == "10:00" else LATER)
    kept = store.letter(letter)
    assert kept is not None
    assert (kept.came, kept.first, kept.last) == (2, NOW, LATER)
    assert kept.attributes["knativearrivaltime"] == "11:00"


def test_replays(store: Store) -> None:
    """A mark counts a replay once however often it is set, and what died again is open again."""
    letter = store.keep(dead(), NOW)
    for outcome in ("failed", "well"):
        assert store.replayed(letter, Replayed(number=1, outcome=outcome, said="Ja \x00 é"), LATER)
    kept = store.letter(letter)
    assert kept is not None
    assert (kept.replays, kept.replayed, kept.outcome, kept.said) == (1, LATER, "well", "Ja \x00 é")
    store.keep(dead(), LATER)
    assert store.letter(letter) == kept  # A late redelivery of the first death.
    store.keep(dead(rengareplays=1), LATER)
    again = store.letter(letter)
    assert again is not None
    assert (again.came, again.replays, again.outcome) == (2, 1, None)


def test_what_is_not_there(store: Store) -> None:
    """There is nothing to show, to mark or to drop; what was dropped may come again."""
    assert store.letter("nothing") is None
    assert not store.replayed("nothing", Replayed(number=1, outcome="well"), NOW)
    assert not store.drop("nothing")
    letter = store.keep(dead(), NOW)
    assert store.drop(letter)
    assert store.letters(before=None, limit=10) == []
    assert store.keep(dead(), LATER) == letter
    assert [kept.came for _, kept in store.letters(before=None, limit=10)] == [1]


def test_pages(store: Store) -> None:
    """The newest first, each letter once, from the number where the last page ended."""
    names = [store.keep(dead(str(number)), NOW) for number in range(5)]
    first = store.letters(before=None, limit=3)
    second = store.letters(before=first[-1][0], limit=3)
    assert [letter.id for _, letter in (*first, *second)] == names[::-1]


def test_many_at_once(store: Store) -> None:
    """Threads that keep the same letter at the same time keep one."""
    with ThreadPoolExecutor(8) as threads:
        ids = set(threads.map(lambda _: store.keep(dead(), NOW), range(32)))
    assert ids == {letter_id(dead())}
    assert [letter.came for _, letter in store.letters(before=None, limit=10)] == [1]


def test_a_database_that_is_away() -> None:
    """That another try may help is told, and no password."""
    with pytest.raises(Retry, match="is away") as away:
        Store("postgresql://renga:secret@127.0.0.1:1/nothing").keep(dead(), NOW)
    assert "secret" not in str(away.value)
