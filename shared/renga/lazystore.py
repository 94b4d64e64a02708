"""A store in a database as a function of the platform has it: opened late, asked from the event loop."""

import asyncio
import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from renga.fates import Retry


class Closable(Protocol):
    """What a store must be."""

    def close(self) -> None:
        """Close every connection."""


S = TypeVar("S", bound=Closable)
T = TypeVar("T")


class LazyStore(Generic[S]):
    """Opened, and SQLAlchemy imported, with the first question: that takes longer than a function to start.

    Args:
        url: `sqlite:////folder/file.db` or `postgresql://user@host/database`.
        setting: where the URL was given, for errors.
        open_at: makes the store of a URL.

    Raises:
        ValueError: the URL is neither.
    """

    def __init__(self, url: str, setting: str, open_at: Callable[[str], S]) -> None:
        scheme = url.partition(":")[0]
        if scheme.partition("+")[0] not in {"sqlite", "postgres", "postgresql"}:
            # Only the scheme is said: the rest may hold a password.
            raise ValueError(
                f"{setting} has the scheme {scheme[:20]!r}; "
                "use sqlite:////folder/file.db or postgresql://user@host/database."
            )
        self._url = url
        self._open_at = open_at
        self._opening = threading.Lock()
        self._opened: S | None = None

    async def ask(self, question: Callable[[S], T]) -> T:
        """What the store says to a question, which blocks a thread meanwhile.

        Raises:
            Retry: the database is away, or its folder cannot be written.
            Exception: what else the question raises.
        """
        try:
            return await asyncio.to_thread(lambda: question(self._store))
        except OSError as error:
            raise Retry(str(error)) from error

    def close(self) -> None:
        """Close the store, if it was opened."""
        if self._opened is not None:
            self._opened.close()

    @property
    def _store(self) -> S:
        """Opened by the first of the threads that need it."""
        with self._opening:
            if self._opened is None:
                self._opened = self._open_at(self._url)
            return self._opened
