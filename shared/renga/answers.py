"""A handler's answers as events on the wire: with an identity, a cause, a run and a trace."""

import hashlib
from datetime import UTC, datetime
from typing import Any, NamedTuple

from renga.trace import Trace
from renga.wire import WireEvent
from renga_events.base import Event
from renga_events.envelope import AttributeValue, Envelope


class Attempt(NamedTuple):
    """One handling of one event by one function."""

    function: str
    """`schema/parse`."""
    cause: Envelope
    number: int
    """Counts from 1."""
    cold: bool
    """The first event of this process."""
    traceparent: str | None
    """Where in a trace the event came from; the request's own header wins over the event's."""
    death: str | None = None
    """Of a dead letter, which of its event's deaths it tells of: see `renga.deadletters.death`."""

    def trace(self) -> Trace:
        """The span of this handling; a run that came without a trace is one of its own."""
        origin = Trace.of(self.traceparent) or Trace.begun_by(self.cause.correlation_id)
        return origin.child(f"{self.function} {self.cause.key} {self.number}")


def source_of(function: str) -> str:
    """The CloudEvents source of what a function says."""
    return f"/functions/{function}"


def events_of(result: Any) -> list[Event]:
    """A handler's result as a list of events.

    Raises:
        TypeError: it is nothing that a handler may return.
    """
    events = [] if result is None else result if isinstance(result, list) else [result]
    for event in events:
        if not isinstance(event, Event):
            raise TypeError(
                f"The handler returned {type(event).__name__}; it may return None, an Event or a list of Events."
            )
    return events


def to_wire(event: Event, attempt: Attempt, index: int, duration_ms: float) -> WireEvent:
    """Put an answer into its envelope.

    Its id follows from its cause, so that a second handling of the same event says the same thing again
    instead of something new.
    """
    cause = attempt.cause
    of_death = (attempt.death,) if attempt.death else ()
    identity = "\n".join((attempt.function, cause.source, cause.id, event.ce_type, str(index), *of_death))
    subject = event.subject() or cause.subject
    extensions: dict[str, AttributeValue] = {
        "correlationid": cause.correlation_id,
        "causationid": cause.id,
        "traceparent": str(attempt.trace()),
        "rengaattempt": attempt.number,
        "rengastart": "cold" if attempt.cold else "warm",
        "rengaduration": round(duration_ms),
    }
    if tracestate := cause.extension("tracestate"):
        extensions["tracestate"] = tracestate
    if subject:
        extensions["partitionkey"] = subject
    envelope = Envelope(
        id=hashlib.sha256(identity.encode()).hexdigest()[:32],
        source=source_of(attempt.function),
        type=event.ce_type,
        subject=subject,
        time=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        datacontenttype="application/json",
        extensions=extensions,
    )
    return WireEvent(envelope, event.to_json())
