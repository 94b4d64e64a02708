"""Events as Pub/Sub messages and back, after the CloudEvents binding for Pub/Sub.

Attributes travel as message attributes `ce-*`, the media type as `content-type`, so that a subscription which unwraps
its pushes makes them binary-mode CloudEvents over HTTP. Their values are written as HTTP header values are, because
that is what they become: percent-encoded where they are not plain ASCII.
"""

import base64
from typing import Any, NamedTuple
from urllib.parse import quote

from renga import wire
from renga.wire import WireEvent

DEAD_LETTERS = "renga-dead-letters"
"""The topic that keeps what a function rejected, and what a subscription gave up."""

LONGEST_ATTRIBUTE = 1024
"""Bytes that Pub/Sub takes of an attribute's value; an event with a longer one travels in structured mode."""
_LONGEST_KEY = 1024
_IN_TOPIC_IDS = "-._~+"


class Message(NamedTuple):
    """A message as it is published."""

    attributes: dict[str, str]
    data: bytes
    ordering_key: str = ""

    @property
    def size(self) -> int:
        """About how many bytes it takes of a request."""
        attributes = sum(len(name) + len(value) + 8 for name, value in self.attributes.items())
        return len(self.data) * 4 // 3 + attributes + len(self.ordering_key) + 64

    def as_json(self) -> dict[str, Any]:
        """The message as Pub/Sub's REST API takes it."""
        message: dict[str, Any] = {"attributes": self.attributes, "data": base64.b64encode(self.data).decode()}
        return message | {"orderingKey": self.ordering_key} if self.ordering_key else message


def topic_of(ce_type: str) -> str:
    """The topic of an event type: its own name, with what a topic id may not hold percent-encoded.

    Raises:
        ValueError: Pub/Sub takes no such topic.
    """
    topic = quote(ce_type, safe=_IN_TOPIC_IDS)
    if not (3 <= len(topic) <= 255 and topic[0].isalpha()) or topic.startswith("goog"):
        raise ValueError(
            f"{ce_type[:300]!r} cannot be a Pub/Sub topic: one begins with a letter but not with `goog`, "
            f"and has 3 to 255 characters; this has {len(topic)}."
        )
    return topic


def encode(event: WireEvent) -> Message:
    """An event as a message; what must keep its order carries its `partitionkey` as ordering key."""
    headers, data = wire.encode_binary(event)
    attributes = dict(headers)
    if max(map(len, attributes.values())) > LONGEST_ATTRIBUTE:
        attributes, data = {"content-type": wire.STRUCTURED}, wire.encode_structured(event)
    key = event.envelope.extension("partitionkey") or ""
    return Message(attributes, data, key if len(key.encode()) <= _LONGEST_KEY else "")
