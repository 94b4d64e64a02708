"""A dead letter: an event once more, with what went wrong in the extensions that Knative has for it (rule D9)."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from pydantic_core import from_json

from renga.idempotency import payload_hash
from renga.wire import WireEvent
from renga_events.envelope import AttributeValue, Envelope

DEST, CODE, DATA = "knativeerrordest", "knativeerrorcode", "knativeerrordata"
_FAILURE = frozenset({DEST, CODE, DATA})
MOST_DATA_BYTES = 768
"""Of an answer that a dead letter quotes: the encoded text is capped at 1024 characters."""
REPLAY_OF, REPLAYS = "replayof", "rengareplays"
"""Extensions of an event that is sent again: the letter it was kept as, and which replay this is, from 1."""

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

    @classmethod
    def of(cls, envelope: Envelope) -> "Failure | None":
        """What a dead letter tells; None where an event is none."""
        dest = envelope.extension(DEST)
        if dest is None:
            return None
        code = envelope.extension(CODE) or ""
        is_status = code.isdecimal() and len(code) < 10
        return cls(dest, int(code) if is_status else None, envelope.extension(DATA))

    @property
    def service(self) -> str:
        """The Service that did not take it: the first label of its host, or of its Pub/Sub subscription."""
        parts = urlsplit(self.dest)
        name = parts.path.rpartition("/")[2] if parts.hostname == PUBSUB else parts.hostname or self.dest
        return name.partition(".")[0]

    @property
    def is_of_answer(self) -> bool:
        """Whether it was the answer that nobody took: the dead letter is then the event that was answered."""
        return self.service.endswith("broker-ingress")

    @property
    def reason(self) -> str | None:
        """What the last answer said: the detail of a problem, or its text."""
        if self.data is None:
            return None
        try:
            body = base64.b64decode(self.data, validate=True)
        except (binascii.Error, ValueError):
            return self.data
        try:
            problem = from_json(body)
        except ValueError:
            return body.decode(errors="replace")
        return str(problem.get("detail") or problem) if isinstance(problem, dict) else str(problem)


def quoted(body: bytes, limit: int = MOST_DATA_BYTES) -> str | None:
    """What a dead letter quotes of an answer."""
    return base64.b64encode(body[:limit]).decode() or None


def with_failure(event: WireEvent, failure: Failure) -> WireEvent:
    """The event as a dead-letter sink gets it; what an earlier failure said is gone."""
    said = {DEST: failure.dest, CODE: failure.code, DATA: failure.data}
    extensions: dict[str, AttributeValue] = without(event.envelope.extensions, _FAILURE)
    extensions.update((name, value) for name, value in said.items() if value is not None)
    return event._replace(envelope=replace(event.envelope, extensions=extensions))


def without(extensions: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    """Extensions without some of them."""
    return {name: value for name, value in extensions.items() if name not in names}


def original(event: WireEvent) -> WireEvent:
    """The event that a dead letter once was, as its subscriber got it."""
    extensions = without(event.envelope.extensions, _FAILURE | {"knativebrokerttl"})
    return event._replace(envelope=replace(event.envelope, extensions=extensions))


def letter_id(event: WireEvent) -> str:
    """16 characters that stand for an event, for what it carries, and for who did not take it."""
    from hashlib import sha256

    envelope = event.envelope
    payload = payload_hash(envelope.datacontenttype, event.data or b"").hex()
    identity = f"{envelope.key} {payload} {envelope.extension(DEST) or ''}"
    return sha256(identity.encode(errors="surrogatepass")).hexdigest()[:16]


def death(event: WireEvent) -> str | None:
    """What tells one death of an event from another, and no two deliveries of the same; None for what is not dead.

    It dies by somebody's hand, and perhaps again after each replay.
    """
    if DEST not in event.envelope.extensions:
        return None
    return f"dead {letter_id(event)} {event.envelope.extension(REPLAYS) or 0}"


def subscription_url(name: str) -> str:
    """A Pub/Sub subscription as a URI; `name` is `projects/PROJECT/subscriptions/ID`."""
    return f"//{PUBSUB}/{name}"
