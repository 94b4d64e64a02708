"""Events as messages."""

import pytest

from renga import wire
from renga.pubsub.message import encode, topic_of
from renga.wire import WireEvent
from renga_events.envelope import Envelope


def event(**extensions: str | int | bool) -> WireEvent:
    """An event with these extensions."""
    envelope = Envelope("1", "/shop", "shop.sold.v1", datacontenttype="application/json", extensions=extensions)
    return WireEvent(envelope, b'{"n": 1}')


def test_attributes() -> None:
    """Attributes become `ce-*`, the media type becomes `content-type`, data stays as it is."""
    message = encode(event(correlationid="c", count=3, urgent=True))
    assert message.attributes == {
        "ce-specversion": "1.0",
        "ce-id": "1",
        "ce-source": "/shop",
        "ce-type": "shop.sold.v1",
        "content-type": "application/json",
        "ce-correlationid": "c",
        "ce-count": "3",
        "ce-urgent": "true",
    }
    assert message.data == b'{"n": 1}'


def test_other_letters() -> None:
    """What is not plain ASCII is percent-encoded, because an unwrapped push makes a header of it."""
    message = encode(event(customer="Zoë 100%"))
    assert message.attributes["ce-customer"] == "Zo%C3%AB%20100%25"
    assert wire.decode(message.attributes, message.data).envelope.extensions == {"customer": "Zoë 100%"}


def test_order() -> None:
    """The partition key is the ordering key, unless it is longer than Pub/Sub takes."""
    assert encode(event(partitionkey="customer 7")).ordering_key == "customer 7"
    assert encode(event()).ordering_key == ""
    assert encode(event(partitionkey="ü" * 513)).ordering_key == ""


def test_a_long_attribute() -> None:
    """An attribute longer than Pub/Sub takes sends the event in structured mode, and nothing is cut."""
    message = encode(event(tracestate="x" * 1025))
    assert message.attributes == {"content-type": "application/cloudevents+json"}
    assert wire.decode(message.attributes, message.data).envelope == event(tracestate="x" * 1025).envelope


@pytest.mark.parametrize(
    ("ce_type", "topic"), [("dev.renga.schema.parsed.v1", "dev.renga.schema.parsed.v1"), ("a/b c", "a%2Fb%20c")]
)
def test_topics(ce_type: str, topic: str) -> None:
    """A topic has its type's name; what a topic id may not hold is percent-encoded."""
    assert topic_of(ce_type) == topic


@pytest.mark.parametrize("ce_type", ["google.cloud.x", "1st", "ab", "x" * 256, "ürlaub"])
def test_no_topics(ce_type: str) -> None:
    """A type that Pub/Sub takes no topic for is refused by name."""
    with pytest.raises(ValueError, match="cannot be a Pub/Sub topic"):
        topic_of(ce_type)
