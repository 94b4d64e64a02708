"""What a Pub/Sub push subscription sends: a message as JSON, or unwrapped as an HTTP request with metadata."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic_core import from_json

from renga import wire
from renga.deadletters import Failure, quoted, subscription_url, with_failure
from renga.exchange import HttpRequest
from renga.wire import NotAnEvent, WireEvent

_SUBSCRIPTION = "x-goog-pubsub-subscription-name"
_DEAD = "cloudpubsubdeadlettersource"
"""How the attributes begin that a subscription's dead-letter policy adds."""


class Push(NamedTuple):
    """One message of a subscription."""

    subscription: str
    """`projects/PROJECT/subscriptions/ID`."""
    attributes: Mapping[str, str]
    """Of the message; names in lower case, those of an unwrapped push among the request's headers."""
    body: bytes

    @classmethod
    def of_message(cls, subscription: str, message: dict[str, Any]) -> "Push":
        """A message as Pub/Sub's REST API has it, pushed or pulled.

        Raises:
            NotAnEvent: it cannot be read.
        """
        attributes = message.get("attributes") or {}
        try:
            data = base64.b64decode(message.get("data") or "", validate=True)
        except (binascii.Error, TypeError, ValueError):
            raise NotAnEvent("The pushed message has data that is not base64.") from None
        if not isinstance(attributes, dict) or not all(isinstance(value, str) for value in attributes.values()):
            raise NotAnEvent("The pushed message has attributes that are not text.")
        return cls(subscription, {name.lower(): value for name, value in attributes.items()}, data)

    def event(self) -> WireEvent:
        """The event; one that a subscription's policy gave up tells so as a dead letter of Knative's does.

        Raises:
            NotAnEvent: the message is none, or breaks the specification.
        """
        event = wire.decode(self.attributes, self.body)
        subscription = self.attributes.get(f"{_DEAD}subscription")
        if subscription is None:
            return event
        project = self.attributes.get(f"{_DEAD}subscriptionproject") or self.subscription.split("/")[1]
        count = self.attributes.get(f"{_DEAD}deliverycount", "all")
        said = f"It was not acknowledged in {count} deliveries."
        dest = subscription_url(f"projects/{project}/subscriptions/{subscription}")
        return with_failure(event, Failure(dest, None, quoted(said.encode())))


def is_wrapped(request: HttpRequest) -> bool:
    """Whether a push is a message as JSON; else the message is the request."""
    return _SUBSCRIPTION not in request.headers


def of_request(request: HttpRequest) -> Push | None:
    """The push in a request; None where it is something else.

    Raises:
        NotAnEvent: it is a push whose message cannot be read.
    """
    if request.method != "POST":
        return None
    subscription = request.headers.get(_SUBSCRIPTION)
    if subscription is not None:
        return Push(subscription, request.headers, request.body)
    wrapped = None if wire.is_event(request.headers) else _wrapped(request.body)
    return Push.of_message(str(wrapped["subscription"]), wrapped["message"]) if wrapped else None


def _wrapped(body: bytes) -> dict[str, Any] | None:
    """A wrapped push. A plain call's JSON may have any shape, so it must have all that a push has."""
    if b'"subscription"' not in body or b'"message"' not in body:
        return None
    try:
        found = from_json(body)
    except ValueError:
        return None
    if not isinstance(found, dict) or not isinstance(found.get("message"), dict):
        return None
    is_push = str(found.get("subscription")).startswith("projects/") and "messageId" in found["message"]
    return found if is_push else None
