"""Idempotency in PostgreSQL: one row per event, taken by one statement, so that of many claims one wins."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from hashlib import sha256
from typing import Any

from psycopg import AsyncConnection, OperationalError
from psycopg import Error as PostgresError
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from renga.idempotency import Claim, Claimed, Different, Done, InProgress
from renga.idempotency.leases import ALIVE_S, Leases

# Everybody makes the table, and without the lock two at once would both try to.
_TABLE = """
SELECT pg_advisory_xact_lock(hashtext('renga_claim'));
CREATE TABLE IF NOT EXISTS renga_claim (
    function text NOT NULL,
    key bytea NOT NULL,
    attempt integer NOT NULL,
    owner text,
    until timestamptz NOT NULL,
    payload bytea NOT NULL,
    answer bytea,
    PRIMARY KEY (function, key)
)
"""
_CLAIM = """
INSERT INTO renga_claim AS known (function, key, attempt, owner, until, payload)
VALUES (%s, %s, 1, %s, now() + make_interval(secs => %s), %s)
ON CONFLICT (function, key) DO UPDATE
SET attempt = known.attempt + 1, owner = excluded.owner, until = excluded.until, payload = excluded.payload,
    answer = NULL
WHERE known.until <= now() OR (known.answer IS NULL AND (known.owner IS NULL OR known.owner = ANY(%s)))
RETURNING attempt
"""
_LOOK = "SELECT payload, answer FROM renga_claim WHERE function = %s AND key = %s"
# Only the owner may finish or give back: a process that outlived its lease must not undo its successor's work.
_COMPLETE = """
UPDATE renga_claim SET answer = %s, owner = NULL, until = now() + make_interval(secs => %s)
WHERE function = %s AND key = %s AND owner = %s
"""
_RELEASE = "UPDATE renga_claim SET owner = NULL WHERE function = %s AND key = %s AND owner = %s"
_RENEW = """
UPDATE renga_claim SET until = now() + make_interval(secs => %s) WHERE function = %s AND key = %s AND owner = %s
"""
_PRUNE = "DELETE FROM renga_claim WHERE function = %s AND until < now() - interval '1 day'"
_PRUNE_EVERY = 1000
_CONNECTIONS = 4
_WAIT_S = 5.0
_AGAIN_S = 0.5
"""After a connection that was refused another is tried so soon."""


class PostgresStore:
    """Raises OSError from every method while PostgreSQL is away. Times are the server's."""

    def __init__(self, url: str, function: str) -> None:
        self._pool = AsyncConnectionPool(
            url,
            min_size=0,
            max_size=_CONNECTIONS,
            timeout=_AGAIN_S,
            open=False,
            reconnect_timeout=_AGAIN_S / 2,
            kwargs={"autocommit": True, "connect_timeout": int(_WAIT_S)},
        )
        self._function = function
        self._leases = Leases(self._renew)
        self._ready = False
        self._opening = asyncio.Lock()
        self._until_prune = 0

    async def claim(self, key: str, lease_s: float, payload: bytes = b"") -> Claim:
        """Take an event."""
        token = self._leases.token()
        try:
            claim = await self._claimed(key, token, min(lease_s, ALIVE_S), payload)
        except OSError:
            self._leases.doubt(key, token)
            raise
        if isinstance(claim, Claimed):
            self._leases.hold(key, token, lease_s)
        elif isinstance(claim, Done):
            self._leases.settle(key)
        return claim

    async def _claimed(self, key: str, token: str, lease_s: float, payload: bytes) -> Claim:
        hashed, given_up = _hashed(key), self._leases.doubtful(key)
        while True:
            taken = await self._run(_CLAIM, (self._function, hashed, token, lease_s, payload, given_up))
            if taken:
                return Claimed(taken[0])
            found = await self._run(_LOOK, (self._function, hashed))
            if found:
                break
            # It was pruned between the two statements.
        before, answer = found
        if before != payload:
            return Different()
        return InProgress() if answer is None else Done(answer)

    async def complete(self, key: str, answer: bytes, keep_s: float) -> None:
        """Remember the answer."""
        await self._finish(_COMPLETE, key, answer, keep_s)
        self._until_prune -= 1
        if self._until_prune < 0:
            self._until_prune = _PRUNE_EVERY
            await self._run(_PRUNE, (self._function,))

    async def release(self, key: str) -> None:
        """Give the event back."""
        await self._finish(_RELEASE, key)

    async def close(self) -> None:
        """Close the connections."""
        self._leases.close()
        await self._pool.close()

    async def _renew(self, key: str, token: str, lease_s: float) -> None:
        await self._run(_RENEW, (lease_s, self._function, _hashed(key), token))

    async def _finish(self, sql: str, key: str, *values: Any) -> None:
        token = self._leases.let_go(key)
        try:
            await self._run(sql, (*values, self._function, _hashed(key), token))
        except OSError:
            self._leases.doubt(key, token)
            raise

    async def _run(self, sql: str, arguments: Sequence[Any]) -> Any:
        """One statement; its first row, if it returns any."""
        try:
            # A server that froze answers nothing and refuses nothing.
            async with asyncio.timeout(_WAIT_S):
                if not self._ready:
                    await self._open()
                async with self._connection() as connection:
                    cursor = await connection.execute(sql.encode(), arguments)
                    return await cursor.fetchone() if cursor.description else None
        except TimeoutError as error:
            raise ConnectionError(f"PostgreSQL is away: no answer within {_WAIT_S:g} s") from error
        except OperationalError as error:
            raise ConnectionError(f"PostgreSQL is away: {error}") from error
        except PostgresError as error:
            raise OSError(f"PostgreSQL refused: {error}") from error

    async def _open(self) -> None:
        async with self._opening:
            if self._ready:
                return
            await self._pool.open()
            async with self._connection() as connection, connection.transaction():
                await connection.execute(_TABLE)
            self._ready = True

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection]:
        """One that lives, as soon as there is one: those that died while nobody looked are replaced.

        The pool by itself waits a second, then two, then four between connections that died or were refused, which
        outlasts a delivery where a server comes and goes.
        """
        while True:
            with suppress(PoolTimeout):
                async with self._pool.connection() as connection:
                    with suppress(OperationalError):
                        await self._pool.check_connection(connection)
                    if not connection.closed:
                        yield connection
                        return


def _hashed(key: str) -> bytes:
    """Identities may be longer than what an index holds."""
    return sha256(key.encode(errors="surrogatepass")).digest()
