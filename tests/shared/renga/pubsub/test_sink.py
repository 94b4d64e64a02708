"""Publishing to a real emulator, read back by Google's own client."""

import asyncio
import os
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from pubsub_server import PubSubServer
from renga.fates import Retry
from renga.pubsub.message import Message, encode
from renga.pubsub.sink import PubSubSink
from renga.sinks import sink_for
from renga.wire import WireEvent, decode
from renga_events.envelope import Envelope

pytestmark = pytest.mark.connected

TYPE = "shop.sold.v1"


def event(number: int, **extensions: str) -> WireEvent:
    """One event of many."""
    envelope = Envelope(str(number), "/shop", TYPE, datacontenttype="application/json", extensions=extensions)
    return WireEvent(envelope, b'{"n": %d}' % number)


async def published(pubsub: PubSubServer, *events: WireEvent) -> list[BaseException | None]:
    """Publish all at once; what came of each."""
    sink = PubSubSink(pubsub.project, emulator=pubsub.host)
    try:
        return await asyncio.gather(*map(sink.publish, events), return_exceptions=True)
    finally:
        await sink.close()


@pytest.fixture
def client(pubsub: PubSubServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Google's subscriber, which speaks gRPC."""
    monkeypatch.setitem(os.environ, "PUBSUB_EMULATOR_HOST", pubsub.host)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own dependencies
        from google.cloud.pubsub_v1 import SubscriberClient  # type: ignore[import-untyped]

        with SubscriberClient() as subscriber:
            yield subscriber


def test_googles_client_reads_it(pubsub: PubSubServer, client: Any) -> None:
    """What we publish over REST is what Google's client pulls over gRPC: attributes, data and ordering key."""
    pubsub.topic(TYPE)
    assert asyncio.run(published(pubsub, event(1, partitionkey="k", correlationid="c"))) == [None]
    path = client.subscription_path(pubsub.project, TYPE)
    (received,) = client.pull(subscription=path, max_messages=5, timeout=60).received_messages
    message = received.message
    assert decode(dict(message.attributes), message.data) == event(1, partitionkey="k", correlationid="c")
    assert message.ordering_key == "k"


def test_many_at_once(pubsub: PubSubServer) -> None:
    """Thousands said at once are all there, in the order they were said, and took few requests."""
    pubsub.topic(TYPE)
    requests = 0

    class Counting(PubSubSink):
        async def send(self, topic: str, messages: list[Any]) -> None:
            nonlocal requests
            requests += 1
            await super().send(topic, messages)

    async def publish() -> None:
        sink = Counting(pubsub.project, emulator=pubsub.host)
        await asyncio.gather(*(sink.publish(event(number, partitionkey="one")) for number in range(2500)))
        await sink.close()

    asyncio.run(publish())
    assert requests == 3
    found = pubsub.pulled(TYPE, 2500)
    assert len(found) == 2500
    assert [int(each.attributes["ce-id"]) for each in found] == list(range(2500))


def test_no_topic(pubsub: PubSubServer) -> None:
    """Without its topic an event is not acknowledged, and the reason names the topic."""
    (failure,) = asyncio.run(published(pubsub, event(1)))
    assert isinstance(failure, Retry)
    assert f"There is no topic {TYPE}" in str(failure)


def test_one_bad_message(pubsub: PubSubServer) -> None:
    """A message that Pub/Sub will never take fails alone; those beside it are published."""
    pubsub.topic(TYPE)

    async def publish() -> list[BaseException | None]:
        sink = PubSubSink(pubsub.project, emulator=pubsub.host)
        messages = [encode(event(1)), Message({}, b""), encode(event(3))]
        results = await asyncio.gather(*map(sink.topic(TYPE).publish, messages), return_exceptions=True)
        await sink.close()
        return results

    first, second, third = asyncio.run(publish())
    assert (first, third) == (None, None)
    assert isinstance(second, ValueError)
    assert "empty" in str(second)
    assert {each.attributes["ce-id"] for each in pubsub.pulled(TYPE, 2)} == {"1", "3"}


def test_away() -> None:
    """A Pub/Sub that does not answer is a reason to try again, never a loss."""
    away = PubSubServer("127.0.0.1:1", "p")
    assert [type(each) for each in asyncio.run(published(away, event(1), event(2)))] == [Retry, Retry]


def test_dead_letters(pubsub: PubSubServer) -> None:
    """A dead letter goes to the one topic for them."""
    pubsub.topic("renga-dead-letters")

    async def bury() -> bool:
        sink = sink_for(f"pubsub://{pubsub.project}", emulator=pubsub.host)
        buried = await sink.bury(event(1))
        await sink.close()
        return buried

    assert asyncio.run(bury())
    assert [each.attributes["ce-id"] for each in pubsub.pulled("renga-dead-letters", 1)] == ["1"]


@pytest.mark.parametrize("url", ["pubsub://", "pubsub:///", "kafka://broker", "default"])
def test_urls(url: str) -> None:
    """A sink's URL that leads nowhere is refused with the schemes there are."""
    with pytest.raises(ValueError, match="pubsub://PROJECT"):
        sink_for(url)
