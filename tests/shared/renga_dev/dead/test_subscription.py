"""Letters in a real subscription: looked at without taking them, dropped by acknowledging."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import pytest

from pubsub_server import PubSubServer
from renga.desk.letter import Letter, Replayed
from renga_dev.dead.subscription import Subscription
from renga_dev.endpoint import Refused

pytestmark = pytest.mark.connected

T = TypeVar("T")
EVENT = {"ce_specversion": "1.0", "ce_source": "/shop", "ce_type": "shop.sold.v1", "content_type": "application/json"}
POLICY = {
    "CloudPubSubDeadLetterSourceSubscription": "shop-ship.shop.sold.v1",
    "CloudPubSubDeadLetterSourceDeliveryCount": "6",
}
"""What a subscription's policy adds."""


@pytest.fixture
def project(pubsub: PubSubServer) -> PubSubServer:
    """A project of its own, with a topic of dead letters."""
    pubsub.topic("dead")
    return pubsub


def ask(project: PubSubServer, question: Callable[[Subscription], Coroutine[Any, Any, T]], name: str = "dead") -> T:
    """Open the subscription, ask it, close it."""

    async def story() -> T:
        subscription = Subscription(project.project, name, emulator=project.host)
        try:
            return await question(subscription)
        finally:
            await subscription.close()

    return asyncio.run(story())


def bury(project: PubSubServer, event_id: str, **attributes: str) -> None:
    """Publish a dead letter as a function does."""
    failure = {"ce_knativeerrordest": "http://shop-ship.default.svc.cluster.local", "ce_knativeerrorcode": "422"}
    project.publish("dead", b'{"n": 1}', **EVENT | {"ce_id": event_id} | failure | attributes)


def test_looking(project: PubSubServer) -> None:
    """What functions buried and what policies forwarded; and it is still there for the next look."""
    bury(project, "1", ce_size="3")
    project.publish("dead", b'{"n": 1}', **EVENT | {"ce_id": "2"} | POLICY)
    for _ in range(2):
        found = {letter.envelope.id: letter for letter in ask(project, lambda there: there.letters(None))}
        assert {name: letter.failure.service for name, letter in found.items()} == {"1": "shop-ship", "2": "shop-ship"}
    assert found["2"].failure.reason == "It was not acknowledged in 6 deliveries."
    [large] = ask(project, lambda there: there.letters("size > 2"))
    assert large.envelope.id == "1"


def test_one_whole(project: PubSubServer) -> None:
    """A letter has its data; one that is not there is none."""
    bury(project, "1")
    [letter] = ask(project, lambda there: there.letters(None))
    whole = ask(project, lambda there: there.letter(letter.id))
    assert whole is not None
    assert (whole.event.data, whole.summary()) == (b'{"n": 1}', letter)
    assert ask(project, lambda there: there.letter("none")) is None


def test_the_same_letter_twice(project: PubSubServer) -> None:
    """Two messages of one letter are one letter that came twice, and go together."""
    bury(project, "1")
    bury(project, "1")
    bury(project, "2")
    counts = {letter.envelope.id: letter.came for letter in ask(project, lambda there: there.letters(None))}
    assert counts == {"1": 2, "2": 1}
    [first] = ask(project, lambda there: there.letters("id = '1'"))
    assert ask(project, lambda there: there.drop([first.id, "none"])) == 1
    assert [letter.envelope.id for letter in ask(project, lambda there: there.letters(None))] == ["2"]


def test_what_is_no_event(project: PubSubServer) -> None:
    """It is counted, and left alone."""
    project.publish("dead", b"hello")

    async def look(there: Subscription) -> tuple[list[Letter], list[str]]:
        return await there.letters(None), there.notes

    for _ in range(2):
        letters, notes = ask(project, look)
        assert letters == []
        assert notes[0].startswith("1 messages are no events")


def test_no_marks(project: PubSubServer) -> None:
    """There is no place for them."""
    assert not ask(project, lambda there: there.mark("x", Replayed(number=1, outcome="well")))


def test_no_such_subscription(project: PubSubServer) -> None:
    """Pub/Sub's own words are told."""
    with pytest.raises(Refused, match=r"none of test-.* cannot be read.*404"):
        ask(project, lambda there: there.letters(None), "none")
