"""Where letters are kept: one table, in SQLite or PostgreSQL, by one code path."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    Text,
    case,
    delete,
    select,
    update,
)

from renga.database import Database
from renga.deadletters import death, letter_id
from renga.desk.letter import Letter, Replayed, WholeLetter
from renga.wire import WireEvent

_metadata = MetaData()
# No column holds what a sender chose as it is: a database may refuse a text, and then the letter would be lost.
_letters = Table(
    "renga_dead_letters",
    _metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("letter", String(16), nullable=False, unique=True),
    Column("attributes", Text, nullable=False),
    Column("data", LargeBinary),
    Column("first", DateTime(timezone=True), nullable=False),
    Column("last", DateTime(timezone=True), nullable=False),
    Column("came", Integer, nullable=False),
    Column("arrival", String(64), nullable=False),
    Column("replays", Integer, nullable=False),
    Column("replayed", DateTime(timezone=True)),
    Column("outcome", String(8)),
    Column("said", LargeBinary),
)
_TOLD = [column for column in _letters.c if column.name not in {"data", "arrival"}]


class Store:
    """Keeps letters, once each. Methods block; threads may share it; while it is away they raise Retry.

    Args:
        url: `sqlite:////folder/deadletter.db` or `postgresql://user@host/database`.

    Raises:
        ValueError: the URL is neither.
    """

    def __init__(self, url: str) -> None:
        self._database = Database(url, "DEADLETTER_DATABASE", _metadata)

    def keep(self, event: WireEvent, came: datetime) -> str:
        """Keep a dead letter; one that is kept already counts once more, unless it is the same delivery again.

        Returns:
            Its id.
        """
        letter = letter_id(event)
        arrived = event.envelope.extension("knativearrivaltime") or ""
        arrival = sha256(f"{death(event)} {arrived}".encode(errors="surrogatepass")).hexdigest()
        row = {
            "letter": letter,
            "attributes": to_json(event.envelope.attributes()).decode(),
            "data": event.data,
            "first": came,
            "last": came,
            "came": 1,
            "arrival": arrival,
            "replays": 0,
        }
        insert = self._database.insert(_letters).values(row)
        again = insert.excluded.arrival != _letters.c.arrival
        changed = {
            "attributes": insert.excluded.attributes,
            "data": insert.excluded.data,
            "last": insert.excluded.last,
            "came": _letters.c.came + 1,
            "arrival": insert.excluded.arrival,
            "outcome": None,
            "said": None,
        }
        self._write(insert.on_conflict_do_update(index_elements=["letter"], set_=changed, where=again))
        return letter

    def letters(self, *, before: int | None, limit: int) -> list[tuple[int, Letter]]:
        """Letters with their numbers, the newest first; `before` is the number of the last one of the page before."""
        query = select(*_TOLD).order_by(_letters.c.number.desc()).limit(limit)
        rows = self._database.rows(query if before is None else query.where(_letters.c.number < before))
        return [(row.number, Letter(**_fields(row))) for row in rows]

    def letter(self, letter: str) -> WholeLetter | None:
        """One letter with its data."""
        rows = self._database.rows(select(_letters).where(_letters.c.letter == letter))
        if not rows:
            return None
        whole = WholeLetter(**_fields(rows[0]))
        encoded = WholeLetter.of(WireEvent(whole.envelope, rows[0].data), whole.first).data_base64
        return whole.model_copy(update={"data_base64": encoded})

    def drop(self, letter: str) -> bool:
        """Forget a letter; False where there is none."""
        return self._write(delete(_letters).where(_letters.c.letter == letter)) > 0

    def replayed(self, letter: str, replay: Replayed, at: datetime) -> bool:
        """Mark a letter as replayed; the same mark again changes nothing. False where there is no such letter."""
        most = case((_letters.c.replays > replay.number, _letters.c.replays), else_=replay.number)
        said = None if replay.said is None else replay.said.encode(errors="replace")
        changed = update(_letters).where(_letters.c.letter == letter)
        return self._write(changed.values(replays=most, replayed=at, outcome=replay.outcome, said=said)) > 0

    def close(self) -> None:
        """Close every connection."""
        self._database.close()

    def _write(self, statement: Any) -> int:
        """How many rows changed."""
        with self._database.writing() as connection:
            return connection.execute(statement).rowcount


def _fields(row: Row[Any]) -> dict[str, Any]:
    """A row as the fields of a Letter."""
    return {
        "id": row.letter,
        "attributes": from_json(row.attributes),
        "first": _zoned(row.first),
        "last": _zoned(row.last),
        "came": row.came,
        "replays": row.replays,
        "replayed": row.replayed and _zoned(row.replayed),
        "outcome": row.outcome,
        "said": row.said and row.said.decode(),
    }


def _zoned(time: datetime) -> datetime:
    """SQLite has no zones: what is written in UTC comes back without one."""
    return time if time.tzinfo else time.replace(tzinfo=UTC)
