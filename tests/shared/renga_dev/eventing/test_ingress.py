"""The Brokers' HTTP face: rules B1-B7 by raw requests."""

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from renga.http.client import Response
from renga.wire import WireEvent, encode_binary, encode_structured
from renga_events.envelope import Envelope

if TYPE_CHECKING:
    from tests.shared.renga_dev.eventing.conftest import Received, WorldMaker

EVENT = WireEvent(Envelope("1", "/tests", "demo.v1", datacontenttype="application/json"), b'{"n":1}')
HEADERS, BODY = encode_binary(EVENT)
SMUGGLED = b'{"specversion":"1.0","id":"1","source":"/s","type":"t","datacontenttype":"a/b\\r\\nprefer: none"}'
"""An attribute that would end its header line at the subscriber and begin another."""


@pytest.mark.rule("B1")
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 404),
        ("/default/default", 202),
        ("/default/default/", 202),
        ("/default", 400),
        ("/default/default/x", 400),
        ("/default/default//", 400),
        ("/default/other", 404),
        ("/other/default", 404),
    ],
)
async def test_path(world: "WorldMaker", path: str, status: int) -> None:
    """A Broker is addressed by its namespace and name, and every other path has its own status."""
    async with world() as w:
        assert (await w.request("POST", path, HEADERS, BODY)).status == status


@pytest.mark.rule("B1")
async def test_malformed_event_is_seen_before_unknown_broker(world: "WorldMaker") -> None:
    """The event is read before the Broker is looked up, so a bad event to nobody is a bad event."""
    async with world() as w:
        assert (await w.request("POST", "/default/other", [("ce-id", "1")], b"")).status == 400


async def test_unknown_broker_is_answered_with_a_suggestion(world: "WorldMaker") -> None:
    """A Broker's name with a typing mistake is answered with the name that was meant."""
    async with world() as w:
        answer = await w.request("POST", "/default/defautl", HEADERS, BODY)
    assert b"did you mean 'default/default'?" in answer.body


@pytest.mark.rule("B2")
async def test_options(world: "WorldMaker") -> None:
    """OPTIONS is answered as the CloudEvents web hook specification asks."""
    async with world() as w:
        answer = await w.request("OPTIONS", "/default/default")
    assert answer.status == 200
    assert answer.header("allow") == "POST, OPTIONS"
    assert answer.header("webhook-allowed-origin") == "*"
    assert answer.header("webhook-allowed-rate") == "*"


@pytest.mark.rule("B2")
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD"])
async def test_other_methods(world: "WorldMaker", method: str) -> None:
    """Whatever is neither POST nor OPTIONS is refused, and told what is allowed."""
    async with world() as w:
        answer = await w.request(method, "/default/default")
    assert answer.status == 405
    assert answer.header("allow") == "POST, OPTIONS"


@pytest.mark.rule("B3")
@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ([], b""),
        ([("content-type", "application/json")], b"{}"),
        ([header for header in HEADERS if header[0] != "ce-id"], BODY),
        ([header for header in HEADERS if header[0] != "ce-source"], BODY),
        ([header for header in HEADERS if header[0] != "ce-type"], BODY),
        ([header for header in HEADERS if header[0] != "ce-specversion"], BODY),
        ([*HEADERS, ("ce-specversion", "2.0")], BODY),
        ([*HEADERS, ("ce-id", "")], BODY),
        ([("content-type", "application/cloudevents+json")], SMUGGLED),
        ([("content-type", "application/cloudevents+json")], b"{"),
        ([("content-type", "application/cloudevents+json")], b"[]"),
        ([("content-type", "application/cloudevents+json")], b'{"specversion":"1.0"}'),
    ],
)
async def test_no_event(world: "WorldMaker", headers: list[tuple[str, str]], body: bytes) -> None:
    """What is no valid CloudEvent is refused with 400 and one sentence."""
    async with world() as w:
        answer = await w.request("POST", "/default/default", headers, body)
    assert answer.status == 400
    assert 0 < len(answer.body) <= 768


@pytest.mark.rule("B3")
@pytest.mark.parametrize("version", ["1.0", "0.3"])
@pytest.mark.parametrize("mode", ["binary", "structured"])
async def test_versions_and_modes(world: "WorldMaker", trigger: Any, version: str, mode: str) -> None:
    """CloudEvents 1.0 and 0.3 are taken in both modes and arrive in the version they were sent in."""
    event = WireEvent(Envelope("1", "/tests", "demo.v1", None, None, "application/json", "urn:s", version), b'{"n":1}')
    headers, body = encode_binary(event)
    if mode == "structured":
        headers, body = [("content-type", "application/cloudevents+json")], encode_structured(event)
    async with world(trigger()) as w:
        assert (await w.request("POST", "/default/default", headers, body)).status == 202
        await w.settled()
        received = w.got("a")[0]
    assert received.headers["ce-specversion"] == version
    assert received.event.envelope.dataschema == "urn:s"
    assert json.loads(received.body) == {"n": 1}


@pytest.mark.rule("B4")
async def test_accepted(world: "WorldMaker") -> None:
    """An event that is taken is answered with 202 and an empty body, also where nobody hears it."""
    async with world() as w:
        answer = await w.publish(EVENT)
    assert (answer.status, answer.body) == (202, b"")


@pytest.mark.rule("B4")
@pytest.mark.parametrize(("profile", "status"), [("mt", 500), ("kafka", 503)])
async def test_log_that_cannot_be_written(world: "WorldMaker", trigger: Any, profile: str, status: int) -> None:
    """An event that cannot be kept is not acknowledged, and the next one is, once there is room again."""
    async with world(trigger(), profile=profile) as w:
        connection = w.eventing._log._connection
        connection.execute("PRAGMA max_page_count = 1")
        big = WireEvent(EVENT.envelope, b"x" * 200_000)
        assert (await w.publish(big)).status == status
        connection.execute("PRAGMA max_page_count = 1000000")
        assert (await w.publish(EVENT)).status == 202
        await w.settled()
        assert len(w.got("a")) == 1


@pytest.mark.rule("B5")
async def test_synchronous_broker_answers_after_delivery(world: "WorldMaker", broker: Any, trigger: Any) -> None:
    """Without the annotation a Broker acknowledges only after its Triggers are done."""
    gate = asyncio.Event()

    async def slow(_: "Received") -> Response:
        await gate.wait()
        return Response(204, [], b"")

    async with world(broker(asynchronous=False), trigger(), answers={"a": slow}) as w:
        publishing = asyncio.create_task(w.publish(EVENT))
        await w.until(lambda: len(w.got("a")) == 1)
        await asyncio.sleep(0.02)
        assert not publishing.done()
        gate.set()
        assert (await publishing).status == 202


@pytest.mark.rule("B5")
async def test_synchronous_broker_waits_for_retries_and_replies(world: "WorldMaker", broker: Any, trigger: Any) -> None:
    """The acknowledgement of a synchronous Broker covers retries and what came of the replies."""
    headers, body = encode_binary(WireEvent(Envelope("2", "/tests", "next.v1"), None))
    gate = asyncio.Event()
    done: list[str] = []

    def flaky(received: "Received") -> Response:
        done.append(received.id)
        if len(done) < 3:
            return Response(503, [], b"")
        return Response(200, [(name.encode(), value.encode()) for name, value in headers], body)

    async def slow(_: "Received") -> Response:
        await gate.wait()
        return Response(204, [], b"")

    documents = [
        broker(asynchronous=False, delivery={"retry": 5, "backoffPolicy": "linear", "backoffDelay": "PT0.01S"}),
        trigger("first", "a", filters=[{"exact": {"type": "demo.v1"}}]),
        trigger("second", "b", filters=[{"exact": {"type": "next.v1"}}]),
    ]
    async with world(*documents, answers={"a": flaky, "b": slow}) as w:
        publishing = asyncio.create_task(w.publish(EVENT))
        await w.until(lambda: [received.id for received in w.got("b")] == ["2"])
        await asyncio.sleep(0.02)
        assert not publishing.done()
        gate.set()
        assert (await publishing).status == 202
        assert done == ["1", "1", "1"]


@pytest.mark.rule("B5")
@pytest.mark.parametrize(("sink_status", "status"), [(None, 500), (204, 202), (400, 500)])
async def test_synchronous_broker_tells_of_failure(
    world: "WorldMaker", broker: Any, trigger: Any, sink_status: int | None, status: int
) -> None:
    """A synchronous Broker answers 500 where a Trigger failed for good and no dead-letter sink took over."""
    delivery = {"retry": 0} | ({"deadLetterSink": "sink"} if sink_status else {})
    answers = {
        "a": lambda _: Response(400, [], b"no"),
        "sink": lambda _: Response(sink_status or 0, [], b""),
    }
    async with world(broker(asynchronous=False, delivery=delivery), trigger(), answers=answers) as w:
        assert (await w.publish(EVENT)).status == status


@pytest.mark.rule("B5")
async def test_synchronous_broker_tells_of_the_first_failure(world: "WorldMaker", broker: Any, trigger: Any) -> None:
    """The publisher is not kept waiting for the other Triggers once one has failed for good; they still get it."""
    gate = asyncio.Event()

    async def slow(_: "Received") -> Response:
        await gate.wait()
        return Response(204, [], b"")

    documents = [broker(asynchronous=False, delivery={}), trigger("one", "a"), trigger("two", "b")]
    async with world(*documents, answers={"a": lambda _: Response(400, [], b""), "b": slow}) as w:
        assert (await w.publish(EVENT)).status == 500
        gate.set()
        await w.settled()
        assert [record.state for record in await w.eventing.deliveries()] == ["done", "lost"]


@pytest.mark.rule("B5")
@pytest.mark.parametrize(("profile", "asynchronous"), [("mt", True), ("kafka", False), ("kafka", True)])
async def test_asynchronous_broker(
    world: "WorldMaker", broker: Any, trigger: Any, profile: str, asynchronous: bool
) -> None:
    """With the annotation, and always under the Kafka profile, the acknowledgement does not wait for delivery."""
    gate = asyncio.Event()

    async def slow(_: "Received") -> Response:
        await gate.wait()
        return Response(204, [], b"")

    documents = [broker(asynchronous=asynchronous), trigger()]
    async with world(*documents, profile=profile, answers={"a": slow}) as w:
        assert (await w.publish(EVENT)).status == 202
        assert w.eventing.pending() == 1
        gate.set()


@pytest.mark.rule("B6")
async def test_arrival_time_and_ttl(world: "WorldMaker", trigger: Any) -> None:
    """The Broker stamps the arrival, and subscribers do not see the TTL."""
    async with world(trigger()) as w:
        await w.publish(EVENT)
        await w.settled()
        received = w.got("a")[0].headers
    assert received["ce-knativearrivaltime"].endswith("Z")
    assert "ce-knativebrokerttl" not in received


@pytest.mark.rule("B6")
@pytest.mark.parametrize(("ttl", "status"), [("1", 400), ("0", 400), ("-3", 400), ("2", 202), ("none", 202)])
async def test_ttl_that_is_used_up(world: "WorldMaker", ttl: str, status: int) -> None:
    """Each passage takes one off the TTL, and an event with none left is refused; a TTL that is no number is none."""
    async with world() as w:
        assert (await w.publish(EVENT, headers=[("ce-knativebrokerttl", ttl)])).status == status


@pytest.mark.rule("B6")
async def test_loop_of_replies_ends(world: "WorldMaker", trigger: Any) -> None:
    """A subscriber that answers every event with one that it hears itself is stopped by the TTL."""

    def echo(received: "Received") -> Response:
        headers, body = encode_binary(WireEvent(Envelope(received.id + "x", "/tests", "demo.v1"), None))
        return Response(200, [(name.encode(), value.encode()) for name, value in headers], body)

    async with world(trigger(), answers={"a": echo}) as w:
        await w.publish(EVENT, headers=[("ce-knativebrokerttl", "5")])
        await w.settled()
        assert [received.id for received in w.got("a")] == ["1", "1x", "1xx", "1xxx"]


@pytest.mark.rule("B7")
async def test_headers_that_pass(world: "WorldMaker", trigger: Any) -> None:
    """Only the headers that Knative lets through reach the subscriber; the trace travels as an extension."""
    sent = [
        ("x-request-id", "r"),
        ("retry-after", "3"),
        ("knative-thing", "k"),
        ("x-b3-traceid", "b"),
        ("traceparent", "00-http"),
        ("authorization", "secret"),
        ("x-other", "o"),
        ("ce-traceparent", "00-event"),
    ]
    async with world(trigger()) as w:
        await w.publish(EVENT, headers=sent)
        await w.settled()
        received = w.got("a")[0].headers
    assert [received.get(name) for name, _ in sent] == ["r", "3", "k", "b", None, None, None, "00-event"]


@pytest.mark.rule("B7")
async def test_headers_of_an_answer_pass_with_its_reply(world: "WorldMaker", trigger: Any) -> None:
    """The same headers of a subscriber's answer travel with the event that it answered with."""
    headers, body = encode_binary(WireEvent(Envelope("2", "/tests", "next.v1"), None))
    lines = [*headers, ("x-request-id", "r"), ("x-other", "o")]
    answers = {"a": lambda _: Response(200, [(name.encode(), value.encode()) for name, value in lines], body)}
    documents = [
        trigger("first", "a", filters=[{"exact": {"type": "demo.v1"}}]),
        trigger("second", "b", filters=[{"exact": {"type": "next.v1"}}]),
    ]
    async with world(*documents, answers=answers) as w:
        await w.publish(EVENT)
        await w.settled()
        received = w.got("b")[0].headers
    assert (received.get("x-request-id"), received.get("x-other")) == ("r", None)
