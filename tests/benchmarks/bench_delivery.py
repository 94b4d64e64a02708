"""Delivery by transport: the chain through our Broker and through Pub/Sub's emulator, and each of them alone."""

import asyncio
import base64
import itertools
import json
import os
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from hosts import free_port
from laptop import Laptop
from measuring import say
from pubsub_server import PubSubServer
from renga.http.asgi import Receive, Scope, Send, read_body, send_whole
from renga.http.client import Client
from renga.http.server import Server
from running import one_run_s

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]

TARGETS = ("postgres", "sqlite", "markdown")
IN_FLIGHT = 16
EVENTS = {1: 200, IN_FLIGHT: 4000}
"""In each round, by how many are in flight."""
ROUNDS = 3
DATA = b'{"n":1}'


@dataclass(frozen=True)
class Seen:
    """What came of many events."""

    per_second: float
    latencies_ms: list[float]
    cpu_s: float = 0.0
    """Of the transport's process."""

    def figures(self) -> dict[str, float]:
        """For printing."""
        cuts = statistics.quantiles(self.latencies_ms, n=100)
        return {"per_second": self.per_second, "p50_ms": cuts[49], "p95_ms": cuts[94], "p99_ms": cuts[98]}


Publish = Callable[[Client, str], Awaitable[None]]


class Receiver:
    """The subscriber: says of each event that it is here."""

    def __init__(self) -> None:
        self.awaited: dict[str, asyncio.Future[None]] = {}
        self.url = ""

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take an event."""
        await read_body(receive, limit=2**20)
        event_id = next(value.decode() for name, value in scope["headers"] if name == b"ce-id")
        await send_whole(send, 204, [], b"")
        waiting = self.awaited.pop(event_id, None)
        if waiting is not None:
            waiting.set_result(None)

    @asynccontextmanager
    async def listening(self, port: int) -> AsyncIterator[None]:
        """Listen for a while."""
        server = Server(self.answer)
        await server.start("127.0.0.1", port)
        yield
        await server.drain(2)

    async def load(self, publish: Publish, prefix: str, in_flight: int, events: int) -> Seen:
        """Publish events, each worker its next one when its last one was delivered."""
        client, taken, latencies = Client(), iter(range(events)), []

        async def worker() -> None:
            for number in taken:
                event_id = f"{prefix}-{number}"
                here = self.awaited[event_id] = asyncio.get_running_loop().create_future()
                began = time.perf_counter()
                await publish(client, event_id)
                async with asyncio.timeout(60):
                    await here
                latencies.append((time.perf_counter() - began) * 1000)

        began = time.perf_counter()
        await asyncio.gather(*(worker() for _ in range(in_flight)))
        took = time.perf_counter() - began
        client.close()
        return Seen(events / took, latencies)


def to_broker(url: str) -> Publish:
    """Publish to a Broker; it answers when the event is on disk."""

    async def publish(client: Client, event_id: str) -> None:
        headers = [("ce-specversion", "1.0"), ("ce-id", event_id), ("ce-source", "/bench")]
        headers += [("ce-type", "bench.asked.v1"), ("content-type", "application/json")]
        answer = await client.request("POST", f"{url}/default/default", headers=headers, body=DATA)
        assert answer.status == 202, answer

    return publish


def to_topic(server: PubSubServer) -> Publish:
    """Publish to a topic; the emulator answers when the message is in its memory."""
    url = f"http://{server.host}/v1/projects/{server.project}/topics/bench:publish"

    async def publish(client: Client, event_id: str) -> None:
        attributes = {"ce-specversion": "1.0", "ce-id": event_id, "ce-source": "/bench", "ce-type": "bench.asked.v1"}
        attributes["content-type"] = "application/json"
        message = {"data": base64.b64encode(DATA).decode(), "attributes": attributes}
        body = json.dumps({"messages": [message]}).encode()
        answer = await client.request("POST", url, headers=[("content-type", "application/json")], body=body)
        assert answer.status == 200, answer

    return publish


def manifests(receiver: str) -> str:
    """One durable Broker, one Trigger that leads to us, and the Service without which there is nothing to run."""
    container = {"image": "example.org/none", "command": [sys.executable, "-m", "renga.host"]}
    return yaml.safe_dump_all([
        {
            "apiVersion": "serving.knative.dev/v1",
            "kind": "Service",
            "metadata": {"name": "none"},
            "spec": {"template": {"spec": {"containers": [container]}}},
        },
        {
            "apiVersion": "eventing.knative.dev/v1",
            "kind": "Broker",
            "metadata": {"name": "default", "annotations": {"messaging.knative.dev/async-handler": "true"}},
        },
        {
            "apiVersion": "eventing.knative.dev/v1",
            "kind": "Trigger",
            "metadata": {"name": "bench"},
            "spec": {"broker": "default", "subscriber": {"uri": receiver}},
        },
    ])  # fmt: skip


def cpu_s(pid: int) -> float:
    """CPU seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("in_flight", [1, IN_FLIGHT])
def test_the_broker_alone(pubsub: PubSubServer, tmp_path: Path, unused_port: int, in_flight: int) -> None:
    """Publish to delivery, ours with every event on disk first; the peer is the emulator, which keeps all in memory."""
    receiver = Receiver()
    (tmp_path / "manifests.yaml").write_text(manifests(f"http://127.0.0.1:{unused_port}/"))
    laptop = Laptop(tmp_path / "laptop").up("-f", str(tmp_path / "manifests.yaml"), "--no-verify")
    pubsub.call("PUT", "topics/bench", {})
    pubsub.push("bench", "bench", f"http://127.0.0.1:{unused_port}/")
    transports = {"broker": to_broker(laptop.url), "emulator": to_topic(pubsub)}
    seen: dict[str, list[Seen]] = {name: [] for name in transports}
    spent: list[float] = []

    async def measure() -> None:
        async with receiver.listening(unused_port):
            for name, publish in transports.items():
                await receiver.load(publish, f"warm-{name}", in_flight, EVENTS[in_flight] // 4)
            for number, (name, publish) in itertools.product(range(ROUNDS), transports.items()):
                before = cpu_s(laptop.pid), time.perf_counter()
                seen[name].append(await receiver.load(publish, f"{number}-{name}", in_flight, EVENTS[in_flight]))
                if name == "broker":
                    spent.append((cpu_s(laptop.pid) - before[0]) / (time.perf_counter() - before[1]))

    asyncio.run(measure())
    laptop.down()
    best = {name: max(found, key=lambda each: each.per_second) for name, found in seen.items()}
    for name, found in best.items():
        say(f"{name}, {in_flight} in flight, the best of {ROUNDS} rounds", **found.figures())
    ours, theirs = best["broker"].figures(), best["emulator"].figures()
    say(
        f"our Broker as a multiple of the emulator, {in_flight} in flight",
        per_second=ours["per_second"] / theirs["per_second"],
        p95=ours["p95_ms"] / theirs["p95_ms"],
        of_the_1500_per_second_aim=ours["per_second"] / 1500,
        p95_of_the_20_ms_aim=ours["p95_ms"] / 20,
        cores_of_the_runtime=max(spent),
    )


@contextmanager
def up(transport: str, emulator: PubSubServer, state: Path) -> Iterator[Laptop]:
    """The whole chain at zero, over one transport."""
    before = os.environ.get("PUBSUB_EMULATOR_HOST")
    os.environ["PUBSUB_EMULATOR_HOST"] = emulator.host
    laptop = Laptop(state)
    try:
        yield laptop.up("--no-verify", "--broker", transport)
    finally:
        laptop.down()
        os.environ.pop("PUBSUB_EMULATOR_HOST")
        if before is not None:
            os.environ["PUBSUB_EMULATOR_HOST"] = before


@pytest.mark.parametrize("transport", ["knative", "pubsub"])
def test_the_chain(transport: str, emulator: PubSubServer, tmp_path: Path, repository: Path) -> None:
    """Submitted to generated, cold and warm, alone and many at a time: four events a run, and the ledger hears all."""
    design = (repository / "examples" / "shop.sql").read_text()

    async def runs(url: str, total: int, in_flight: int) -> Seen:
        client, taken, latencies = Client(), iter(range(total)), []

        async def worker() -> None:
            for _ in taken:
                seconds = await one_run_s(client, url, design, TARGETS)
                latencies.append(seconds * 1000)

        began = time.perf_counter()
        await asyncio.gather(*(worker() for _ in range(in_flight)))
        took = time.perf_counter() - began
        client.close()
        return Seen(4 * total / took, latencies)

    cold = []
    for number in range(5):
        with up(transport, emulator, tmp_path / str(number)) as laptop:
            cold += asyncio.run(runs(laptop.url, 1, 1)).latencies_ms
    say(f"the chain over {transport}, all at zero", p50_ms=statistics.median(cold), most_ms=max(cold))
    with up(transport, emulator, tmp_path / "warm") as laptop:
        asyncio.run(runs(laptop.url, 20, 4))
        alone = asyncio.run(runs(laptop.url, 60, 1))
        before = cpu_s(laptop.pid), time.perf_counter()
        many = asyncio.run(runs(laptop.url, 200, IN_FLIGHT))
        spent = (cpu_s(laptop.pid) - before[0]) / (time.perf_counter() - before[1])
    say(f"the chain over {transport}, warm, one at a time", **alone.figures())
    say(f"the chain over {transport}, warm, {IN_FLIGHT} in flight", **many.figures(), cores_of_the_runtime=spent)


@pytest.fixture
def unused_port() -> int:
    """A port that was free a moment ago."""
    return free_port()
