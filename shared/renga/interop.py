"""Where other people's code meets ours: an Event to and from the CloudEvents SDK's class."""

import os
from datetime import UTC, datetime
from typing import Any, TypeVar

from cloudevents.abstract import CloudEvent as AnyCloudEvent
from cloudevents.http import CloudEvent
from pydantic_core import from_json, to_json

from renga_events.base import Event
from renga_events.envelope import Envelope

E = TypeVar("E", bound=Event)


def to_cloudevent(event: Event, *, source: str | None = None) -> CloudEvent:
    """The SDK's object for an event.

    Args:
        event: delivered, so that it has an envelope, or new.
        source: the source of a new event.

    Raises:
        ValueError: a new event without a source.
    """
    try:
        attributes: dict[str, Any] = dict(event.envelope.attributes())
    except ValueError:
        if source is None:
            raise ValueError("A new event needs a source.") from None
        attributes = {
            "id": os.urandom(16).hex(),
            "source": source,
            "type": event.ce_type,
            "time": datetime.now(UTC).isoformat(),
            "datacontenttype": "application/json",
        }
        if subject := event.subject():
            attributes["subject"] = subject
    return CloudEvent(attributes, from_json(event.to_json()))


def from_cloudevent(event: AnyCloudEvent, cls: type[E]) -> E:
    """The typed event of an SDK object.

    Raises:
        TypeError: the types differ.
        pydantic.ValidationError: the data does not fit.
    """
    attributes = dict(event.get_attributes())
    if attributes["type"] != cls.ce_type and cls.ce_type != "*":
        raise TypeError(f"{attributes['type']} is no {cls.__name__} ({cls.ce_type}).")
    envelope = Envelope.of({name: value for name, value in attributes.items() if value is not None})
    data = event.get_data()
    raw = data if isinstance(data, bytes | str) else to_json(data if data is not None else {})
    return cls.from_json(raw, envelope)
