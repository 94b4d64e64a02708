"""Each event is handled once: who has claimed it, and what was answered when it was done."""

from typing import NamedTuple, Protocol
from urllib.parse import urlsplit


class Claimed(NamedTuple):
    """The event is ours to handle."""

    attempt: int
    """Counts from 1; more than 1 after a failure or a crash."""


class InProgress(NamedTuple):
    """Somebody else is at it and still alive."""


class Done(NamedTuple):
    """It was handled; this is what was answered."""

    answer: bytes


class Store(Protocol):
    """Remembers what was handled. Keys are whole identities; every method may raise OSError when the store is away."""

    async def claim(self, key: str, lease_s: float) -> Claimed | InProgress | Done:
        """Take an event, unless it is done or somebody has it; a lease that ran out is taken over."""
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


def store_for(url: str, function: str) -> Store:
    """The store behind a URL: `sqlite:///path/to/folder` or `redis://host`.

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
    raise ValueError(f"RENGA_STORE={url!r}: no store has the scheme {scheme!r}; use sqlite:///folder or redis://host.")
