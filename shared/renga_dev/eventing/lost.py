"""What the event log holds that neither a subscriber nor a dead-letter sink took: read and settled from outside."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from renga.deadletters import Failure, quoted
from renga_dev.eventing import _tables
from renga_dev.eventing.records import Delivery

_WAIT_S = 5.0


class LostDeliveries:
    """The lost deliveries of one event log. A runtime that has the log open is not disturbed.

    Args:
        path: the log's file; where it is absent nothing was lost.

    Every method raises sqlite3.Error where the file cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def all(self) -> list[Delivery]:
        """Those that are lost, oldest first; `failure` says why, also where no dead-letter sink was declared."""
        with self._open() as database:
            if database is None:
                return []
            rows = database.execute(_tables.SELECT_LOST).fetchall()
            found = [_tables.read_delivery(row, _tables.read_event(row)) for row in rows]
        for delivery in found:
            if delivery.failure is None:
                said = quoted((delivery.error or "").encode())
                delivery.failure = Failure(delivery.dest or "", delivery.status, said)
        return found

    def settle(self, deliveries: Iterable[int]) -> None:
        """They were taken after all."""
        self._change("UPDATE deliveries SET state = 'done' WHERE id = ? AND state = 'lost'", deliveries)

    def forget(self, deliveries: Iterable[int]) -> None:
        """Nobody asks for them any more."""
        self._change("DELETE FROM deliveries WHERE id = ? AND state = 'lost'", deliveries)

    def _change(self, statement: str, deliveries: Iterable[int]) -> None:
        with self._open() as database:
            if database is not None:
                database.executemany(statement, [(delivery,) for delivery in deliveries])

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection | None]:
        if not self.path.is_file():
            yield None
            return
        with closing(sqlite3.connect(self.path, timeout=_WAIT_S, isolation_level=None)) as database:
            database.row_factory = sqlite3.Row
            version = database.execute("PRAGMA user_version").fetchone()[0]
            yield database if version == _tables.VERSION else None
