"""Claim check: data beyond a limit goes to the blob store, and the event carries where it is (`dataref`)."""

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from renga.fates import Reject, Retry
from renga.wire import WireEvent

if TYPE_CHECKING:
    from obstore.store import ObjectStore

DEFAULT_LIMIT_BYTES = 256 * 1024


class ClaimCheck:
    """Checks data in and out of one blob store.

    Args:
        url: where blobs are: `file:///folder`, `gs://bucket/prefix`, `s3://...`, `az://...`.
        limit: most bytes of data that travel inside an event.
    """

    def __init__(self, url: str, limit: int = DEFAULT_LIMIT_BYTES) -> None:
        self.url = url
        self.limit = limit
        self._store: ObjectStore | None = None

    async def check_in(self, event: WireEvent) -> WireEvent:
        """The event itself, or one with `dataref` in place of data that is too large to travel.

        A blob is named by its content, so that a second delivery writes the same one.

        Raises:
            Retry: the store does not take it now.
        """
        data = event.data
        if data is None or len(data) <= self.limit:
            return event
        import hashlib

        name = hashlib.sha256(data).hexdigest()
        reference = f"{self.url.rstrip('/')}/{name}"
        try:
            await self._open().put_async(name, data)
        except _failures() as error:
            raise Retry(f"The data cannot be put at {reference[:200]}: {_said(error)}.") from error
        return WireEvent(replace(event.envelope, extensions={**event.envelope.extensions, "dataref": reference}))

    async def check_out(self, event: WireEvent) -> bytes | None:
        """The event's data, wherever it is.

        Raises:
            Reject: `dataref` points outside this store. What a sender names is never fetched from elsewhere.
            Retry: the blob is not there, or not yet.
        """
        reference = event.envelope.extension("dataref")
        if event.data is not None or reference is None:
            return event.data
        folder, _, name = reference.rpartition("/")
        if folder != self.url.rstrip("/") or not name.isalnum():
            raise Reject(f"dataref {reference[:200]!r} is not in this function's blob store.")
        try:
            result = await self._open().get_async(name)
            return bytes(await result.bytes_async())
        except _failures() as error:
            raise Retry(f"The data at {reference[:200]} cannot be read: {_said(error)}.") from error

    def _open(self) -> "ObjectStore":
        if self._store is None:
            from obstore.store import from_url

            is_folder = urlsplit(self.url).scheme == "file"
            self._store = from_url(self.url, mkdir=True) if is_folder else from_url(self.url)
        return self._store


def _failures() -> tuple[type[Exception], ...]:
    """What a store raises that is away, or lacks a blob; some of it is no OSError."""
    from obstore.exceptions import BaseError

    return OSError, BaseError


def _said(error: Exception) -> str:
    """The store's own first line; below it is its source code's view."""
    return str(error).partition("\n")[0][:200]
