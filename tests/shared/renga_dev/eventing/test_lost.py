"""What was lost is read from the log while its runtime goes on, and settled there."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from renga.deadletters import Failure
from renga.http.client import Response
from renga.wire import WireEvent
from renga_dev.eventing.lost import LostDeliveries
from renga_events.envelope import Envelope

if TYPE_CHECKING:
    from tests.shared.renga_dev.eventing.conftest import Received, WorldMaker


def event(event_id: str) -> WireEvent:
    """An event."""
    return WireEvent(Envelope(event_id, "/tests", "demo.v1", datacontenttype="application/json"), b"{}")


def answering(status: int, body: bytes = b"") -> Callable[["Received"], Response]:
    """A Service that always answers so."""
    return lambda _: Response(status, [], body)


async def test_while_the_runtime_goes_on(world: "WorldMaker", trigger: Any) -> None:
    """The whole event and the reason, with a dead-letter sink that failed too, or without any; oldest first."""
    triggers = trigger("plain", "a"), trigger("sunk", "b", delivery={"retry": 0, "deadLetterSink": "sink"})
    answers = {"a": answering(422, b"No."), "b": answering(500, b"Never."), "sink": answering(503)}
    async with world(*triggers, answers=answers) as w:
        lost = LostDeliveries(w.database)
        await w.publish(event("1"))
        await w.publish(event("2"))
        await w.settled()
        found = lost.all()
        told = [(each.event.event.envelope.id, each.trigger, each.failure) for each in found]
        assert len(told) == 4
        assert [event_id for event_id, _, _ in told] == sorted(event_id for event_id, _, _ in told)
        failures = {name: failure for _, name, failure in told}
        assert failures["default/sunk"] == Failure("http://b.default.svc.cluster.local", 500, "TmV2ZXIu")
        plain = failures["default/plain"]
        assert plain is not None
        assert (plain.service, plain.code, plain.reason) == ("a", 422, "answered 422")

        lost.settle([found[0].id])
        lost.forget([found[1].id])
        assert [each.id for each in lost.all()] == [each.id for each in found[2:]]
        await w.publish(event("3"))
        await w.settled()
        assert len(await w.eventing.deliveries(state="done")) == 1
        assert len(lost.all()) == 4


async def test_only_what_is_lost(world: "WorldMaker", trigger: Any) -> None:
    """Neither what was delivered nor what is in a dead-letter sink is told, settled or forgotten."""
    buried = trigger(delivery={"retry": 0, "deadLetterSink": "sink"})
    async with world(buried, answers={"a": answering(500)}) as w:
        await w.publish()
        await w.settled()
        [record] = await w.eventing.deliveries()
        lost = LostDeliveries(w.database)
        lost.forget([record.id])
        lost.settle([record.id])
        assert lost.all() == []
        assert [each.state for each in await w.eventing.deliveries()] == ["dead"]


def test_no_log(tmp_path: Path) -> None:
    """Where no runtime was, nothing was lost, and no file is made."""
    assert LostDeliveries(tmp_path / "events.db").all() == []
    assert not list(tmp_path.iterdir())
