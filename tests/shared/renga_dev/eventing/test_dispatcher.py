"""Whose turn it is: bounds, fairness and memory."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from renga.http.client import Response
from renga.wire import WireEvent
from renga_dev.eventing.dispatcher import READ_AHEAD
from renga_events.envelope import Envelope

if TYPE_CHECKING:
    from tests.shared.renga_dev.eventing.conftest import Received, WorldMaker

DONE = Response(204, [], b"")


def event(number: int, event_type: str = "demo.v1") -> WireEvent:
    """One of many."""
    return WireEvent(Envelope(str(number), "/tests", event_type))


async def test_in_flight_is_bounded_per_service(world: "WorldMaker", trigger: Any) -> None:
    """Two Triggers with one Service together keep to what the Service can have in flight."""
    now, most = 0, 0
    gate, three = asyncio.Event(), asyncio.Barrier(3)

    async def count(_: "Received") -> Response:
        nonlocal now, most
        now += 1
        most = max(most, now)
        # Nobody is answered before all are published, nor then before two others are in flight too.
        await gate.wait()
        await three.wait()
        now -= 1
        return DONE

    async with world(trigger("one"), trigger("two"), answers={"a": count}, concurrency=3) as w:
        for number in range(21):
            await w.publish(event(number))
        await w.until(lambda: now >= 3)
        gate.set()
        await w.settled()
        assert len(w.got("a")) == 42
    assert most == 3


async def test_slow_subscriber_does_not_hold_up_another(world: "WorldMaker", trigger: Any) -> None:
    """While one Service has all it can take, events go on to another."""
    gate = asyncio.Event()

    async def stuck(_: "Received") -> Response:
        await gate.wait()
        return DONE

    async with world(trigger("one", "a"), trigger("two", "b"), answers={"a": stuck}, concurrency=2) as w:
        for number in range(10):
            await w.publish(event(number))
        await w.until(lambda: len(w.got("b")) == 10)
        assert len(w.got("a")) == 2
        gate.set()
        await w.settled()
        assert len(w.got("a")) == 10


async def test_triggers_take_turns_at_one_service(world: "WorldMaker", trigger: Any) -> None:
    """A Trigger with a backlog does not keep another one's events from the Service that they share."""
    documents = [trigger(name, "a", filters=[{"exact": {"type": name}}]) for name in ("many", "few")]
    gate = asyncio.Event()

    async def wait(_: "Received") -> Response:
        await gate.wait()
        return DONE

    async with world(*documents, answers={"a": wait}, concurrency=1) as w:
        for number in range(10):
            await w.publish(event(number, "many"))
        await w.publish(event(99, "few"))
        gate.set()
        await w.settled()
        assert "99" in [received.id for received in w.got("a")[:3]]


async def test_events_start_in_the_order_of_arrival(world: "WorldMaker", trigger: Any) -> None:
    """A Trigger serves first what came first, also beyond what is held in memory."""
    async with world(trigger(), concurrency=1) as w:
        await asyncio.gather(*(w.eventing.publish("default", "default", event(n)) for n in range(READ_AHEAD * 3)))
        await w.settled()
        assert [int(received.id) for received in w.got("a")] == list(range(READ_AHEAD * 3))


async def test_backlog_stays_on_disk(world: "WorldMaker", trigger: Any) -> None:
    """However many events wait, memory holds a few; after a restart all of them are still owed, and delivered."""
    total = 1500
    gate = asyncio.Event()

    async def wait(_: "Received") -> Response:
        await gate.wait()
        return DONE

    async with world(trigger(), answers={"a": wait}, concurrency=2) as w:
        for first in range(0, total, 100):
            await asyncio.gather(*(w.eventing.publish("default", "default", event(first + n)) for n in range(100)))
        outlet = w.eventing._routes.outlets["default/t", False]
        assert w.eventing.pending() == total
        assert len(outlet.held) <= READ_AHEAD + 2
        gate.set()
        await w.restart()
        await w.settled()
        assert {int(received.id) for received in w.got("a")} == set(range(total))


async def test_many_waiting_retries_hold_no_memory(
    world: "WorldMaker", trigger: Any, later: Callable[[float], None]
) -> None:
    """Deliveries that wait for their next attempt are rows and one alarm, not tasks or entries of a queue."""
    delivery = {"retry": 1, "backoffPolicy": "exponential", "backoffDelay": "PT10M"}
    gate = asyncio.Event()

    async def fail(_: "Received") -> Response:
        await gate.wait()
        return Response(503, [], b"")

    async with world(trigger(delivery=delivery), answers={"a": fail}, concurrency=60) as w:
        await asyncio.gather(*(w.eventing.publish("default", "default", event(n)) for n in range(60)))
        await w.until(lambda: len(w.got("a")) == 60)
        gate.set()
        await w.until(lambda: len(w.attempts) == 60)
        await w.eventing._log.flush()
        outlet = w.eventing._routes.outlets["default/t", False]
        assert not outlet.held
        assert not w.eventing._dispatcher._running
        assert len(w.eventing._dispatcher._alarms) <= 2
        later(600)
        await w.settled()
        assert len(w.attempts) == 120


async def test_idle_costs_nothing(world: "WorldMaker", trigger: Any) -> None:
    """With nothing owed there is no timer that would wake the process."""
    async with world(trigger(delivery={"retry": 2}), answers={"a": lambda _: Response(503, [], b"")}) as w:
        await w.publish(event(1))
        await w.settled()
        assert w.eventing._dispatcher._timer is None
        assert w.eventing._log._lazy is None
