"""W3C trace context, carried from event to event: the same trace, a new span for each hop."""

import os
from typing import NamedTuple


class Trace(NamedTuple):
    """Where in a trace we are."""

    trace_id: str
    span_id: str
    flags: str = "01"

    @classmethod
    def of(cls, traceparent: str | None) -> "Trace":
        """Read a `traceparent`; begin a new trace where there is none or it is malformed, as the specification asks."""
        parts = (traceparent or "").split("-")
        if [len(part) for part in parts] == [2, 32, 16, 2] and all(map(_is_lower_hex, parts)) and parts[0] == "00":
            _, trace_id, span_id, flags = parts
            if trace_id.strip("0") and span_id.strip("0"):
                return cls(trace_id, span_id, flags)
        return cls(os.urandom(16).hex(), os.urandom(8).hex())

    def child(self) -> "Trace":
        """A new span in the same trace."""
        return Trace(self.trace_id, os.urandom(8).hex(), self.flags)

    def __str__(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"


def _is_lower_hex(text: str) -> bool:
    return not text.strip("0123456789abcdef")
