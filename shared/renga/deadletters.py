"""A dead letter: an event once more, with what went wrong in the extensions that Knative has for it (rule D9)."""

import base64
from dataclasses import dataclass, replace

from renga.wire import WireEvent
from renga_events.envelope import AttributeValue

DEST, CODE, DATA = "knativeerrordest", "knativeerrorcode", "knativeerrordata"
MOST_DATA_BYTES = 768
"""Of an answer that a dead letter quotes: the encoded text is capped at 1024 characters."""


PUBSUB = "pubsub.googleapis.com"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an event could not be delivered, as a dead letter tells it.

    Attributes:
        dest: who did not take it: a subscriber's URL, or a Pub/Sub subscription as `subscription_url` has it.
        code: the status of the last answer; None where there was none to tell.
        data: the answer's body in base64; None where it was empty.
    """

    dest: str
    code: int | None = None
    data: str | None = None


def quoted(body: bytes, limit: int = MOST_DATA_BYTES) -> str | None:
    """What a dead letter quotes of an answer."""
    return base64.b64encode(body[:limit]).decode() or None


def with_failure(event: WireEvent, failure: Failure) -> WireEvent:
    """The event as a dead-letter sink gets it; what an earlier failure said is gone."""
    said = {DEST: failure.dest, CODE: failure.code, DATA: failure.data}
    extensions: dict[str, AttributeValue] = {
        name: value for name, value in event.envelope.extensions.items() if name not in said
    }
    extensions.update((name, value) for name, value in said.items() if value is not None)
    return event._replace(envelope=replace(event.envelope, extensions=extensions))


def subscription_url(name: str) -> str:
    """A Pub/Sub subscription as a URI; `name` is `projects/PROJECT/subscriptions/ID`."""
    return f"//{PUBSUB}/{name}"
