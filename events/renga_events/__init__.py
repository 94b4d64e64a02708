"""The vocabulary: every event type, once. Import a suite's module for its types."""

from renga_events.base import AnyEvent, DeadLetter, Event, event_types
from renga_events.envelope import Envelope

__all__ = ["AnyEvent", "DeadLetter", "Envelope", "Event", "event_types"]
