"""Events to and from the CloudEvents SDK."""

from typing import ClassVar

import pytest
from cloudevents.conversion import to_json
from cloudevents.http import CloudEvent

from renga import wire
from renga.interop import from_cloudevent, to_cloudevent
from renga_events import AnyEvent, Envelope, Event


class Sold(Event):
    """Something was sold."""

    ce_type: ClassVar[str] = "test.interop.sold.v1"
    subject_field: ClassVar[str | None] = "item"

    item: str
    price: float = 0


def test_a_delivered_event_keeps_its_envelope() -> None:
    """There and back again, attributes, extensions and data are the same."""
    envelope = Envelope(
        id="1",
        source="/s",
        type=Sold.ce_type,
        subject="tea",
        time="2026-01-01T00:00:00Z",
        extensions={"correlationid": "r"},
    )
    event = Sold(item="tea", price=2.5).inside(envelope)
    back = from_cloudevent(to_cloudevent(event), Sold)
    assert back == event
    assert back.envelope.correlation_id == "r"
    assert back.envelope.subject == "tea"


def test_a_new_event_needs_a_source() -> None:
    """What was never sent gets an identity, and its source from the caller."""
    with pytest.raises(ValueError, match="needs a source"):
        to_cloudevent(Sold(item="tea"))
    made = to_cloudevent(Sold(item="tea"), source="/shop")
    assert (made["type"], made["subject"], made.get_data()) == (Sold.ce_type, "tea", {"item": "tea"})


def test_what_the_sdk_writes_we_read() -> None:
    """An event that the SDK put on the wire is read by ours, and ours by the typed class."""
    theirs = CloudEvent({"type": Sold.ce_type, "source": "/s", "myext": "1"}, {"item": "tea"})
    event = wire.decode({"content-type": wire.STRUCTURED}, to_json(theirs))
    assert event.envelope.extension("myext") == "1"
    assert Sold.from_json(event.data or b"").item == "tea"


def test_other_types_are_refused() -> None:
    """An SDK object of another type is not forced into ours; AnyEvent takes it."""
    theirs = CloudEvent({"type": "x", "source": "/s"}, {"item": "tea"})
    with pytest.raises(TypeError, match="x is no Sold"):
        from_cloudevent(theirs, Sold)
    assert from_cloudevent(theirs, AnyEvent).envelope.type == "x"
