"""Connections to PostgreSQL that nobody waits on for ever: the server ends a statement, or else we give it up."""

from typing import Any, TypeVar

from psycopg import Connection, OperationalError
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus

from renga import _aws, _entra
from renga._tokens import NoToken

T = TypeVar("T")

STATEMENT_S = 20.0
_GRACE_S = 1.0
"""A server that is there ends the statement itself and says why: ours is the later clock."""
_VANISHED = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 2, "tcp_user_timeout": 20_000}
"""A machine that is gone is noticed after 20 s, however long a statement may take; of itself the system takes hours."""
_LIMIT_MS = "SELECT setting::int FROM pg_settings WHERE name = 'statement_timeout'"


class BoundedConnection(Connection[Any]):
    """A connection that is closed when the server does not answer in time: a frozen one never ends a statement."""

    answer_s: float | None = STATEMENT_S + _GRACE_S
    """The longest wait for an answer (seconds); None: as long as it takes."""

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Wait for the server; all that is asked of it comes through here.

        Raises:
            psycopg.OperationalError: it did not answer in time, and the connection is closed.
        """
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.answer_s)
        except OperationalError:
            if self.pgconn.transaction_status != TransactionStatus.ACTIVE:
                raise
            self.close()
            raise OperationalError(f"no answer within {self.answer_s:g} s") from None


def connect(*arguments: Any, **given: Any) -> BoundedConnection:
    """Connect as `psycopg.connect` does, with a limit to each statement: STATEMENT_S, unless `options` has another.

    A server of Azure's that is given no password gets a token of Entra's, where there is one to be had; a password that
    is the ARN of a secret of AWS' is looked up there.

    Raises:
        psycopg.OperationalError: the server, Entra or AWS is away, or refuses.
    """
    try:
        given |= _password(given.get("host", ""), given.get("password"))
    except NoToken as error:
        raise OperationalError(str(error)) from error
    options = f"-c statement_timeout={STATEMENT_S:g}s {given.pop('options', '')}"
    connection = BoundedConnection.connect(*arguments, options=options, **{**_VANISHED, **given})
    connection.autocommit = True
    (limit_ms,) = connection.execute(_LIMIT_MS).fetchone() or (0,)
    connection.autocommit = False
    connection.answer_s = limit_ms / 1000 + _GRACE_S if limit_ms else None
    return connection


def _password(host: str, given: str | None) -> dict[str, str]:
    if given is None:
        token = _entra.password(host)
        return {"password": token} if token else {}
    return {"password": _aws.password(given)} if given.startswith(_aws.SECRET) else {}
