"""Killed without warning: what was acknowledged is delivered, and what was answered is kept once."""

import asyncio
import contextlib
import random
import sqlite3
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from renga.http.asgi import Receive, Scope, Send, read_body, send_whole
from renga.http.client import Client, Interrupted, Unreachable
from renga.http.server import Server
from renga.wire import WireEvent, decode, encode_binary
from renga_events.envelope import Envelope

if TYPE_CHECKING:
    from collections.abc import Iterator

PUBLISHES = 200
KILLS = 6

# Only eventing and its ingress, as a process that can be killed: arguments are the database and the subscriber's port.
BROKER = """
import asyncio, sys
from pathlib import Path
from renga.http.asgi import read_body, send_whole
from renga.http.client import Client
from renga.http.server import Server
from renga_dev.calls import Request
from renga_dev.eventing import Eventing
from renga_dev.manifests import Document, load

database, port = Path(sys.argv[1]), int(sys.argv[2])

def thing(group, kind, name, spec, **annotations):
    return Document("-", {"apiVersion": group, "kind": kind, "spec": spec,
                          "metadata": {"name": name, "annotations": annotations}})

def service(name):
    spec = {"template": {"spec": {"containers": [{"image": "x"}]}}}
    return thing("serving.knative.dev/v1", "Service", name, spec, **{"renga.dev/function": "x/" + name})

def trigger(name, event_type):
    to = {"ref": {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": name}}
    delivery = {"retry": 50, "backoffPolicy": "linear", "backoffDelay": "PT0.01S"}
    spec = {"broker": "default", "subscriber": to, "delivery": delivery, "filters": [{"exact": {"type": event_type}}]}
    return thing("eventing.knative.dev/v1", "Trigger", name, spec)

class Services:
    def __init__(self):
        self.client = Client()
    async def call(self, service, request):
        url = f"http://127.0.0.1:{port}/{service.name}"
        return await self.client.request(request.method, url, headers=request.headers, body=request.body)

async def main():
    annotations = {"messaging.knative.dev/async-handler": "true"}
    broker = thing("eventing.knative.dev/v1", "Broker", "default", {}, **annotations)
    documents = [broker, service("first"), service("second"), trigger("first", "asked"), trigger("second", "answered")]
    eventing = Eventing(load(documents), Services(), database, concurrency=lambda _: 8)
    await eventing.start()
    async def app(scope, receive, send):
        if scope["path"] == "/pending":
            await send_whole(send, 200, [], str(eventing.pending()).encode())
            return
        headers = [(name.decode(), value.decode()) for name, value in scope["headers"]]
        body = await read_body(receive, limit=1_000_000)
        response = await eventing.ingress(Request(scope["method"], scope["path"], headers, body))
        await send_whole(send, response.status, response.headers, response.body)
    print(await Server(app).start("127.0.0.1", 0), flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


class Subscribers:
    """Answers `asked` with `answered`, and remembers what came."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One event in, perhaps one out."""
        body = await read_body(receive, limit=1_000_000)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        event = decode(headers, body).envelope
        if scope["path"] == "/second":
            self.answered[event.id] += 1
            await send_whole(send, 204, [])
            return
        self.asked[event.id] += 1
        # The same event always has the same answer, as a function that remembers what it did would give.
        lines, data = encode_binary(WireEvent(Envelope(f"to-{event.id}", "/subscriber", "answered"), b"{}"))
        await send_whole(send, 200, [(name.encode(), value.encode()) for name, value in lines], data)


class Runtime:
    """The process that is killed and started again."""

    def __init__(self, database: Path, port: int) -> None:
        self.arguments = [sys.executable, "-c", BROKER, str(database), str(port)]
        self.process: Process | None = None
        self.url = ""

    async def start(self) -> None:
        """Start it and wait for its port."""
        self.process = await asyncio.create_subprocess_exec(*self.arguments, stdout=PIPE)
        assert self.process.stdout is not None
        self.url = f"http://127.0.0.1:{int(await self.process.stdout.readline())}"

    async def kill(self) -> None:
        """SIGKILL."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()


@pytest.mark.rule("D11")
async def test_kill_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """Killed at random moments during 200 publishes, it delivers each acknowledged event and stores each reply once."""
    database = tmp_path / "events.db"
    subscribers, client = Subscribers(), Client()
    server = Server(subscribers.app)
    runtime = Runtime(database, await server.start("127.0.0.1", 0))
    acknowledged: set[str] = set()
    numbers: Iterator[int] = iter(range(PUBLISHES))

    async def publish() -> None:
        for number in numbers:
            headers, body = encode_binary(WireEvent(Envelope(str(number), "/publisher", "asked"), b"{}"))
            try:
                answer = await client.request("POST", runtime.url + "/default/default", headers=headers, body=body)
            except (Unreachable, Interrupted):
                # It was killed: the others are published once it is there again.
                return
            if answer.status == 202:
                acknowledged.add(str(number))
            await asyncio.sleep(0.01)

    try:
        await runtime.start()
        for _ in range(KILLS):
            publishing = [asyncio.create_task(publish()) for _ in range(8)]
            await asyncio.sleep(0.01 + random.random() * 0.06)  # noqa: S311 - a moment, not a secret
            await runtime.kill()
            for task in publishing:
                task.cancel()
            await asyncio.gather(*publishing, return_exceptions=True)
            await runtime.start()
        await asyncio.gather(*(publish() for _ in range(8)))
        while (await client.request("GET", runtime.url + "/pending")).body != b"0":  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.02)
    finally:
        await runtime.kill()
        client.close()
        await server.drain(1)

    assert len(acknowledged) > PUBLISHES / 2
    assert acknowledged <= set(subscribers.asked)
    assert {f"to-{number}" for number in acknowledged} <= set(subscribers.answered)
    with contextlib.closing(sqlite3.connect(database)) as log:
        assert log.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        replies = Counter(
            row[0]
            for row in log.execute("SELECT attributes ->> 'id' FROM events WHERE attributes ->> 'type' = 'answered'")
        )
        stored = Counter(
            row[0]
            for row in log.execute("SELECT attributes ->> 'id' FROM events WHERE attributes ->> 'type' = 'asked'")
        )
    assert set(stored.values()) == {1}
    assert set(replies.values()) == {1}
    assert replies.keys() == {f"to-{number}" for number in stored}
