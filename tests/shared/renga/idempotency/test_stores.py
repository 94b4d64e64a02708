"""One contract for every idempotency store, on the real servers."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from claiming import claimer
from hosts import free_port
from renga.idempotency import Claimed, Different, Done, InProgress, Store, payload_hash, store_for

Open = Callable[[], Store]
CONNECTED = pytest.mark.connected


@pytest.fixture(params=["sqlite", pytest.param("redis", marks=CONNECTED), pytest.param("postgres", marks=CONNECTED)])
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Opens the same store as often as it is called, as replicas do."""
    if request.param == "sqlite":
        return lambda: store_for(f"sqlite://{tmp_path}", "suite/name")
    url = request.getfixturevalue(f"{request.param}_url")
    name = f"suite/{time.time_ns()}"
    return lambda: store_for(url, name)


def test_a_life(open_store: Open) -> None:
    """Claimed, busy for others, given back, claimed as the next attempt, done with its answer for everybody."""

    async def life() -> None:
        ours, theirs = open_store(), open_store()
        assert await ours.claim("k", 30) == Claimed(1)
        assert isinstance(await theirs.claim("k", 30), InProgress)
        await ours.release("k")
        assert await theirs.claim("k", 30) == Claimed(2)
        await theirs.complete("k", b"\x00answer", 60)
        assert await ours.claim("k", 30) == Done(b"\x00answer")
        assert await ours.claim("other", 30) == Claimed(1)
        await ours.close()
        await theirs.close()

    asyncio.run(life())


def test_a_lease_runs_out(open_store: Open) -> None:
    """What is neither finished nor given back in time is taken over."""

    async def life() -> None:
        ours, theirs = open_store(), open_store()
        assert await ours.claim("k", 0.05) == Claimed(1)
        await asyncio.sleep(0.1)
        assert await theirs.claim("k", 30) == Claimed(2)
        await ours.close()
        await theirs.close()

    asyncio.run(life())


def test_answers_are_forgotten_in_the_end(open_store: Open) -> None:
    """After its time a remembered answer no longer stands in the way."""

    async def life() -> None:
        store = open_store()
        await store.claim("k", 30)
        await store.complete("k", b"x", 0.05)
        await asyncio.sleep(0.1)
        assert isinstance(await store.claim("k", 30), Claimed)
        await store.close()

    asyncio.run(life())


def test_whoever_is_late_changes_nothing(open_store: Open) -> None:
    """Who outlived its lease neither finishes nor gives back what its successor has."""

    async def life() -> None:
        ours, theirs = open_store(), open_store()
        await ours.claim("k", 0.05)
        await asyncio.sleep(0.1)
        assert await theirs.claim("k", 30) == Claimed(2)
        await ours.release("k")
        await ours.complete("k", b"late", 60)
        assert isinstance(await ours.claim("k", 30), InProgress)
        await theirs.complete("k", b"right", 60)
        await ours.complete("k", b"later still", 60)
        assert await ours.claim("k", 30) == Done(b"right")
        await ours.close()
        await theirs.close()

    asyncio.run(life())


def test_an_identity_is_of_one_payload(open_store: Open) -> None:
    """What is in progress or done is not the same event with other data; after a failure it may be mended."""

    async def life() -> None:
        store = open_store()
        assert await store.claim("k", 30, b"one") == Claimed(1)
        assert isinstance(await store.claim("k", 30, b"other"), Different)
        assert isinstance(await store.claim("k", 30, b"one"), InProgress)
        await store.release("k")
        assert await store.claim("k", 30, b"other") == Claimed(2)
        await store.complete("k", b"answer", 60)
        assert isinstance(await store.claim("k", 30, b"one"), Different)
        assert await store.claim("k", 30, b"other") == Done(b"answer")
        await store.close()

    asyncio.run(life())


def test_long_identities(open_store: Open) -> None:
    """A source may be a URL of any length."""

    async def life() -> None:
        store = open_store()
        long = "é" * 10_000
        assert await store.claim(f"{long}1", 30) == Claimed(1)
        assert await store.claim(f"{long}2", 30) == Claimed(1)
        assert isinstance(await store.claim(f"{long}1", 30), InProgress)
        await store.close()

    asyncio.run(life())


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (b'{"n": 1, "t": "\xc3\xa9"}', b'{"n":1,"t":"\\u00e9"}', True),
        (b'{"n": 1}', b'{"n": 2}', False),
        (b"{broken", b"{broken", True),
        (b"{broken", b"{ broken", False),
        (b"", b"", True),
    ],
)
def test_payloads(one: bytes, other: bytes, same: bool) -> None:
    """JSON is compared by its values, anything else by its bytes."""
    assert (payload_hash("application/json", one) == payload_hash("application/json", other)) is same
    assert (payload_hash("text/plain", one) == payload_hash("text/plain", other)) is (one == other)


def test_one_of_many_wins(open_store: Open) -> None:
    """Of fifty claims at once exactly one is granted."""

    async def race() -> None:
        stores = [open_store() for _ in range(2)]
        claims = await asyncio.gather(*(stores[number % 2].claim("k", 30) for number in range(50)))
        assert sorted(type(claim).__name__ for claim in claims) == ["Claimed"] + ["InProgress"] * 49
        for store in stores:
            await store.close()

    asyncio.run(race())


def test_a_dead_process_gives_back_at_once(tmp_path: Path) -> None:
    """On one machine the lease of a process that is gone has run out, however long it was."""
    with claimer(f"sqlite://{tmp_path}"):
        pass

    async def take_over() -> None:
        store = store_for(f"sqlite://{tmp_path}", "suite/name")
        assert await store.claim("k", 30) == Claimed(2)
        await store.close()

    asyncio.run(take_over())


@pytest.mark.parametrize(("scheme", "said"), [("redis", "Redis is away"), ("postgresql", "PostgreSQL is away")])
def test_away_is_an_os_error(scheme: str, said: str) -> None:
    """While the server cannot be reached, every call says so in the one way that hosts understand."""

    async def ask() -> None:
        store = store_for(f"{scheme}://127.0.0.1:{free_port()}/0", "suite/name")
        with pytest.raises(OSError, match=said):
            await store.claim("k", 30)
        await store.close()

    asyncio.run(ask())


def test_unknown_stores_are_refused() -> None:
    """A URL of no known scheme is named with the ones there are."""
    with pytest.raises(ValueError, match="no store has the scheme 'mongodb'; use sqlite:///folder, redis"):
        store_for("mongodb://x", "suite/name")
