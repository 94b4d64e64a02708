"""The table of what was said to each event, in the database that the handlers change."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    Column,
    DateTime,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
    delete,
    insert,
    select,
    tuple_,
    update,
)
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from renga.database import Database
from renga.fates import Retry
from renga.wire import WireEvent, decode_batch, encode_batch

_KEEP = timedelta(days=1)
"""How long an event that comes again is known; as long as its answer is kept elsewhere."""
_PRUNE_EVERY = 1000
_MOST = 100
"""Events whose answers are read at once."""

_metadata = MetaData()
_outbox = Table(
    "renga_outbox",
    _metadata,
    Column("function", String(255), primary_key=True),
    Column("event", String(64), primary_key=True),
    # The event's identity itself may be longer than what an index holds.
    Column("key", LargeBinary, nullable=False),
    Column("answers", LargeBinary),
    Column("said", DateTime, nullable=False),
    Column("sent", DateTime),
    Index("renga_outbox_sent", "function", "sent", "said"),
)


class SaidTable:
    """What each function said to each event. Threads may share it."""

    def __init__(self, url: str) -> None:
        self._database = Database(url, "The outbox's URL", _metadata)
        self._until_prune = _PRUNE_EVERY

    def once(self, function: str, key: str, handle: Callable[[Connection], list[WireEvent]]) -> list[WireEvent]:
        """Handle an event in one transaction with a note of its answers, unless that was done: then say them again."""
        row = {"function": function, "event": _hashed(key)}
        try:
            with self._database.writing() as connection:
                # The note comes first: a second transaction for the same event waits here, and then finds it taken.
                noted = {**row, "key": key.encode(), "said": _now()}
                try:
                    connection.execute(insert(_outbox).values(noted))
                except IntegrityError as error:
                    raise _KnownError from error
                answers = handle(connection)
                note = update(_outbox).where(_outbox.c.function == function, _outbox.c.event == row["event"])
                connection.execute(note.values(answers=encode_batch(answers)))
        except _KnownError:
            return self._known(function, row["event"])
        return answers

    def sent(self, function: str, keys: list[str]) -> None:
        """Note that answers were sent."""
        ours = _outbox.c.function == function
        with self._database.writing() as connection:
            events = _outbox.c.event.in_([_hashed(key) for key in keys])
            connection.execute(update(_outbox).where(ours, events).values(sent=_now()))
            self._until_prune -= len(keys)
            if self._until_prune < 0:
                self._until_prune = _PRUNE_EVERY
                connection.execute(delete(_outbox).where(ours, _outbox.c.sent < _now() - _KEEP))

    def left_over(self, function: str, older_than_s: float, after: str | None = None) -> dict[str, list[WireEvent]]:
        """What was said a while ago and not sent, the oldest first; nothing up to the event with the key `after`."""
        ours = _outbox.c.function == function
        # Clocks that count whole seconds give many events one time: the event decides between them.
        place = (_outbox.c.said, _outbox.c.event)
        old = _outbox.c.said < _now() - timedelta(seconds=older_than_s)
        query = select(_outbox.c.key, _outbox.c.answers).where(ours, _outbox.c.sent.is_(None), old)
        if after is not None:
            passed = select(*place).where(ours, _outbox.c.event == _hashed(after))
            query = query.where(tuple_(*place) > passed.scalar_subquery())
        rows = self._database.rows(query.order_by(*place).limit(_MOST))
        return {row.key.decode(): decode_batch(row.answers) for row in rows}

    def close(self) -> None:
        """Close every connection."""
        self._database.close()

    def _known(self, function: str, event: str) -> list[WireEvent]:
        query = select(_outbox.c.answers).where(_outbox.c.function == function, _outbox.c.event == event)
        rows = self._database.rows(query)
        if not rows or rows[0].answers is None:
            raise Retry("What another process said to this event was taken back while we looked.")
        return decode_batch(rows[0].answers)


class _KnownError(Exception):
    """The event was handled before."""


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


def _now() -> datetime:
    """UTC without its zone, because not every database keeps one."""
    return datetime.now(UTC).replace(tzinfo=None)
