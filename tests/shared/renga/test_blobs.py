"""The blob store in a folder, and while it fails."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from renga.blobs import BlobStore, BlobTooLarge, NoBlob
from renga.fates import Retry


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    """An empty one, whose folder is not there yet."""
    return BlobStore(f"file://{tmp_path}/blobs/")


def test_blobs_come_and_go(store: BlobStore, tmp_path: Path) -> None:
    """What was put is read and listed by its name, a second put replaces it, and to delete twice is no fault."""

    async def story() -> None:
        await store.put("a/one", b"1")
        (tmp_path / "file").write_bytes(b"22")
        await store.put("a/two", tmp_path / "file")
        await store.put("b", b"3")
        assert await store.names("a") == ["a/one", "a/two"]
        assert await store.names("none") == []
        await store.put("a/one", b"other")
        assert await store.read("a/one") == b"other"
        await store.delete(["a/one", "a/one", "a/two"])
        assert await store.names("a") == []
        with pytest.raises(NoBlob, match=r"There is nothing at file://.*/blobs/a/one"):
            await store.read("a/one")

    asyncio.run(story())


def test_of_many_who_write_one_is_the_first(store: BlobStore) -> None:
    """The others are told, and what the first wrote stays."""

    async def story() -> None:
        wrote = await asyncio.gather(*(store.put_new("x", str(number).encode()) for number in range(8)))
        assert wrote.count(True) == 1
        assert await store.read("x") == str(wrote.index(True)).encode()

    asyncio.run(story())


def test_a_blob_that_is_too_large_is_not_fetched(store: BlobStore, tmp_path: Path) -> None:
    """One of the right size is written to a file, whole; of a larger one not a byte; nowhere is where it cannot be."""
    data = bytes(range(256)) * 10_000

    async def story() -> None:
        await store.put("x", data)
        await store.fetch("x", tmp_path / "whole", len(data))
        assert (tmp_path / "whole").read_bytes() == data
        with pytest.raises(BlobTooLarge, match="has 2560000 bytes; 2559999 are taken"):
            await store.fetch("x", tmp_path / "none", len(data) - 1)
        assert not (tmp_path / "none").exists()
        # It is not the store that is away.
        with pytest.raises(IsADirectoryError):
            await store.fetch("x", tmp_path, len(data))

    asyncio.run(story())


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("{url}/x", "x"),
        ("{url}/a/b-1.parquet", "a/b-1.parquet"),
        ("{url}", None),
        ("{url}/", None),
        ("{url}s/x", None),
        ("{url}/../x", None),
        ("{url}/a/../x", None),
        ("{url}//x", None),
        ("{url}/.hidden", None),
        ("{url}/a%2Fb", None),
        ("file:///etc/passwd", None),
        ("gs://other/x", None),
    ],
)
def test_only_what_is_in_the_store_has_a_name(store: BlobStore, reference: str, name: str | None) -> None:
    """A URL of elsewhere, or one that leads out, has none."""
    assert store.name_of(reference.format(url=store.url)) == name
    if name:
        assert store.reference(name) == reference.format(url=store.url)


def test_a_store_that_is_away(store: BlobStore, tmp_path: Path) -> None:
    """Everything that is asked of it is asked again later."""

    async def story() -> None:
        await store.put("x", b"1")
        (tmp_path / "blobs" / "x").unlink()
        (tmp_path / "blobs").rmdir()
        (tmp_path / "blobs").write_text("in the way")
        asked: list[Callable[[], Awaitable[object]]] = [
            lambda: store.put("x", b"1"),
            lambda: store.put_new("x", b"1"),
            lambda: store.read("x"),
            lambda: store.fetch("x", tmp_path / "file", 10),
        ]
        for ask in asked:
            with pytest.raises(Retry, match=r"cannot be (put|read)"):
                await ask()

    asyncio.run(story())
