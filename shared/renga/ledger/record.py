"""One event as the ledger keeps it."""

import hashlib
from datetime import datetime
from typing import NamedTuple

from pydantic_core import from_json, to_json

from renga import deadletters
from renga.wire import WireEvent
from renga_events.envelope import Envelope


class Record(NamedTuple):
    """An event that was heard. A dead letter is its event once more, told apart by where it could not be delivered."""

    event: WireEvent
    heard: datetime
    """When the ledger took it."""
    sequence: int = 0
    """The ledger's own number, in the order of hearing; 0 before it is kept."""

    @property
    def run(self) -> str:
        """The run it belongs to."""
        return self.event.envelope.correlation_id

    @property
    def undelivered_to(self) -> str | None:
        """The URL that did not take it, where this is a dead letter."""
        return self.event.envelope.extension(deadletters.DEST)

    @property
    def key(self) -> str:
        """Identity of fixed length, because attributes may be longer than what a database indexes."""
        envelope = self.event.envelope
        identity = "\n".join((envelope.source, envelope.id, self.undelivered_to or ""))
        return hashlib.sha256(identity.encode(errors="surrogatepass")).hexdigest()

    @property
    def time(self) -> datetime:
        """When it happened: the event's own time, or when it was heard; a dead letter's is when it was heard."""
        written = self.event.envelope.time
        if written is None or self.undelivered_to:
            return self.heard
        return datetime.fromisoformat(written.upper())


def attributes_to_json(envelope: Envelope) -> str:
    """All context attributes as one JSON object."""
    return to_json(envelope.attributes()).decode()


def attributes_from_json(text: str) -> Envelope:
    """What was written by `attributes_to_json`."""
    return Envelope.of(from_json(text))
