"""Each event is handled once: who has claimed it, and what was answered when it was done."""

from contextlib import suppress
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

from pydantic_core import from_json, to_json

from renga.wire import is_json


class Claimed(NamedTuple):
    """The event is ours to handle."""

    attempt: int
    """Counts from 1; more than 1 after a failure or a crash."""


class InProgress(NamedTuple):
    """Somebody else is at it and still alive."""


class Done(NamedTuple):
    """It was handled; this is what was answered."""

    answer: bytes


class Different(NamedTuple):
    """The identity is that of an event with other data: one of the two would be lost in the other's answer."""


Claim = Claimed | InProgress | Done | Different


class Store(Protocol):
    """Remembers what was handled. Keys are whole identities; every method may raise OSError when the store is away."""

    async def claim(self, key: str, lease_s: float, payload: bytes = b"") -> Claim:
        """Take an event, unless it is done or somebody has it; a lease that ran out is taken over.

        Args:
            key: the identity.
            lease_s: how long it is ours at most (seconds); it ends soon after the process does.
            payload: see `payload_hash`.
        """
        ...

    async def complete(self, key: str, answer: bytes, keep_s: float) -> None:
        """Remember the answer for `keep_s` seconds."""
        ...

    async def release(self, key: str) -> None:
        """Give the event back after a failure; the next claim counts one attempt more."""
        ...

    async def close(self) -> None:
        """Let go of files and connections."""
        ...


def payload_hash(content_type: str | None, data: bytes) -> bytes:
    """What tells one payload from another; JSON counts by its values, because transports may write it anew."""
    from hashlib import blake2b

    if is_json(content_type):
        with suppress(ValueError):  # Bytes that are not what their type says count as they are.
            data = to_json(from_json(data))
    return blake2b(data, digest_size=16).digest()


def store_for(url: str, function: str) -> Store:
    """The store behind a URL: `sqlite:///path/to/folder`, `redis://host` or `postgresql://host/database`.

    Raises:
        ValueError: no store has this scheme.
    """
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        from renga.idempotency.sqlite import SqliteStore

        return SqliteStore.in_folder(urlsplit(url).path, function)
    if scheme in {"redis", "rediss"}:
        from renga.idempotency.redis import RedisStore

        return RedisStore(url, function)
    if scheme in {"postgresql", "postgres"}:
        from renga.idempotency.postgres import PostgresStore

        return PostgresStore(url, function)
    raise ValueError(
        f"RENGA_STORE={url!r}: no store has the scheme {scheme!r}; "
        "use sqlite:///folder, redis://host or postgresql://host/database."
    )
