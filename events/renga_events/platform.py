"""The events of the platform itself."""

from typing import ClassVar, Literal

from renga_events.base import Event


class AttemptFailed(Event):
    """A function tried to handle an event and did not succeed. Sent best-effort, so that a run's timeline shows it."""

    ce_type: ClassVar[str] = "dev.renga.platform.attempt.failed.v1"

    function: str
    """`schema/parse`."""
    event_type: str
    event_source: str
    event_id: str
    attempt: int
    """Counts from 1 for each event and function."""
    outcome: Literal["rejected", "retry", "failed"]
    """`rejected`: never again. `retry`: the function asked for another try. `failed`: a bug."""
    status: int
    """The HTTP status that the deliverer was given."""
    reason: str
    """One sentence; no traceback."""
    cold: bool
    """Whether this was the first event of its process."""
    duration_ms: float


class DeadLettered(Event):
    """An event was given up by its deliverer and is kept at the dead-letter desk: `renga dead` shows and replays it."""

    ce_type: ClassVar[str] = "dev.renga.platform.deadlettered.v1"

    letter: str
    """The desk's id of it; the same event given up by the same function is the same letter."""
    event_type: str
    event_source: str
    event_id: str
    event_cause: str | None = None
    """What the event answers: its own `causationid`."""
    dest: str
    """Who did not take it: the URL of a subscriber, or a Pub/Sub subscription as `//pubsub.googleapis.com/...`."""
    code: int | None = None
    """The status of its last answer; None where it gave none."""
    reason: str | None = None
    """What its last answer said."""
