"""A function that hears everything and says what it heard."""

import base64
from typing import ClassVar

from renga import function
from renga_events import Event
from renga_events.base import AnyEvent
from renga_events.envelope import AttributeValue


class Heard(Event):
    """One event as the function saw it."""

    ce_type: ClassVar[str] = "test.heard.v1"

    attributes: dict[str, AttributeValue]
    data: str
    """base64."""


@function
def handle(event: AnyEvent) -> Heard:
    """Say it."""
    return Heard(attributes=event.envelope.attributes(), data=base64.b64encode(event.data or b"").decode())
