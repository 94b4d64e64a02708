"""The whole chain, submitted to generated, warm and durable; the peer is the same library calls in one process."""

import asyncio
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from laptop import Laptop
from measuring import say
from renga.http.client import Client
from renga_schema import lint, read, writers
from running import one_run_s

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]

TARGETS = ("postgres", "mysql", "sqlite", "markdown")
IN_FLIGHT = 32


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """A runtime with everything at zero."""
    runtime = Laptop(tmp_path_factory.mktemp("laptop")).up()
    yield runtime
    runtime.down()


@pytest.fixture(scope="module")
def design(repository: Path) -> str:
    """The shop."""
    return (repository / "examples" / "shop.sql").read_text()


def in_process_s(design: str) -> float:
    """Seconds of the same work as four plain calls."""
    began = time.perf_counter()
    schema = read(design, file="shop.sql").schema
    lint.check(schema)
    for target in TARGETS:
        writers.write(schema, target, name="shop.sql")
    return time.perf_counter() - began


def resident_mb(pid: int) -> float:
    """Resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def test_idle_memory(laptop: Laptop) -> None:
    """The runtime with every function at zero."""
    say(
        "idle memory of renga up, every function at zero",
        MB=resident_mb(laptop.pid),
        of_the_80_MB_aim=resident_mb(laptop.pid) / 80,
    )


def test_end_to_end(laptop: Laptop, design: str) -> None:
    """One design at a time."""

    async def runs() -> list[float]:
        client = Client()
        for _ in range(10):
            await one_run_s(client, laptop.url, design, TARGETS)
        seconds = [await one_run_s(client, laptop.url, design, TARGETS) for _ in range(100)]
        client.close()
        return seconds

    seconds = asyncio.run(runs())
    alone = statistics.median(in_process_s(design) for _ in range(20))
    p50, p95 = statistics.median(seconds), statistics.quantiles(seconds, n=20)[18]
    say(
        "the chain, one at a time, as a multiple of the same calls in one process",
        p50=p50 / alone,
        p95=p95 / alone,
        p95_of_the_100_ms_aim=p95 / 0.1,
    )


def test_throughput(laptop: Laptop, design: str) -> None:
    """Many designs at a time: the processes share two cores, and parsing and writing bound it."""

    async def runs(total: int) -> list[float]:
        client = Client()
        waiting = iter(range(total))

        async def worker() -> list[float]:
            return [await one_run_s(client, laptop.url, design, TARGETS) for _ in waiting]

        took = await asyncio.gather(*(worker() for _ in range(IN_FLIGHT)))
        client.close()
        return [seconds for some in took for seconds in some]

    asyncio.run(runs(IN_FLIGHT))
    began = time.perf_counter()
    seconds = asyncio.run(runs(300))
    per_second = 300 / (time.perf_counter() - began)
    alone = statistics.median(in_process_s(design) for _ in range(20))
    say(
        f"the chain, {IN_FLIGHT} in flight",
        events_per_second=4 * per_second,
        of_one_process_without_events=per_second * alone,
        p95_ms=statistics.quantiles(seconds, n=20)[18] * 1000,
    )
