"""What the observer is told: every attempt to deliver, and what it meant."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from renga_events.envelope import Envelope

Meaning = Literal["done", "retry", "failed", "dead", "lost"]
"""`retry`: once more, later. `failed`: the dead-letter sink is next. The others as in State."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to deliver one event."""

    namespace: str
    broker: str
    event: Envelope
    trigger: str
    dest: str
    dead_letter: bool
    """Whether it went to the dead-letter sink."""
    number: int
    """Counted from 1, per destination."""
    status: int | None
    """None where no answer came."""
    error: str | None
    meaning: Meaning
    took_s: float
    reply: Envelope | None = None
    """The event that goes on because of it."""


Observer = Callable[[Attempt], None]
