"""W3C trace context, carried from event to event: the same trace, a new span for each hop."""

import os
import re
from dataclasses import dataclass

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


@dataclass(frozen=True, slots=True)
class Trace:
    """Where in a trace we are."""

    trace_id: str
    span_id: str
    flags: str = "01"

    @classmethod
    def of(cls, traceparent: str | None) -> "Trace":
        """Read a `traceparent`; begin a new trace where there is none or it is malformed, as the specification asks."""
        match = _TRACEPARENT.fullmatch(traceparent or "")
        if match is None or set(match[1]) == {"0"} or set(match[2]) == {"0"}:
            return cls(os.urandom(16).hex(), os.urandom(8).hex())
        return cls(match[1], match[2], match[3])

    def child(self) -> "Trace":
        """A new span in the same trace."""
        return Trace(self.trace_id, os.urandom(8).hex(), self.flags)

    def __str__(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"
