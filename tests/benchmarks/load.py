"""The chain under load, durable: memory, errors, the queue; then idle connections by the thousand.

`python load.py --minutes 10` finds the highest rate that this machine sustains, keeps it up for so long and says what
it saw. Ends with 1 where there was an error, or the queue did not drain.
"""

import argparse
import asyncio
import itertools
import json
import os
import resource
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
sys.path.insert(0, str(REPOSITORY / "tests" / "support"))

from laptop import Laptop  # noqa: E402 - its folder is named just above
from measuring import say  # noqa: E402
from renga.http.client import Client  # noqa: E402
from running import one_run_s  # noqa: E402

DESIGN = "CREATE TABLE thing (id int PRIMARY KEY, note text);"
FIRST_RATE = 8.0
"""Runs per second."""
STEP = 1.25
STEP_S = 10.0
MOST_BEHIND_S = 2.0
"""A rate is sustained while, at the end of its step, neither callers nor deliveries are behind by more than this."""
DELIVERIES = 7
"""Of one run: three to functions, and four events to the ledger."""
HEADROOM = 0.8
CALLERS = 64
"""At a time; a hundred and more would find the door's queue full, which is Knative's rule and no error of anybody's."""
SAMPLE_S = 5.0
SETTLED = 0.3
"""The share of the time that memory has to settle: caches fill, pools open."""
IDLE = 10_000
WATCHED_RUNS = 60


@dataclass
class Watch:
    """What is seen of the runtime while it works."""

    laptop: Laptop
    client: Client = field(default_factory=Client)
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CALLERS))
    errors: list[str] = field(default_factory=list)
    memory: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    """Per process: minutes since the start, and MB."""

    async def submit(self) -> None:
        """One run; it is not waited for."""
        body = json.dumps({"text": DESIGN, "targets": ["sqlite"], "schema_id": os.urandom(8).hex()}).encode()
        headers = [("content-type", "application/json")]
        try:
            url = f"{self.laptop.url}/schema/submit"
            async with self.turns:
                answer = await self.client.request("POST", url, headers=headers, body=body, timeout_s=60)
            if answer.status != 200:
                self.errors.append(f"{answer.status} {answer.body[:200]!r}")
        except (ConnectionError, TimeoutError) as error:
            self.errors.append(repr(error))

    async def keep_up(self, rate: float, seconds: float) -> None:
        """Submit at a rate, whether or not the answers keep pace."""
        loop = asyncio.get_running_loop()
        began, tasks = loop.time(), set()
        for number in range(int(rate * seconds)):
            await asyncio.sleep(began + number / rate - loop.time())
            task = loop.create_task(self.submit())
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        if tasks:
            await asyncio.wait(tasks)

    async def pending(self) -> int:
        """Deliveries that are owed."""
        said = json.loads((await self.client.request("GET", f"{self.laptop.url}/-/status")).body)
        if said["lost"]:
            self.errors.append(f"{said['lost']} events are lost")
        found: int = said["pending"]
        return found

    async def drained(self, within_s: float) -> bool:
        """Whether nothing is owed any more in time."""
        deadline = time.monotonic() + within_s
        while await self.pending():
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.2)
        return True

    async def sample(self) -> None:
        """Note everybody's memory now and then."""
        began = time.monotonic()
        while True:
            status = json.loads((await self.client.request("GET", f"{self.laptop.url}/-/status")).body)
            processes = {"runtime": [status["pid"]]}
            for service in status["services"]:
                processes[service["function"]] = [replica["pid"] for replica in service["replicas"]]
            for name, pids in processes.items():
                for pid in pids:
                    if (found := resident_mb(pid)) is not None:
                        self.memory[f"{name} {pid}"].append(((time.monotonic() - began) / 60, found))
            await asyncio.sleep(SAMPLE_S)

    def slopes(self) -> dict[str, float]:
        """MB per minute of each process that was there long enough, once it had settled."""
        found = {}
        ends = max(samples[-1][0] for samples in self.memory.values())
        for name, samples in self.memory.items():
            late = [sample for sample in samples if sample[0] > ends * SETTLED]
            if len(late) > 5:
                found[name.partition(" ")[0]] = statistics.linear_regression(*zip(*late, strict=True)).slope
        return found


def resident_mb(pid: int) -> float | None:
    """Resident memory; None of a process that is gone."""
    try:
        return int(Path(f"/proc/{pid}/status").read_text().partition("VmRSS:")[2].split()[0]) / 1024
    except (OSError, IndexError):
        return None


async def highest_rate(watch: Watch) -> float:
    """Step up until what is owed no longer drains within a moment."""
    sustained = FIRST_RATE
    for number in itertools.count():
        rate = FIRST_RATE * STEP**number
        began = time.monotonic()
        await watch.keep_up(rate, STEP_S)
        late = time.monotonic() - began > STEP_S + MOST_BEHIND_S
        if late or await watch.pending() > MOST_BEHIND_S * rate * DELIVERIES:
            break
        sustained = rate
    await watch.drained(120)
    return sustained * HEADROOM


async def idle_connections(watch: Watch) -> float:
    """How much longer the chain's p95 is beside idle connections than without them."""

    async def p95_s() -> float:
        seconds = [await one_run_s(watch.client, watch.laptop.url, DESIGN, ["sqlite"]) for _ in range(WATCHED_RUNS)]
        return statistics.quantiles(seconds, n=20)[18]

    await p95_s()
    without = await p95_s()
    connections = []
    port = int(watch.laptop.url.rpartition(":")[2])
    for _ in range(IDLE // 100):
        opened = [asyncio.open_connection("127.0.0.1", port) for _ in range(100)]
        connections += [writer for _, writer in await asyncio.gather(*opened)]
    # Each has been used once, and is kept.
    for writer in connections:
        writer.write(b"GET /-/status HTTP/1.1\r\nhost: localhost\r\n\r\n")
    await asyncio.sleep(IDLE / 1000)
    beside = await p95_s()
    again = sum(not writer.is_closing() for writer in connections)
    say("idle connections", open=float(again), runtime_mb=resident_mb(watch.laptop.pid) or 0.0)
    for writer in connections:
        writer.close()
    return beside / without


async def load(laptop: Laptop, minutes: float, rate: float | None) -> int:
    """The whole of it; the exit status."""
    watch = Watch(laptop)
    await watch.keep_up(2, 5)
    rate = rate or await highest_rate(watch)
    say("rate", runs_per_second=rate, events_per_second=rate * 4)
    watch.errors.clear()
    sampling = asyncio.create_task(watch.sample())
    await watch.keep_up(rate, minutes * 60)
    owed = await watch.pending()
    drained = await watch.drained(120)
    sampling.cancel()
    say(f"after {minutes:g} minutes", errors=float(len(watch.errors)), owed=float(owed), drained=str(drained))
    say("memory, MB per minute", **watch.slopes())
    say("memory, MB at the end", **{name.partition(" ")[0]: seen[-1][1] for name, seen in watch.memory.items()})
    say("p95 beside idle connections as a multiple of that without", ratio=await idle_connections(watch))
    for error in watch.errors[:10]:
        sys.stdout.write(f"{error}\n")
    watch.client.close()
    return 0 if drained and not watch.errors else 1


def main() -> None:
    """Bring a runtime up and load it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=10.0, help="at the highest rate")
    options.add_argument("--rate", type=float, help="runs per second, instead of the highest")
    given = options.parse_args()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # it is a text file
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory(prefix="renga-load-") as state:
        laptop = Laptop(Path(state)).up("--no-verify")
        try:
            status = asyncio.run(load(laptop, given.minutes, given.rate))
        finally:
            laptop.down()
    sys.exit(status)


if __name__ == "__main__":
    main()
