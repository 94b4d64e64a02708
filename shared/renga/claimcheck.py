"""Claim check: data beyond a limit goes to the blob store, and the event carries where it is (`dataref`)."""

from dataclasses import replace

from renga.blobs import BlobStore, NoBlob
from renga.fates import Reject, Retry
from renga.wire import WireEvent

DEFAULT_LIMIT_BYTES = 256 * 1024


class ClaimCheck:
    """Checks data in and out of one blob store.

    Args:
        url: where blobs are: `file:///folder`, `gs://bucket/prefix`, `s3://...`, `az://...`.
        limit: most bytes of data that travel inside an event.
    """

    def __init__(self, url: str, limit: int = DEFAULT_LIMIT_BYTES) -> None:
        self.limit = limit
        self._blobs = BlobStore(url)

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
        await self._blobs.put(name, data)
        return WireEvent(
            replace(event.envelope, extensions={**event.envelope.extensions, "dataref": self._blobs.reference(name)})
        )

    async def check_out(self, event: WireEvent) -> bytes | None:
        """The event's data, wherever it is.

        Raises:
            Reject: `dataref` points outside this store. What a sender names is never fetched from elsewhere.
            Retry: the blob is not there, or not yet.
        """
        reference = event.envelope.extension("dataref")
        if event.data is not None or reference is None:
            return event.data
        name = self._blobs.name_of(reference)
        if name is None or not name.isalnum():
            raise Reject(f"dataref {reference[:200]!r} is not in this function's blob store.")
        try:
            return await self._blobs.read(name)
        except NoBlob as error:
            raise Retry(str(error)) from error
