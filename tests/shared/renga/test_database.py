"""Engines for databases that freeze, and what stands on them: nobody waits for ever, and what waited may try again."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from postgres import Server
from renga.answers import Attempt
from renga.database import engine, is_away
from renga.desk.service import Desk
from renga.fates import Retry
from renga.outbox import Outbox, Transaction
from renga.wire import WireEvent
from renga_events.base import DeadLetter
from renga_events.envelope import Envelope

pytestmark = [pytest.mark.connected, pytest.mark.timeout(120)]

SHORT = "options=-c%20statement_timeout%3D1s"
PATIENCE_S = 20.0
"""Within this somebody must be told: a ping, a new connection and a statement may take 9 s."""


def outbox(url: str) -> tuple[Callable[[str], object], Outbox]:
    """Handles an event in a transaction."""
    box = Outbox(url)

    def handled(transaction: Transaction) -> list[WireEvent]:
        transaction.execute("SELECT 1")
        return []

    def handle(event_id: str) -> object:
        attempt = Attempt("a/b", Envelope(event_id, "/test", "x"), 1, cold=False, traceparent=None)
        return box.answers(attempt, handled)

    return handle, box


def desk(url: str) -> tuple[Callable[[str], object], Desk]:
    """Keeps a letter."""
    kept = Desk(url)

    def keep(event_id: str) -> object:
        letter = DeadLetter(data=b"").inside(Envelope(event_id, "/test", "x", extensions={"knativeerrordest": "/"}))
        return asyncio.run(kept.keep(letter))

    return keep, kept


def taken(take: Callable[[str], object], event_id: str) -> None:
    """Take it, as often as it takes: on a busy machine a server that is there may need more than 2 s too."""
    deadline = time.monotonic() + 60
    while True:
        try:
            take(event_id)
        except Retry:
            assert time.monotonic() < deadline
        else:
            return


@pytest.mark.parametrize("work", [outbox, desk])
def test_frozen(own_postgres: Server, work: Callable[[str], tuple[Callable[[str], object], Outbox | Desk]]) -> None:
    """Whoever asks a server that froze is told to come again, soon; once it goes on, it is as if nothing had been."""
    take, taker = work(f"{own_postgres.url}?{SHORT}")
    taken(take, "1")
    own_postgres.signal(signal.SIGSTOP)
    began = time.monotonic()
    with pytest.raises(Retry, match="is away"):
        take("2")
    assert time.monotonic() - began < PATIENCE_S
    own_postgres.signal(signal.SIGCONT)
    taken(take, "2")
    taker.close()


@pytest.mark.parametrize("last", ["SELECT 1", "COMMIT"])
def test_frozen_in_a_transaction(own_postgres: Server, last: str) -> None:
    """A server that freezes over a statement, or over the commit, is given up on, and so is the connection."""
    with closed(f"{own_postgres.url}?{SHORT}") as made:
        connection = made.connect()
        connection.execute(text("SELECT 1"))
        own_postgres.signal(signal.SIGSTOP)
        with pytest.raises(OperationalError, match="no answer within 2 s") as caught:
            connection.commit() if last == "COMMIT" else connection.execute(text(last))
        assert is_away(caught.value)
        assert connection.invalidated
        connection.close()
        own_postgres.signal(signal.SIGCONT)


def test_a_slow_statement(postgres_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is there ends what takes too long itself, and the connection goes on."""
    # Longer than a busy machine may hold back what the server says.
    monkeypatch.setattr("renga._postgres._GRACE_S", 25.0)
    with closed(f"{postgres_database}?{SHORT}") as made, made.connect() as connection:
        with pytest.raises(OperationalError, match="statement timeout") as caught:
            connection.execute(text("SELECT pg_sleep(30)"))
        assert is_away(caught.value)
        connection.rollback()
        assert connection.execute(text("SELECT 1")).scalar_one() == 1


def test_settings_of_a_url_win(postgres_database: str) -> None:
    """What a URL says of its connection is not overruled; the rest is as we want it."""
    with closed(f"{postgres_database}?keepalives_idle=33") as made, made.connect() as connection:
        assert connection.execute(text("SHOW statement_timeout")).scalar_one() == "20s"
        descriptor = connection.connection.driver_connection.fileno()  # type: ignore[union-attr]
        with closing(socket.socket(fileno=os.dup(descriptor))) as line:
            assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 33
            assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 20_000


@contextmanager
def closed(url: str) -> Iterator[Engine]:
    """An engine for a while."""
    made = engine(url, "the test's URL")
    try:
        yield made
    finally:
        made.dispose()
