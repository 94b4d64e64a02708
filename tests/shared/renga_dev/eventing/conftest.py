"""A laptop's eventing half over real sockets: an ingress to publish to, and one server that plays every subscriber."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from leaping import leap
from renga.http.asgi import Receive, Scope, Send, read_body, send_whole
from renga.http.client import Client, Response
from renga.http.server import Server
from renga.wire import WireEvent, decode, encode_binary
from renga_dev.calls import Request, ServiceName
from renga_dev.eventing import Attempt, Eventing, Profile, Retention
from renga_dev.manifests import Document, Manifests, load
from renga_events.envelope import Envelope

Json = dict[str, Any]
EVENT = WireEvent(Envelope("1", "/tests", "demo.v1", datacontenttype="application/json"), b"{}")


@dataclass(frozen=True, slots=True)
class Received:
    """One request as a subscriber saw it."""

    service: str
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    at: float
    """Seconds on the monotonic clock."""

    @property
    def event(self) -> WireEvent:
        """The event in it."""
        return decode(self.headers, self.body)

    @property
    def id(self) -> str:
        """The event's id."""
        return self.event.envelope.id


Answerer = Callable[[Received], Response | Awaitable[Response]]


def _destination(value: str | Json) -> Json:
    if isinstance(value, str):
        return {"ref": {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": value}}
    return value


def _delivery(value: Json | None) -> Json:
    if value is None:
        return {}
    if "deadLetterSink" in value:
        value = value | {"deadLetterSink": _destination(value["deadLetterSink"])}
    return {"delivery": value}


def broker_document(name: str = "default", *, delivery: Json | None = None, asynchronous: bool = True) -> Json:
    """A Broker."""
    annotations = {"messaging.knative.dev/async-handler": "true"} if asynchronous else {}
    return {
        "apiVersion": "eventing.knative.dev/v1",
        "kind": "Broker",
        "metadata": {"name": name, "annotations": annotations},
        "spec": _delivery(delivery),
    }


def service_document(name: str) -> Json:
    """A Service."""
    spec = {"containers": [{"image": f"demo/{name}"}]}
    annotations = {"renga.dev/function": f"demo/{name}"}
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": name, "annotations": annotations},
        "spec": {"template": {"spec": spec}},
    }


def trigger_document(
    name: str = "t",
    subscriber: str | Json = "a",
    *,
    broker: str = "default",
    delivery: Json | None = None,
    **spec: Any,
) -> Json:
    """A Trigger."""
    return {
        "apiVersion": "eventing.knative.dev/v1",
        "kind": "Trigger",
        "metadata": {"name": name},
        "spec": {"broker": broker, "subscriber": _destination(subscriber), **_delivery(delivery), **spec},
    }


def manifests_of(documents: Iterable[Json]) -> Manifests:
    """Manifests with the Services a, b and sink beside what is given."""
    services = [service_document(name) for name in ("a", "b", "sink")]
    return load(Document("test.yaml", document) for document in [*services, *documents])


@dataclass
class Subscribers:
    """One HTTP server that plays every Service; which one is meant, the Host header says."""

    answers: dict[str, Answerer] = field(default_factory=dict)
    received: dict[str, list[Received]] = field(default_factory=lambda: defaultdict(list))
    client: Client = field(default_factory=Client)
    port: int = 0

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Record a request and answer as told; 204 where nothing was told."""
        body = await read_body(receive, limit=10_000_000)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        service = headers["host"].partition(".")[0]
        target = scope["path"] + (f"?{scope['query_string'].decode()}" if scope["query_string"] else "")
        seen = Received(service, scope["method"], target, headers, body, time.monotonic())
        self.received[service].append(seen)
        made = self.answers[service](seen) if service in self.answers else Response(204, [], b"")
        response = made if isinstance(made, Response) else await made
        await send_whole(send, response.status, response.headers, response.body)

    async def call(self, service: ServiceName, request: Request) -> Response:
        """The Services protocol: straight to the server."""
        url = f"http://127.0.0.1:{self.port}{request.target}"
        return await self.client.request(request.method, url, headers=request.headers, body=request.body)


@dataclass
class World:
    """What a test holds: an eventing half, the address of its ingress, and its subscribers."""

    manifests: Manifests
    database: Path
    profile: Profile
    subscribers: Subscribers
    retention: Retention | None = None
    concurrency: int = 50
    attempts: list[Attempt] = field(default_factory=list)
    eventing: Eventing = field(init=False)
    url: str = ""

    @property
    def answers(self) -> dict[str, Answerer]:
        """How each Service answers."""
        return self.subscribers.answers

    def got(self, service: str) -> list[Received]:
        """What a Service has received."""
        return self.subscribers.received[service]

    async def start(self) -> None:
        """Start an eventing half on the database as it is."""
        self.eventing = Eventing(
            self.manifests,
            self.subscribers,
            self.database,
            profile=self.profile,
            observer=self.attempts.append,
            concurrency=lambda _: self.concurrency,
            retention=self.retention,
        )
        await self.eventing.start()

    async def restart(self) -> None:
        """Stop it and start another one on the same database."""
        await self.eventing.stop()
        await self.start()

    async def ingress(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The gateway's part: HTTP to Request and back."""
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        target = scope["raw_path"].decode() + (f"?{scope['query_string'].decode()}" if scope["query_string"] else "")
        body = await read_body(receive, limit=10_000_000)
        response = await self.eventing.ingress(Request(scope["method"], target, headers, body))
        await send_whole(send, response.status, response.headers, response.body)

    async def request(
        self, method: str, path: str, headers: Iterable[tuple[str, str]] = (), body: bytes = b""
    ) -> Response:
        """Any request to the ingress."""
        return await self.subscribers.client.request(method, self.url + path, headers=headers, body=body)

    async def publish(
        self, event: WireEvent | None = None, *, broker: str = "default", headers: Iterable[tuple[str, str]] = ()
    ) -> Response:
        """Publish an event in binary mode."""
        encoded, body = encode_binary(event or EVENT)
        return await self.request("POST", f"/default/{broker}", [*encoded, *headers], body)

    async def settled(self) -> None:
        """Wait until nothing is owed any more."""
        await asyncio.wait_for(self.eventing.idle(), 60)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something has come about."""
        async with asyncio.timeout(60):
            while not condition():  # noqa: ASYNC110 - what is waited for happens on the other side of a socket
                await asyncio.sleep(0.002)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the time of the loop and of the log on by so many seconds: `later(600)`."""
    began, ahead = time.time, 0.0

    def later(seconds: float) -> None:
        nonlocal ahead
        ahead += seconds
        leap(seconds)

    monkeypatch.setattr(time, "time", lambda: began() + ahead)
    return later


WorldMaker = Callable[..., AbstractAsyncContextManager[World]]


@pytest.fixture
def world(tmp_path: Path) -> WorldMaker:
    """Make a running eventing half: `world(*documents, profile=..., answers=...)`."""

    @asynccontextmanager
    async def make(
        *documents: Json,
        profile: Profile = "mt",
        answers: Mapping[str, Answerer] | None = None,
        retention: Retention | None = None,
        concurrency: int = 50,
    ) -> AsyncIterator[World]:
        kinds = {document["kind"] for document in documents}
        given = documents if "Broker" in kinds else (broker_document(), *documents)
        subscribers = Subscribers(dict(answers or {}))
        made = World(manifests_of(given), tmp_path / "events.db", profile, subscribers, retention, concurrency)
        behind, front = Server(subscribers.app), Server(made.ingress)
        subscribers.port = await behind.start("127.0.0.1", 0)
        await made.start()
        made.url = f"http://127.0.0.1:{await front.start('127.0.0.1', 0)}"
        try:
            yield made
        finally:
            await made.eventing.stop()
            subscribers.client.close()
            await front.drain(1)
            await behind.drain(1)

    return make


@pytest.fixture
def trigger() -> Callable[..., Json]:
    """Write a Trigger: `trigger(name, subscriber, filters=..., delivery=...)`."""
    return trigger_document


@pytest.fixture
def broker() -> Callable[..., Json]:
    """Write a Broker: `broker(name, delivery=..., asynchronous=...)`."""
    return broker_document


@pytest.fixture
def manifests() -> Callable[[Iterable[Json]], Manifests]:
    """Read documents beside the Services a, b and sink."""
    return manifests_of
