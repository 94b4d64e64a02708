"""The delivery of events as a whole: rules D3-D11, over real sockets."""

import asyncio
import base64
import contextlib
import itertools
import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from renga.http.client import Response
from renga.wire import WireEvent, encode_binary
from renga_dev.eventing import Refused
from renga_events.envelope import Envelope

if TYPE_CHECKING:
    from tests.shared.renga_dev.eventing.conftest import Received, WorldMaker

QUICK = {"retry": 3, "backoffPolicy": "linear", "backoffDelay": "PT0.01S"}
NO_RETRY = {"retry": 0, "deadLetterSink": "sink"}
A_URL = "http://a.default.svc.cluster.local"
BROKER_URL = "http://broker-ingress.knative-eventing.svc.cluster.local/default/default"


def event(event_id: str = "1", event_type: str = "demo.v1", **extensions: str) -> WireEvent:
    """An event."""
    return WireEvent(
        Envelope(event_id, "/tests", event_type, datacontenttype="application/json", extensions=extensions), b"{}"
    )


def answer(status: int, body: bytes = b"") -> Response:
    """An answer without an event."""
    return Response(status, [], body)


def reply(replied: WireEvent) -> Response:
    """An answer with one."""
    headers, body = encode_binary(replied)
    return Response(200, [(name.encode(), value.encode()) for name, value in headers], body)


def heard(trigger: Any, name: str, subscriber: str, event_type: str, **more: Any) -> Any:
    """A Trigger for one type."""
    return trigger(name, subscriber, filters=[{"exact": {"type": event_type}}], **more)


@pytest.mark.rule("D3")
@pytest.mark.parametrize(("delivery", "attempts"), [({}, 1), ({"retry": 0}, 1), ({"retry": 3}, 4)])
async def test_attempts(world: "WorldMaker", trigger: Any, delivery: Any, attempts: int) -> None:
    """A delivery is attempted once and `retry` more times, and then the event is lost."""
    async with world(trigger(delivery=delivery), answers={"a": lambda _: answer(503)}) as w:
        await w.publish()
        await w.settled()
        records = await w.eventing.deliveries(state="lost")
        assert w.eventing.lost == 1
    assert len(w.got("a")) == attempts
    assert [record.attempts for record in records] == [attempts]


@pytest.mark.rule("D4")
@pytest.mark.parametrize(
    ("profile", "backoff", "waits"),
    [
        ("mt", "exponential", [0.03, 0.06, 0.12]),
        ("mt", "linear", [0, 0.03, 0.06]),
        ("kafka", "exponential", [0.06, 0.12, 0.24]),
        ("kafka", "linear", [0.03, 0.06, 0.09]),
    ],
)
async def test_waits(world: "WorldMaker", trigger: Any, profile: str, backoff: str, waits: list[float]) -> None:
    """No attempt comes before its wait is over."""
    delivery = {"retry": 3, "backoffPolicy": backoff, "backoffDelay": "PT0.03S"}
    async with world(trigger(delivery=delivery), profile=profile, answers={"a": lambda _: answer(500)}) as w:
        await w.publish()
        await w.settled()
    gaps = [after.at - before.at for before, after in itertools.pairwise(w.got("a"))]
    assert all(gap >= wait - 0.002 for gap, wait in zip(gaps, waits, strict=True)), gaps


@pytest.mark.rule("D6")
async def test_trigger_that_only_sets_retry_has_no_dead_letter_sink(
    world: "WorldMaker", broker: Any, trigger: Any
) -> None:
    """The Broker's dead-letter sink serves the Trigger without a block of its own, and not the one with."""
    documents = [broker(delivery=NO_RETRY), trigger("plain", "a"), trigger("own", "b", delivery={"retry": 0})]
    async with world(*documents, answers={"a": lambda _: answer(400), "b": lambda _: answer(400)}) as w:
        await w.publish()
        await w.settled()
        states = {record.trigger: record.state for record in await w.eventing.deliveries()}
    assert states == {"default/plain": "dead", "default/own": "lost"}
    assert len(w.got("sink")) == 1


@pytest.mark.rule("D7")
async def test_reply_enters_the_broker(world: "WorldMaker", trigger: Any) -> None:
    """The event of an answer is a new event of the Broker, with its own attributes and a fresh arrival time."""
    first = event("2", "next.v1", colour="red", knativearrivaltime="1999-01-01T00:00:00Z")
    documents = [heard(trigger, "first", "a", "demo.v1"), heard(trigger, "second", "b", "next.v1")]
    async with world(*documents, answers={"a": lambda _: reply(first)}) as w:
        await w.publish()
        await w.settled()
    received = w.got("b")[0]
    assert (received.id, received.headers["ce-colour"], received.body) == ("2", "red", b"{}")
    assert not received.headers["ce-knativearrivaltime"].startswith("1999")


@pytest.mark.rule("D7")
@pytest.mark.parametrize("body", [b"OK", b'{"ok":true}'])
async def test_answer_that_is_no_event_is_a_failure(world: "WorldMaker", trigger: Any, body: bytes) -> None:
    """200 OK with some body is retried and ends as a dead letter with code 502, though the function was content."""
    delivery = QUICK | {"deadLetterSink": "sink"}
    async with world(trigger(delivery=delivery), answers={"a": lambda _: answer(200, body)}) as w:
        await w.publish()
        await w.settled()
    assert len(w.got("a")) == 4
    assert w.got("sink")[0].headers["ce-knativeerrorcode"] == "502"


@pytest.mark.rule("D8")
async def test_reply_that_is_not_accepted(world: "WorldMaker", trigger: Any) -> None:
    """Where the Broker refuses the reply, the dead-letter sink gets the original event and the Broker's address."""
    replied = event("2", "next.v1")
    documents = [heard(trigger, "t", "a", "demo.v1", delivery=NO_RETRY), heard(trigger, "n", "b", "next.v1")]
    async with world(*documents, answers={"a": lambda _: reply(replied)}) as w:
        await w.publish(headers=[("ce-knativebrokerttl", "2")])
        await w.settled()
    dead = w.got("sink")[0]
    assert dead.id == "1"
    assert dead.headers["ce-knativeerrordest"] == BROKER_URL
    assert dead.headers["ce-knativeerrorcode"] == "400"
    assert not w.got("b")


@pytest.mark.rule("D9")
async def test_dead_letter(world: "WorldMaker", trigger: Any) -> None:
    """A dead letter is the original event with who failed, how, and what it said."""
    async with world(trigger(delivery=NO_RETRY), answers={"a": lambda _: answer(422, b"no such table")}) as w:
        await w.publish(event("7", colour="red"))
        await w.settled()
        record = (await w.eventing.deliveries())[0]
    dead = w.got("sink")[0]
    assert (dead.id, dead.headers["ce-colour"], dead.body) == ("7", "red", b"{}")
    assert dead.headers["ce-knativeerrordest"] == A_URL
    assert dead.headers["ce-knativeerrorcode"] == "422"
    assert base64.b64decode(dead.headers["ce-knativeerrordata"].replace("%3D", "=")) == b"no such table"
    assert record.state == "dead"


@pytest.mark.rule("D9")
async def test_dead_letter_of_an_unreachable_subscriber(world: "WorldMaker", trigger: Any) -> None:
    """A subscriber that cannot be reached is told as 500 under the mt profile and without a code under kafka."""
    documents = [trigger("t", {"uri": "http://127.0.0.1:1/"}, delivery=NO_RETRY)]
    async with world(*documents) as w:
        await w.publish()
        await w.settled()
        dead = w.got("sink")[0].event.envelope
    assert dead.extension("knativeerrorcode") == "500"
    assert base64.b64decode(dead.extension("knativeerrordata") or "").startswith(b"dispatch error: ")


@pytest.mark.rule("D9")
async def test_dead_letter_sink_is_retried_alike_and_then_the_event_is_lost(world: "WorldMaker", trigger: Any) -> None:
    """The sink has as many attempts as the subscriber, with the same waits; after them nobody has the event."""
    delivery = QUICK | {"deadLetterSink": "sink"}
    answers = {"a": lambda _: answer(500), "sink": lambda _: answer(503)}
    async with world(trigger(delivery=delivery), answers=answers) as w:
        await w.publish()
        await w.settled()
        assert w.eventing.lost == 1
        record = (await w.eventing.deliveries())[0]
    assert (len(w.got("a")), len(w.got("sink"))) == (4, 4)
    assert (record.state, record.status) == ("lost", 503)
    assert record.failure is not None
    assert record.failure.code == 500


@pytest.mark.rule("D9")
async def test_broker_as_dead_letter_sink(world: "WorldMaker", broker: Any, trigger: Any) -> None:
    """A Broker can be the dead-letter sink, and a loop through it ends with the TTL."""
    to_itself = {"ref": {"apiVersion": "eventing.knative.dev/v1", "kind": "Broker", "name": "default"}}
    documents = [broker(), trigger(delivery={"retry": 0, "deadLetterSink": to_itself})]
    async with world(*documents, answers={"a": lambda _: answer(400)}) as w:
        await w.publish(headers=[("ce-knativebrokerttl", "4")])
        await w.settled()
        states = [record.state for record in await w.eventing.deliveries()]
    assert len(w.got("a")) == 3
    assert states == ["lost", "dead", "dead"]


async def test_broker_as_subscriber(world: "WorldMaker", broker: Any, trigger: Any) -> None:
    """A Trigger can hand events on to another Broker."""
    other = {"ref": {"apiVersion": "eventing.knative.dev/v1", "kind": "Broker", "name": "other"}}
    documents = [broker(), broker("other"), trigger("on", other), trigger("there", "b", broker="other")]
    async with world(*documents) as w:
        await w.publish()
        await w.settled()
    assert [received.id for received in w.got("b")] == ["1"]


@pytest.mark.rule("D10")
@pytest.mark.parametrize("profile", ["mt", "kafka"])
async def test_event_that_waits_does_not_hold_up_others(
    world: "WorldMaker", trigger: Any, profile: str, later: Callable[[float], None]
) -> None:
    """Order is not promised: what waits for its next attempt is overtaken."""
    delivery = {"retry": 1, "backoffPolicy": "exponential", "backoffDelay": "PT10M"}

    def fails_once(_: "Received") -> Response:
        return answer(503 if len(w.got("a")) == 1 else 204)

    async with world(trigger(delivery=delivery), profile=profile, answers={"a": fails_once}) as w:

        async def publish(number: int) -> None:
            await w.publish(event(str(number)))
            await w.until(lambda: len(w.attempts) == number)

        for number in (1, 2, 3):
            await publish(number)
        later(1200)
        await w.settled()
    assert [received.id for received in w.got("a")] == ["1", "2", "3", "1"]


@pytest.mark.rule("D11")
async def test_stop_in_the_middle_hands_back_and_start_goes_on(
    world: "WorldMaker", trigger: Any, later: Callable[[float], None]
) -> None:
    """An event that waits for another attempt at the stop is delivered after the start, its attempts still counted."""
    delivery = {"retry": 2, "backoffPolicy": "exponential", "backoffDelay": "PT10M"}
    async with world(trigger(delivery=delivery), answers={"a": lambda _: answer(503)}) as w:
        await w.publish()
        await w.until(lambda: bool(w.attempts))
        await w.restart()
        assert w.eventing.pending() == 1
        later(600)
        await w.until(lambda: len(w.attempts) == 2)
        later(1200)
        await w.settled()
        records = await w.eventing.deliveries()
    assert [attempt.number for attempt in w.attempts] == [1, 2, 3]
    assert [(record.state, record.attempts) for record in records] == [("lost", 3)]


@pytest.mark.rule("D11")
async def test_attempt_that_the_stop_interrupts_is_made_again(
    world: "WorldMaker", trigger: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An attempt in flight at the stop does not count: the same event, by source and id, comes once more."""
    monkeypatch.setattr("renga_dev.eventing.engine.DRAIN_S", 0.02)
    slow = asyncio.Event()

    async def hangs(_: "Received") -> Response:
        if len(w.got("a")) == 1:
            await slow.wait()
        return answer(204)

    async with world(trigger(), answers={"a": hangs}) as w:
        await w.publish()
        await w.until(lambda: len(w.got("a")) == 1)
        await w.restart()
        await w.settled()
        slow.set()
    assert [received.id for received in w.got("a")] == ["1", "1"]
    assert [attempt.number for attempt in w.attempts] == [1]


async def test_stop_lets_an_attempt_in_flight_finish(
    world: "WorldMaker", trigger: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is answered within the grace of the stop is not delivered again."""
    monkeypatch.setattr("renga_dev.eventing.engine.DRAIN_S", 60.0)
    gate = asyncio.Event()

    async def slow(_: "Received") -> Response:
        await gate.wait()
        return answer(204)

    async with world(trigger(), answers={"a": slow}) as w:
        await w.publish()
        await w.until(lambda: len(w.got("a")) == 1)
        stopping = w.eventing
        restarting = asyncio.create_task(w.restart())
        await w.until(lambda: stopping._stopping)
        gate.set()
        await restarting
        assert w.eventing.pending() == 0
    assert len(w.got("a")) == 1


async def test_publisher_that_waits_at_the_stop_is_told(
    world: "WorldMaker", broker: Any, trigger: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A synchronous Broker that stops before it knows answers 503; the event stays owed."""
    monkeypatch.setattr("renga_dev.eventing.engine.DRAIN_S", 0.02)
    gate = asyncio.Event()

    async def hangs(_: "Received") -> Response:
        await gate.wait()
        return answer(204)

    async with world(broker(asynchronous=False), trigger(), answers={"a": hangs}) as w:
        publishing = asyncio.create_task(w.publish())
        await w.until(lambda: len(w.got("a")) == 1)
        await w.eventing.stop()
        assert (await publishing).status == 503
        assert (await w.publish()).status == 503
        await w.start()
        assert w.eventing.pending() == 1
        gate.set()


async def test_what_is_owed_to_a_trigger_that_is_gone_is_lost(
    world: "WorldMaker", trigger: Any, manifests: Any
) -> None:
    """At the start, deliveries of a Trigger that is no longer declared are marked lost, and say so."""
    delivery = {"retry": 2, "backoffPolicy": "exponential", "backoffDelay": "PT10M"}
    async with world(trigger(delivery=delivery), answers={"a": lambda _: answer(503)}) as w:
        await w.publish()
        await w.until(lambda: bool(w.attempts))
        w.manifests = manifests([])
        await w.restart()
        assert (w.eventing.pending(), w.eventing.lost) == (0, 1)
        record = (await w.eventing.deliveries())[0]
    assert record.state == "lost"
    assert "no longer declared" in (record.error or "")


async def test_reply_and_done_mark_are_one_transaction(world: "WorldMaker", trigger: Any) -> None:
    """Whenever the log is looked at, the answered delivery is done exactly when its reply is there."""
    documents = [heard(trigger, "first", "a", "demo.v1"), heard(trigger, "second", "b", "next.v1")]
    answers = {"a": lambda received: reply(event("r" + received.id, "next.v1"))}
    query = """
        SELECT (SELECT count(*) FROM deliveries WHERE trigger = 'default/first' AND state = 'done'),
               (SELECT count(*) FROM deliveries WHERE trigger = 'default/second'),
               (SELECT count(*) FROM events WHERE attributes ->> 'type' = 'next.v1')
    """
    async with world(*documents, answers=answers) as w:
        with contextlib.closing(sqlite3.connect(w.database)) as watcher:
            for number in range(50):
                await w.publish(event(str(number)))
                done, owed, replies = watcher.execute(query).fetchone()
                assert done == owed == replies
            await w.settled()
            assert watcher.execute(query).fetchone() == (50, 50, 50)


async def test_replies_are_flushed_to_disk(world: "WorldMaker", trigger: Any) -> None:
    """A reply is on disk before it counts, like an event from outside; a mark alone is not worth a flush."""
    documents = [heard(trigger, "first", "a", "demo.v1"), heard(trigger, "second", "b", "next.v1")]
    gate = asyncio.Event()

    async def late(_: "Received") -> Response:
        await gate.wait()
        return reply(event("2", "next.v1"))

    async with world(*documents, answers={"a": late}) as w:
        await w.publish()
        await w.publish(event("3", "next.v1"))
        await w.until(lambda: w.eventing.pending() == 1)
        statements: list[str] = []
        w.eventing._log._connection.set_trace_callback(statements.append)
        gate.set()
        await w.settled()
        w.eventing._log._connection.set_trace_callback(None)
    switches = [statement for statement in statements if statement.startswith("PRAGMA synchronous")]
    assert switches == ["PRAGMA synchronous = FULL", "PRAGMA synchronous = NORMAL"]


async def test_publish_from_inside(world: "WorldMaker", broker: Any, trigger: Any) -> None:
    """Events can be handed in without HTTP, with the same refusals."""
    documents = [broker(asynchronous=False, delivery={"retry": 0}), trigger()]
    async with world(*documents, answers={"a": lambda received: answer(204 if received.id == "1" else 400)}) as w:
        await w.eventing.publish("default", "default", event("1"))
        with pytest.raises(Refused, match="no Broker default/x"):
            await w.eventing.publish("default", "x", event("2"))
        with pytest.raises(Refused, match="failed for good"):
            await w.eventing.publish("default", "default", event("3"))


async def test_deliveries_of_a_run(world: "WorldMaker", trigger: Any) -> None:
    """Deliveries can be listed by the correlation of their events; an event that begins a run is its own."""
    async with world(trigger()) as w:
        await w.publish(event("run"))
        await w.publish(event("2", correlationid="run"))
        await w.publish(event("3"))
        await w.settled()
        found = await w.eventing.deliveries(correlation_id="run")
    assert [(record.event_id, record.state, record.attempts) for record in found] == [
        ("2", "done", 1),
        ("run", "done", 1),
    ]
