"""Stores on servers that go away and come back: what is lost is time."""

import asyncio
import itertools
import json
import signal
import time
from pathlib import Path

import pytest

from claiming import claimer
from hosts import Start, held
from postgres import Server
from redis_server import RedisServer
from renga.idempotency import Claimed, Done, InProgress, Store, store_for
from renga.idempotency.leases import ALIVE_S

pytestmark = [pytest.mark.connected, pytest.mark.timeout(180)]

PATIENCE_S = 30.0
"""Within this, a server that froze must have been given up on; twice the stores' own limit and a busy machine."""


@pytest.fixture(params=["redis", "postgres"])
def away(request: pytest.FixtureRequest) -> RedisServer | Server:
    """A server that may be stopped."""
    running: RedisServer | Server = request.getfixturevalue(f"own_{request.param}")
    return running


async def until_claimed(store: Store, key: str) -> Claimed:
    """Claim again and again, as a broker delivers."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            claim = await store.claim(key, 60)
        except OSError:
            claim = InProgress()
        if isinstance(claim, Claimed):
            return claim
        assert time.monotonic() < deadline, f"{key} is not to be had: {claim}"
        await asyncio.sleep(0.1)


async def stays_claimed(ours: Store, theirs: Store, key: str) -> bool:
    """See that nobody else can have a claim beyond ALIVE_S; False where this process stood still, and renewed nothing.

    Half of ALIVE_S is left of the lease at the end.
    """
    await ours.claim(key, ALIVE_S * 2)
    begun = looked = time.monotonic()
    while looked < begun + ALIVE_S * 1.5:
        await asyncio.sleep(0.2)
        claim = await theirs.claim(key, 60)
        before, looked = looked, time.monotonic()
        if looked - before > ALIVE_S / 2:
            return False
        assert isinstance(claim, InProgress)
    return True


def test_frozen_while_claiming(away: RedisServer | Server) -> None:
    """A frozen server is given up on in time, and what it grants afterwards keeps the event from nobody."""

    async def story() -> None:
        store = store_for(away.url, "suite/name")
        assert await store.claim("first", 60) == Claimed(1)
        away.signal(signal.SIGSTOP)
        with pytest.raises(OSError, match="away"):
            async with asyncio.timeout(PATIENCE_S):
                await store.claim("k", 60)
        away.signal(signal.SIGCONT)
        await until_claimed(store, "k")
        assert isinstance(await store.claim("k", 60), InProgress), "it is being handled now"
        await store.close()

    asyncio.run(story())


def test_away_while_giving_back(away: RedisServer | Server) -> None:
    """What could not be given back is not kept from whoever wanted to."""

    async def story() -> None:
        store = store_for(away.url, "suite/name")
        await store.claim("k", 60)
        away.crash()
        with pytest.raises(OSError, match="away"):
            await store.release("k")
        away.start()
        await until_claimed(store, "k")
        await store.close()

    asyncio.run(story())


def test_a_dead_claimer(away: RedisServer | Server) -> None:
    """What a dead process had claimed can be had before a broker's last retry, however long its lease was."""

    async def story() -> None:
        store = store_for(away.url, "suite/name")
        with claimer(away.url):
            assert isinstance(await store.claim("k", 60), InProgress)
        assert await until_claimed(store, "k") == Claimed(2)
        await store.close()

    asyncio.run(story())


def test_a_living_claimer(away: RedisServer | Server) -> None:
    """What a living process has claimed stays its own until the lease ends, and no longer."""

    async def story() -> None:
        ours, theirs = store_for(away.url, "suite/name"), store_for(away.url, "suite/name")
        keys = (f"k{number}" for number in itertools.count())
        while not await stays_claimed(ours, theirs, key := next(keys)):
            pass
        assert await until_claimed(theirs, key) == Claimed(2)
        await ours.close()
        await theirs.close()

    asyncio.run(story())


def test_away_when_it_is_done(start: Start, away: RedisServer | Server, tmp_path: Path) -> None:
    """What was handled while the store went away is answered, and not handled again for the store's sake."""
    hosted = start("outcomes", RENGA_STORE=away.url)
    assert hosted.deliver('{"do": "answer"}', header_prefer="reply").status == 200
    with held(hosted, tmp_path / "go", header_prefer="reply") as handling:
        away.crash()
    answer = handling.result()
    assert (answer.status, json.loads(answer.body)["handled"]) == (200, 2)


def test_cut_off(away: RedisServer | Server) -> None:
    """Connections that were cut are replaced, and what was remembered is known."""

    async def story() -> None:
        store = store_for(away.url, "suite/name")
        await store.claim("k", 60)
        await store.complete("k", b"answer", 60)
        away.hang_up()
        assert await store.claim("k", 60) == Done(b"answer")
        await store.close()

    asyncio.run(story())


def test_back_soon(away: RedisServer | Server) -> None:
    """After a server has been away for a while, the store does not stay away for longer."""

    async def story() -> None:
        store = store_for(away.url, "suite/name")
        await store.claim("first", 60)
        away.stop()
        for number in range(2):
            with pytest.raises(OSError, match="away"):
                await store.claim(f"k{number}", 60)
        away.start()
        await until_claimed(store, "k0")
        await store.close()

    asyncio.run(story())
