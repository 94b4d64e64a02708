"""The chain while the servers that it remembers in go away and come back."""

from collections import Counter
from pathlib import Path

import pytest

import postgres
from faults.chain import FaultyChain, Trial, chain
from faults.outages import WAYS, Server, outages
from faults.schedule import drawn
from redis_server import RedisServer

pytestmark = [pytest.mark.connected, pytest.mark.timeout(600)]

RUNS = 20
AT_ONCE = 4


def wrong(running: FaultyChain, server: Server, seed: int) -> dict[str, str]:
    """What is wrong with runs that have their own faults besides; they go on until every kind of outage was there."""
    found: dict[str, str] = {}
    with outages(server, seed) as seen:
        for first in range(0, 50 * RUNS, RUNS):
            found |= running.play([Trial.of(seed, drawn(seed)) for seed in range(first, first + RUNS)], AT_ONCE)
            if len(seen) == len(WAYS):
                break
    assert set(seen) == set(WAYS), Counter(seen)
    return found


def test_redis_remembers(own_redis: RedisServer, tmp_path: Path) -> None:
    """With its idempotency in a Redis that comes and goes, each run ends as without, and its effect happens once."""
    with chain(tmp_path, RENGA_STORE=own_redis.url) as running:
        assert wrong(running, own_redis, 1) == {}


def test_postgres_remembers(own_postgres: postgres.Server, tmp_path: Path) -> None:
    """With its idempotency in a PostgreSQL that comes and goes, likewise."""
    with chain(tmp_path, RENGA_STORE=own_postgres.url) as running:
        assert wrong(running, own_postgres, 2) == {}


def test_postgres_under_the_ledger(own_postgres: postgres.Server, tmp_path: Path) -> None:
    """With the ledger in a PostgreSQL that comes and goes, nothing that was said in a run is missing or double."""
    with chain(tmp_path, LEDGER_DATABASE=own_postgres.url) as running:
        assert wrong(running, own_postgres, 4) == {}


def test_postgres_under_the_outbox(own_postgres: postgres.Server, tmp_path: Path) -> None:
    """With the effect and its outbox in a PostgreSQL that comes and goes, the effect happens once."""
    with chain(tmp_path, database=own_postgres.url) as running:
        assert wrong(running, own_postgres, 3) == {}
