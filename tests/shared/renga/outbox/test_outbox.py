"""One event, one change, and its answers: whatever dies in between."""

import asyncio
import http.client
import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from dying_host import STEPS
from hosts import HOSTS, PATIENCE_S, Answer, Collector, Hosted, Start
from renga.answers import Attempt
from renga.contract import Contract, Deployment
from renga.database import engine
from renga.fates import Retry
from renga.outbox import Outbox, Transaction
from renga.outbox.relay import Relay
from renga.wire import WireEvent
from renga_events import Event
from renga_events.envelope import Envelope


@pytest.fixture
def database(database_url: str) -> str:
    """A database with a table of seats, and nothing in it."""
    with closing_engine(database_url) as made, made.begin() as connection:
        connection.execute(text("CREATE TABLE seats (guest text)"))
    return database_url


class closing_engine:  # noqa: N801 - reads like contextlib's
    """An engine for a moment."""

    def __init__(self, url: str) -> None:
        self._engine = engine(url, "the test's URL")

    def __enter__(self) -> Engine:
        return self._engine

    def __exit__(self, *_: object) -> None:
        self._engine.dispose()


def seats(url: str) -> list[str]:
    """Who has one."""
    with closing_engine(url) as made, made.connect() as connection:
        return [guest for (guest,) in connection.execute(text("SELECT guest FROM seats ORDER BY guest"))]


def ask(hosted: Hosted, guest: str, identity: str) -> Answer:
    """Deliver one event."""
    return hosted.deliver(json.dumps({"guest": guest}), type="test.seat.asked.v1", id=identity)


def said(sink: Collector) -> list[tuple[str, str, bytes]]:
    """Each answer that was sent: its type, its id, its data."""
    return [(headers["ce-type"], headers["ce-id"], body) for headers, body in sink.received]


def test_a_change_and_its_answers(start: Start, sink: Collector, database: str) -> None:
    """The change is there and its answers are sent; a second delivery changes nothing."""
    hosted = start("booking", K_SINK=sink.url, BOOKING_DATABASE=database, RENGA_STORE="none")
    assert [ask(hosted, "ada", "1").status for _ in range(3)] == [204, 204, 204]
    assert seats(database) == ["ada"]
    assert [ce_type for ce_type, _, _ in said(sink)] == ["test.seat.booked.v1", "test.seat.told.v1"] * 3
    assert len(set(said(sink))) == 2


@pytest.mark.parametrize(("guest", "status"), [("nobody", 422), ("mishap", 500)])
def test_no_change_without_answers(start: Start, sink: Collector, database: str, guest: str, status: int) -> None:
    """A handler that raises has changed nothing and said nothing, and is asked again when the event comes again."""
    hosted = start("booking", K_SINK=sink.url, BOOKING_DATABASE=database)
    assert [ask(hosted, guest, "1").status for _ in range(2)] == [status, status]
    assert seats(database) == []
    assert sink.of_type("test.seat.booked.v1") == []


def test_a_sink_that_is_away(start: Start, sink: Collector, database: str) -> None:
    """What cannot be sent is committed, and sent when the event comes again."""
    hosted = start("booking", K_SINK=sink.url, BOOKING_DATABASE=database)
    sink.answer(503)
    assert ask(hosted, "ada", "1").status == 503
    assert seats(database) == ["ada"]
    sink.answer(202)
    sink.forget()
    assert ask(hosted, "ada", "1").status == 204
    assert len(sink.of_type("test.seat.booked.v1")) == 1
    assert seats(database) == ["ada"]


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_each_step(start: Start, sink: Collector, database: str, tmp_path: Path, step: str) -> None:
    """Killed anywhere, the event that comes again finds one change, and its answers are sent, the same each time."""
    state = str(tmp_path / "state")
    common = {"K_SINK": sink.url, "BOOKING_DATABASE": database, "RENGA_STATE_DIR": state}
    dying = start("booking", "dying", DIE_AT=step, **common)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        ask(dying, "ada", "1")
    assert dying.process.wait(PATIENCE_S) == -9
    assert seats(database) == ([] if step in {"begun", "handled"} else ["ada"])
    alive = start("booking", **common)
    assert ask(alive, "ada", "1").status == 204
    assert seats(database) == ["ada"]
    answers = [each for each in said(sink) if each[0] != "dev.renga.platform.attempt.failed.v1"]
    assert len(set(answers)) == 2
    assert json.loads(answers[0][2]) == {"guest": "ada", "number": 1}


@pytest.mark.parametrize("host", HOSTS)
def test_what_a_dead_process_left(start: Start, sink: Collector, database: str, host: str) -> None:
    """Nobody calls a door again: the next process of the function sends what the last one committed."""
    dying = start("counter", "dying", DIE_AT="committed", K_SINK=sink.url, BOOKING_DATABASE=database)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        dying.call("POST", "/", b'{"guest": "ada"}', content_type="application/json")
    dying.process.wait(PATIENCE_S)
    assert seats(database) == ["ada"]
    time.sleep(2.1)
    start("counter", host, K_SINK=sink.url, BOOKING_DATABASE=database)
    deadline = time.monotonic() + PATIENCE_S
    while not sink.received and time.monotonic() < deadline:
        time.sleep(0.05)
    ((ce_type, _, data),) = said(sink)
    assert (ce_type, json.loads(data)) == ("test.ticket.sold.v1", {"guest": "ada"})


@pytest.mark.parametrize("refused", [1, 250])
def test_what_is_never_taken_keeps_back_nothing(database: str, refused: int) -> None:
    """Answers that no sink will ever take stay where they are, however many; what was said after them is sent."""
    outbox = Outbox(database)
    identities = [str(number) for number in range(refused + 1)]
    for identity in identities:
        attempt = Attempt("a/b", Envelope(identity, "/test", "x"), 1, cold=False, traceparent=None)
        answers = [WireEvent(Envelope(identity, "/a", "y"))]
        outbox.answers(attempt, lambda _, answers=answers: answers)  # type: ignore[misc]
    seen: list[str] = []

    async def publish(event: WireEvent) -> None:
        seen.append(event.envelope.id)
        if event.envelope.id != identities[-1]:
            raise ValueError("It is too large.")

    relay = Relay(outbox, "a/b", publish, older_than_s=0)
    assert asyncio.run(relay.once()) == 1
    assert sorted(seen) == sorted(identities), "each is tried, and none twice"
    assert asyncio.run(relay.once()) == 0
    assert len(seen) == 2 * refused + 1
    outbox.close()


def test_a_door_answers(start: Start, sink: Collector, database: str) -> None:
    """A plain call gets the answer's data; with its Idempotency-Key again, the same and no second change."""
    hosted = start("counter", K_SINK=sink.url, BOOKING_DATABASE=database, RENGA_STORE="none")
    headers = {"content_type": "application/json", "idempotency_key": "k"}
    for _ in range(2):
        answer = hosted.call("POST", "/", b'{"guest": "ada"}', **headers)
        assert (answer.status, json.loads(answer.body)) == (200, {"guest": "ada"})
    assert seats(database) == ["ada"]


def test_a_database_that_is_away(start: Start, sink: Collector) -> None:
    """It is a reason to try again, which names no password."""
    hosted = start("booking", K_SINK=sink.url, BOOKING_DATABASE="postgresql://me:secret@127.0.0.1:1/seats")
    answer = ask(hosted, "ada", "1")
    assert answer.status == 503
    assert b"database is away" in answer.body
    assert b"secret" not in answer.body


def test_two_at_once(tmp_path: Path) -> None:
    """Of two processes that handle one event at a time, one does, and both say the same."""
    url = f"sqlite:///{tmp_path}/seats.db"
    with closing(sqlite3.connect(tmp_path / "seats.db")) as made:
        made.execute("CREATE TABLE seats (guest text)")
    attempt = Attempt("suite/booking", Envelope("1", "/test", "test.seat.asked.v1"), 1, cold=False, traceparent=None)
    outboxes = [Outbox(url), Outbox(url)]
    for outbox in outboxes:
        assert (
            outbox.left_over("suite/booking", 0) == {}
        )  # the table is there: whether two may make it is not asked here

    async def race() -> None:
        def handle(transaction: Transaction) -> list[object]:
            transaction.execute("INSERT INTO seats VALUES ('ada')")
            time.sleep(0.2)
            return []

        both = (asyncio.to_thread(outbox.answers, attempt, handle) for outbox in outboxes)  # type: ignore[arg-type]
        assert await asyncio.gather(*both) == [[], []]

    asyncio.run(race())
    assert seats(url) == ["ada"]
    for outbox in outboxes:
        outbox.close()


class Wanted(Event):
    """For contracts."""

    ce_type = "test.outbox.wanted.v1"


def alone(event: Wanted) -> None:
    """Has no place for a transaction."""


async def coroutine(event: Wanted, transaction: Transaction) -> None:
    """Would block the loop."""


@pytest.mark.parametrize("handler", [alone, coroutine])
def test_contracts(handler: object) -> None:
    """A handler that cannot work in a transaction is refused when it is decorated."""
    with pytest.raises(TypeError, match="takes its event and a Transaction"):
        Contract.of(handler, Deployment(), Outbox("sqlite:////tmp/never.db"))  # type: ignore[arg-type]


def test_urls() -> None:
    """A URL that is none is refused without being repeated."""
    with pytest.raises((ValueError, Retry), match="no database URL"):
        Outbox("secret").left_over("a/b", 1)
