"""The chain while the servers that it remembers in go away and come back."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import postgres
import redis_server
from faults.chain import FaultyChain, Trial, chain
from faults.outages import WAYS, Server, outages
from faults.schedule import drawn

pytestmark = [pytest.mark.connected, pytest.mark.timeout(600)]

RUNS = 20
AT_ONCE = 4


def wrong(running: FaultyChain, server: Server, seed: int) -> dict[str, str]:
    """What is wrong with runs that have their own faults besides; they go on until every kind of outage was there."""
    found: dict[str, str] = {}
    with outages(server, seed) as seen:
        for first in range(0, 10 * RUNS, RUNS):
            found |= running.play([Trial.of(seed, drawn(seed)) for seed in range(first, first + RUNS)], AT_ONCE)
            if len(seen) == len(WAYS):
                break
    assert set(seen) == set(WAYS), Counter(seen)
    return found


def postgres_server() -> Any:
    """A real PostgreSQL of our own."""
    programs = postgres.binaries()
    if programs is None:
        pytest.skip(postgres.MISSING)
    return postgres.servers(programs)


def test_redis_remembers(tmp_path: Path) -> None:
    """With its idempotency in a Redis that comes and goes, each run ends as without, and its effect happens once."""
    with redis_server.server(tmp_path) as server, chain(tmp_path, RENGA_STORE=server.url) as running:
        assert wrong(running, server, 1) == {}


def test_postgres_remembers(tmp_path: Path) -> None:
    """With its idempotency in a PostgreSQL that comes and goes, likewise."""
    with postgres_server() as server, chain(tmp_path, RENGA_STORE=server.url) as running:
        assert wrong(running, server, 2) == {}


def test_postgres_under_the_ledger(tmp_path: Path) -> None:
    """With the ledger in a PostgreSQL that comes and goes, nothing that was said in a run is missing or double."""
    with postgres_server() as server, chain(tmp_path, LEDGER_DATABASE=server.url) as running:
        assert wrong(running, server, 4) == {}


def test_postgres_under_the_outbox(tmp_path: Path) -> None:
    """With the effect and its outbox in a PostgreSQL that comes and goes, the effect happens once."""
    with postgres_server() as server, chain(tmp_path, database=server.url) as running:
        assert wrong(running, server, 3) == {}
