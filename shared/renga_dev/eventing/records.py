"""What the event log holds: events, and what is owed of each of them to whom."""

from dataclasses import dataclass, field
from typing import Literal

from renga.deadletters import Failure
from renga.wire import WireEvent, encode_binary, encode_structured

State = Literal["pending", "done", "dead", "lost"]
"""`done`: the subscriber took it. `dead`: the dead-letter sink took it. `lost`: neither did."""

STRUCTURED_HEADERS = (("content-type", "application/cloudevents+json; charset=utf-8"),)


@dataclass(slots=True)
class StoredEvent:
    """An event that a Broker accepted. The TTL travels beside the attributes, because subscribers do not see it."""

    sequence: int
    namespace: str
    broker: str
    event: WireEvent
    ttl: int
    arrived: float
    """Seconds since the epoch."""
    headers: tuple[tuple[str, str], ...] = ()
    """The HTTP headers that pass through the Broker."""
    _binary: tuple[list[tuple[str, str]], bytes] | None = field(default=None, repr=False)

    @property
    def size(self) -> int:
        """About how many bytes of memory it holds."""
        return len(self.event.data or b"") + 1024

    def encoded(self, *, structured: bool) -> tuple[list[tuple[str, str]], bytes]:
        """Headers and body of its request; binary mode is encoded once for all its subscribers."""
        if structured:
            return list(STRUCTURED_HEADERS), encode_structured(self.event)
        if self._binary is None:
            self._binary = encode_binary(self.event)
        return self._binary


@dataclass(slots=True)
class Delivery:
    """One event owed to one Trigger: to its subscriber first, and to its dead-letter sink after that failed."""

    id: int
    event: StoredEvent
    trigger: str
    """Namespace and name, `default/schema-parse`."""
    due: float
    """Not before this time, in seconds since the epoch."""
    state: State = "pending"
    attempts: int = 0
    """Attempts made, of the present destination."""
    status: int | None = None
    """The status of the last attempt; None where no answer came."""
    error: str | None = None
    dest: str | None = None
    """The URL of the last attempt."""
    failure: Failure | None = None
    """Set once the subscriber has failed for good: from then on the dead-letter sink is the destination."""
    took_s: float | None = None
    changed: float | None = None

    @property
    def dead_letter(self) -> bool:
        """Whether the dead-letter sink is its destination."""
        return self.failure is not None


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """A delivery as it stands in the log, for people to look at."""

    id: int
    sequence: int
    namespace: str
    broker: str
    trigger: str
    event_id: str
    event_source: str
    event_type: str
    correlation_id: str
    state: State
    attempts: int
    status: int | None
    error: str | None
    dest: str | None
    failure: Failure | None
    arrived: float
    due: float
    took_s: float | None
    changed: float | None
