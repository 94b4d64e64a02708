"""What is told of a run. Times carry their zone; durations are milliseconds."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

RunState = Literal["running", "well", "rejected", "failed"]
"""`well` and `rejected` are how its events say that it ended; `failed`: an event could not be handled."""

Outcome = Literal["done", "rejected", "retry", "failed", "dead"]
"""`done`: the event was said. `rejected`, `retry`, `failed`: an attempt at it was not the last word, or was.
`dead`: its delivery was given up."""


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class Entry(_Told):
    """One line of a timeline."""

    sequence: int
    """The ledger's number; a stream resumes after it."""
    event: str
    """The type of the event that was said, or that was tried."""
    id: str
    source: str
    function: str | None
    """Who said it, or who failed at it; None for who is no function."""
    cause: str | None
    """The id of the event that it answers."""
    attempt: int | None
    start: Literal["cold", "warm"] | None
    duration_ms: float | None
    outcome: Outcome
    time: datetime
    error: str | None
    """Why an attempt failed, in one sentence."""


class Awaited(_Told):
    """Something that has to be heard before the run can end."""

    id: str
    """The event that is to be answered, or that is itself missing."""
    event: str | None
    """Its type; None where the event itself has not been heard, though an answer to it has."""
    function: str | None
    """Who is to answer."""
    answers: tuple[str, ...] = ()
    """The types that it may answer with."""


class RunSummary(_Told):
    """A run without its timeline."""

    run: str
    state: RunState
    subject: str | None
    """What it is about: the subject of its first event."""
    started: datetime
    ended: datetime | None
    """None while it is running."""
    events: int
    """How many events it has said, dead letters and failed attempts apart."""
    awaited: tuple[Awaited, ...] = ()


class Run(RunSummary):
    """A run with everything that happened."""

    timeline: tuple[Entry, ...]
    """In the order in which it happened, which need not be that in which it was heard."""

    def summary(self) -> RunSummary:
        """The same without its timeline."""
        return RunSummary(**{name: getattr(self, name) for name in RunSummary.model_fields})
