"""State and answers in one transaction: a handler that changes a database says something if and only if it did.

```python
outbox = Outbox(settings.database)

@function(outbox=outbox)
def handle(paid: OrderPaid, transaction: Transaction) -> ParcelOrdered:
    transaction.execute("UPDATE orders SET paid = true WHERE id = :id", id=paid.order)
    return ParcelOrdered(order=paid.order)
```

The answers are committed together with what the handler changed, and sent afterwards. A process that dies in between
leaves them to the next delivery of the same event, and to the next process of the function. So each event changes the
database once, and its answers are sent at least once, the same each time.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from renga.answers import Attempt
from renga.wire import WireEvent

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, CursorResult

    from renga.outbox.table import SaidTable


class Transaction:
    """The transaction that a handler works in: committed when the handler returns, rolled back when it raises."""

    def __init__(self, connection: "Connection") -> None:
        self.connection = connection
        """SQLAlchemy's own."""

    def execute(self, statement: Any, /, **parameters: Any) -> "CursorResult[Any]":
        """Run a statement: SQL with `:name` for each parameter, or any statement of SQLAlchemy's."""
        from sqlalchemy import text

        return self.connection.execute(text(statement) if isinstance(statement, str) else statement, parameters)


class Outbox:
    """The table `renga_outbox` beside a function's own tables; made at first use. Its methods block.

    Args:
        url: of the database: `postgresql://user@host/database`, `sqlite:////folder/file.db`, or what else SQLAlchemy
            has a driver for. See `renga.database.engine` for how long a statement may take.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._made: SaidTable | None = None

    def answers(self, attempt: Attempt, handle: Callable[[Transaction], list[WireEvent]]) -> list[WireEvent]:
        """What was committed for an event before, or else what its handler says now.

        Raises:
            Retry: the database is away.
            Exception: whatever the handler raises; nothing is changed then.
        """
        return self._table.once(attempt.function, attempt.cause.key, lambda found: handle(Transaction(found)))

    def sent(self, function: str, keys: list[str]) -> None:
        """Nobody needs to send the answers to these events again.

        Raises:
            Retry: the database is away; they may be sent again, which does no harm.
        """
        self._table.sent(function, keys)

    def left_over(self, function: str, older_than_s: float, after: str | None = None) -> dict[str, list[WireEvent]]:
        """Answers that were committed and not sent, by the key of their event: the oldest, of at most 100 events.

        Args:
            function: whose.
            older_than_s: what is younger is left out.
            after: the key of the event whose answers, and all before them, are left out; None leaves out none.

        Raises:
            Retry: the database is away.
        """
        return self._table.left_over(function, older_than_s, after)

    def close(self) -> None:
        """Close every connection."""
        if self._made is not None:
            self._made.close()

    @property
    def _table(self) -> "SaidTable":
        if self._made is None:
            # SQLAlchemy takes longer to import than a function to start: the first event pays for it.
            from renga.outbox.table import SaidTable

            self._made = SaidTable(self._url)
        return self._made
