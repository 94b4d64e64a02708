"""The blob store: what is too large to travel with an event, by name."""

import re
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from renga.fates import Retry

if TYPE_CHECKING:
    from obstore import GetResult
    from obstore.store import ObjectStore

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_PIECE_BYTES = 1024 * 1024


class NoBlob(LookupError):  # noqa: N818 - says what is the case
    """The store has nothing of this name."""


class BlobTooLarge(ValueError):  # noqa: N818 - likewise
    """A blob has more bytes than are wanted."""


class BlobStore:
    """One store; imported and opened with the first question. Every method raises Retry where the store is away.

    Args:
        url: `file:///folder`, `gs://bucket/prefix`, `s3://...`, `az://...`.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._store: ObjectStore | None = None

    def reference(self, name: str) -> str:
        """The URL of a blob, as events carry it."""
        return f"{self.url}/{name}"

    def name_of(self, reference: str) -> str | None:
        """The name of a blob of this store by its URL; None where it is of elsewhere, which is never fetched."""
        if not reference.startswith(f"{self.url}/"):
            return None
        name = reference[len(self.url) + 1 :]
        return name if _NAME.fullmatch(name) else None

    async def read(self, name: str) -> bytes:
        """A whole blob.

        Raises:
            NoBlob: there is none.
        """
        try:
            return bytes(await (await self._get(name)).bytes_async())
        except _failures() as error:
            raise self._unreadable(name, error) from error

    async def fetch(self, name: str, file: Path, most_bytes: int) -> None:
        """Write a blob to a file, piece by piece.

        Raises:
            NoBlob: there is none.
            BlobTooLarge: it has more than `most_bytes`; nothing of it was fetched then.
            OSError: the file cannot be written.
        """
        found = await self._get(name)
        size = found.meta["size"]
        if size > most_bytes:
            raise BlobTooLarge(f"{self.reference(name)} has {size} bytes; {most_bytes} are taken.")
        with file.open("wb") as target:
            async for piece in self._pieces(name, found):
                target.write(piece)

    async def put(self, name: str, data: bytes | Path) -> None:
        """Keep bytes, or a file's, in the place of what there was."""
        try:
            await self._open().put_async(name, data)
        except _failures() as error:
            raise self._unwritable(name, error) from error

    async def put_new(self, name: str, data: bytes) -> bool:
        """Keep bytes unless there are some: of several writers one is the first, and the others are told False."""
        from obstore.exceptions import AlreadyExistsError

        try:
            await self._open().put_async(name, data, mode="create")
        except AlreadyExistsError:
            return False
        except _failures() as error:
            raise self._unwritable(name, error) from error
        return True

    async def names(self, folder: str) -> list[str]:
        """The names of all blobs below a folder, in order."""
        try:
            found = await self._open().list(folder).collect_async()
        except _failures() as error:
            raise self._unreadable(folder, error) from error
        return sorted(one["path"] for one in found)

    async def delete(self, names: Iterable[str]) -> None:
        """Let blobs go; one that is gone already is no fault."""
        for name in names:
            try:
                await self._open().delete_async(name)
            except FileNotFoundError:
                continue
            except _failures() as error:
                raise self._unwritable(name, error) from error

    async def _get(self, name: str) -> "GetResult":
        try:
            return await self._open().get_async(name)
        except FileNotFoundError:
            raise NoBlob(f"There is nothing at {self.reference(name)[:200]}.") from None
        except _failures() as error:
            raise self._unreadable(name, error) from error

    async def _pieces(self, name: str, found: "GetResult") -> AsyncIterator[bytes]:
        try:
            async for piece in found.stream(min_chunk_size=_PIECE_BYTES):
                yield piece
        except _failures() as error:
            raise self._unreadable(name, error) from error

    def _unreadable(self, name: str, error: Exception) -> Retry:
        return Retry(f"The data at {self.reference(name)[:200]} cannot be read: {_said(error)}.")

    def _unwritable(self, name: str, error: Exception) -> Retry:
        return Retry(f"The data cannot be put at {self.reference(name)[:200]}: {_said(error)}.")

    def _open(self) -> "ObjectStore":
        if self._store is None:
            from obstore.store import from_url

            is_folder = urlsplit(self.url).scheme == "file"
            self._store = from_url(self.url, mkdir=True) if is_folder else from_url(self.url)
        return self._store


def _failures() -> tuple[type[Exception], ...]:
    """What a store raises that is away; some of it is no OSError."""
    from obstore.exceptions import BaseError

    return OSError, BaseError


def _said(error: Exception) -> str:
    """The store's own first line; below it is its source code's view."""
    return str(error).partition("\n")[0][:200]
