"""What a delivery looks like on the wire: rules D1, D5."""

import asyncio
import json
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from renga.http.client import Response
from renga.wire import WireEvent
from renga_events.envelope import Envelope

if TYPE_CHECKING:
    from tests.shared.renga_dev.eventing.conftest import Received, WorldMaker

EVENT = WireEvent(
    Envelope(
        "1",
        "/tests",
        "demo.v1",
        subject="caf\u00e9",
        datacontenttype="application/json",
        extensions={"traceparent": "00"},
    ),
    b'{"n": 1}',
)
REFUSED = {"retry": 0, "deadLetterSink": "sink"}


@pytest.mark.rule("D1")
async def test_binary_request(world: "WorldMaker", trigger: Any) -> None:
    """An event is POSTed in binary mode with the bytes it came with, and asks for a reply."""
    async with world(trigger()) as w:
        await w.publish(EVENT)
        await w.settled()
        received = w.got("a")[0]
    assert (received.method, received.target, received.body) == ("POST", "/", b'{"n": 1}')
    assert received.headers["prefer"] == "reply"
    assert received.headers["kn-namespace"] == "default"
    assert received.headers["host"] == "a.default.svc.cluster.local"
    assert received.headers["content-type"] == "application/json"
    assert received.headers["ce-subject"] == "caf%C3%A9"
    assert received.headers["ce-traceparent"] == "00"


@pytest.mark.rule("D1")
@pytest.mark.parametrize(("form", "structured"), [("json", True), ("binary", False), (None, False)])
async def test_format(world: "WorldMaker", trigger: Any, form: str | None, structured: bool) -> None:
    """`delivery.format: json` asks for structured mode."""
    async with world(trigger(delivery={"format": form} if form else {})) as w:
        await w.publish(EVENT)
        await w.settled()
        received = w.got("a")[0]
    assert received.headers["content-type"].startswith("application/cloudevents+json") is structured
    assert received.event.envelope.subject == "caf\u00e9"
    assert json.loads(received.event.data or b"") == {"n": 1}


@pytest.mark.rule("D1")
async def test_path_and_query_of_a_subscriber(world: "WorldMaker", trigger: Any) -> None:
    """A URI beside a reference is where at the Service the event goes."""
    ref = {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": "a"}
    async with world(trigger("t", {"ref": ref, "uri": "/hook?x=1"})) as w:
        await w.publish(EVENT)
        await w.settled()
        assert w.got("a")[0].target == "/hook?x=1"


async def test_subscriber_by_url(world: "WorldMaker", trigger: Any) -> None:
    """A subscriber may be any HTTP server by its absolute URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
        async with world(trigger("t", {"uri": url})) as w:
            await w.publish(EVENT)
            peer, _ = await asyncio.to_thread(listener.accept)
            with peer:
                assert (await asyncio.to_thread(peer.recv, 10)).startswith(b"POST /x HT")
                peer.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
                await w.settled()
    assert [attempt.dest for attempt in w.attempts] == [url]


@pytest.mark.rule("D5")
@pytest.mark.rule("D2")
async def test_timeout_is_per_attempt_and_retried(
    world: "WorldMaker", trigger: Any, later: Callable[[float], None]
) -> None:
    """An attempt that outlasts the delivery's timeout is given up and made again."""
    seen: list[str] = []
    gate = asyncio.Event()

    async def slow_at_first(received: "Received") -> Response:
        seen.append(received.id)
        if len(seen) == 1:
            await gate.wait()
        return Response(204, [], b"")

    async with world(trigger(delivery={"retry": 1, "timeout": "PT60S"}), answers={"a": slow_at_first}) as w:
        await w.publish(EVENT)
        await w.until(lambda: len(w.got("a")) == 1)
        later(60)
        await w.settled()
        gate.set()
    assert [(attempt.status, attempt.meaning) for attempt in w.attempts] == [(None, "retry"), (204, "done")]
    assert "60 s" in (w.attempts[0].error or "")


@pytest.mark.rule("D1")
async def test_dead_letter_sink_is_not_asked_for_a_reply(world: "WorldMaker", trigger: Any) -> None:
    """A dead letter carries no `Prefer: reply`, and an event in its answer goes nowhere."""
    said = [(b"ce-specversion", b"1.0"), (b"ce-id", b"2"), (b"ce-source", b"/s"), (b"ce-type", b"demo.v1")]
    answers = {"a": lambda _: Response(400, [], b""), "sink": lambda _: Response(200, said, b"")}
    async with world(trigger(delivery=REFUSED), answers=answers) as w:
        await w.publish(EVENT)
        await w.settled()
    assert "prefer" not in w.got("sink")[0].headers
    assert len(w.got("a")) == 1


async def test_service_that_a_reload_took_away(world: "WorldMaker", trigger: Any) -> None:
    """A Service that is gone answers as its address in a cluster would: 404."""
    async with world(trigger(delivery=REFUSED)) as w:
        call = w.subscribers.call

        async def gone(service: Any, request: Any) -> Response:
            if service.name == "a":
                raise KeyError(service)
            return await call(service, request)

        w.eventing._courier.services.call = gone  # type: ignore[method-assign]
        await w.publish(EVENT)
        await w.settled()
    assert w.got("sink")[0].headers["ce-knativeerrorcode"] == "404"


async def test_bug_in_the_runtime_is_told_and_costs_an_attempt(
    world: "WorldMaker", trigger: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever goes wrong on the way is logged with its traceback, and the event keeps its retries."""
    async with world(trigger(delivery={"retry": 1})) as w:
        call = w.subscribers.call
        failures = [RuntimeError("a bug")]

        async def fails_once(service: Any, request: Any) -> Response:
            if failures:
                raise failures.pop()
            return await call(service, request)

        w.eventing._courier.services.call = fails_once  # type: ignore[method-assign]
        await w.publish(EVENT)
        await w.settled()
    assert [attempt.meaning for attempt in w.attempts] == ["retry", "done"]
    assert "RuntimeError: a bug" in caplog.text
