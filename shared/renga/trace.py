"""W3C trace context, carried from event to event: the same trace, a new span for each handling.

Ids follow from what they are ids of, so that a second delivery of an event says the same of it as the first.
"""

from typing import NamedTuple, Self


class Trace(NamedTuple):
    """Where in a trace we are."""

    trace_id: str
    span_id: str
    flags: str = "01"

    @classmethod
    def of(cls, traceparent: str | None) -> "Trace | None":
        """Read a `traceparent`; None where there is none or it is malformed."""
        parts = (traceparent or "").split("-")
        if [len(part) for part in parts] != [2, 32, 16, 2] or not all(map(_is_lower_hex, parts)) or parts[0] != "00":
            return None
        _, trace_id, span_id, flags = parts
        return cls(trace_id, span_id, flags) if trace_id.strip("0") and span_id.strip("0") else None

    @classmethod
    def begun_by(cls, run: str) -> Self:
        """The trace of a run that came without one."""
        return cls(_digest(run, 16), _digest(run, 8))

    def child(self, what: str) -> "Trace":
        """The span of something that happens in this one."""
        return Trace(self.trace_id, _digest(f"{self.span_id} {what}", 8), self.flags)

    def __str__(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"


def _is_lower_hex(text: str) -> bool:
    return not text.strip("0123456789abcdef")


def _digest(text: str, size: int) -> str:
    from hashlib import blake2b  # Not needed by a function that answers nothing.

    return blake2b(text.encode(), digest_size=size).hexdigest()
