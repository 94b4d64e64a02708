"""Where the ledger is kept: one table of events and one of runs, in SQLite or PostgreSQL, by one code path."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    Text,
    case,
    null,
    select,
)
from sqlalchemy.exc import DataError

from renga.database import Database, reason
from renga.ledger.record import Record, attributes_from_json, attributes_to_json
from renga.wire import WireEvent
from renga_events.platform import AttemptFailed, DeadLettered

MAX_RUN_CHARACTERS = 512
"""A longer correlation id is not kept: databases index only short values."""

_LOCK = 0x72656E6761
"""PostgreSQL's advisory lock: numbers must become visible in their order, or a reader that counts would miss some."""

_metadata = MetaData()
_number = BigInteger().with_variant(Integer, "sqlite")
_runs = Table(
    "renga_runs",
    _metadata,
    Column("number", _number, primary_key=True, autoincrement=True),
    Column("run", String(MAX_RUN_CHARACTERS), nullable=False, unique=True),
)
_events = Table(
    "renga_events",
    _metadata,
    Column("sequence", _number, primary_key=True, autoincrement=True),
    Column("key", String(64), nullable=False, unique=True),
    Column("run", String(MAX_RUN_CHARACTERS), nullable=False),
    Column("type", Text, nullable=False),
    Column("attributes", Text, nullable=False),
    Column("data", LargeBinary),
    Column("heard", DateTime(timezone=True), nullable=False),
    Index("renga_events_of_run", "run", "sequence"),
)
# A timeline needs no data, which may be large, except to say what failed and why.
_failures = (AttemptFailed.ce_type, DeadLettered.ce_type)
_told = case((_events.c.type.in_(_failures), _events.c.data), else_=null()).label("data")


class Unkeepable(ValueError):  # noqa: N818 - says what is the case
    """A record that the database will never take."""


class Store:
    """Keeps events, once each, for good. Methods block; threads may share it; while it is away they raise Retry.

    Args:
        url: `sqlite:////folder/ledger.db` or `postgresql://user@host/database`.

    Raises:
        ValueError: the URL is neither.
    """

    def __init__(self, url: str) -> None:
        self._database = Database(url, "LEDGER_DATABASE", _metadata, lock=_LOCK)

    def record(self, records: Sequence[Record]) -> None:
        """Keep records in one transaction; those that were kept before are passed over.

        Raises:
            Unkeepable: one of them never can be; none is kept.
        """
        runs = [{"run": run} for run in dict.fromkeys(record.run for record in records)]
        rows = [_row(record) for record in records]
        try:
            with self._database.writing() as connection:
                connection.execute(self._database.insert(_runs).on_conflict_do_nothing(), runs)
                connection.execute(self._database.insert(_events).on_conflict_do_nothing(), rows)
        except (DataError, UnicodeEncodeError) as error:
            raise Unkeepable(f"The database refuses it: {reason(error)}") from error

    def records(self, runs: Sequence[str]) -> dict[str, list[Record]]:
        """All that was heard of some runs, in the order of hearing; runs that nothing was heard of are absent."""
        query = select(_events.c.run, _events.c.sequence, _events.c.attributes, _events.c.heard, _told)
        found = defaultdict(list)
        for row in self._database.rows(query.where(_events.c.run.in_(runs)).order_by(_events.c.sequence)):
            found[row.run].append(_record(row))
        return dict(found)

    def runs(self, *, before: int | None, limit: int) -> list[tuple[int, str]]:
        """Runs by number and id, the newest first; `before` is the number of the last one of the page before."""
        query = select(_runs.c.number, _runs.c.run).order_by(_runs.c.number.desc()).limit(limit)
        rows = self._database.rows(query if before is None else query.where(_runs.c.number < before))
        return [(row.number, row.run) for row in rows]

    def event(self, run: str, event_id: str) -> WireEvent | None:
        """An event of a run as it was heard first."""
        columns = (_events.c.run, _events.c.sequence, _events.c.attributes, _events.c.heard)
        query = select(*columns).where(_events.c.run == run).order_by(_events.c.sequence)
        for row in self._database.rows(query):
            record = _record(row)
            if record.event.envelope.id == event_id:
                [data] = self._database.rows(select(_events.c.data).where(_events.c.sequence == record.sequence))
                return WireEvent(record.event.envelope, data.data)
        return None

    def close(self) -> None:
        """Close every connection."""
        self._database.close()


def _row(record: Record) -> dict[str, Any]:
    run = record.run
    if len(run) > MAX_RUN_CHARACTERS:
        raise Unkeepable(
            f"The correlation id has {len(run)} characters; the ledger keeps at most {MAX_RUN_CHARACTERS}."
        )
    return {
        "key": record.key,
        "run": run,
        "type": record.event.envelope.type,
        "attributes": attributes_to_json(record.event.envelope),
        "data": record.event.data,
        "heard": record.heard,
    }


def _record(row: Row[Any]) -> Record:
    # SQLite has no zones: what is written in UTC comes back without one.
    heard = row.heard if row.heard.tzinfo else row.heard.replace(tzinfo=UTC)
    data = row._mapping.get("data")  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    return Record(WireEvent(attributes_from_json(row.attributes), data), heard, row.sequence)
