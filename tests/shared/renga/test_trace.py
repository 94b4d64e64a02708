"""W3C trace context."""

import pytest

from renga.trace import Trace

VALID = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_a_child_stays_in_the_trace() -> None:
    """The next hop has the same trace and flags, and a span of its own."""
    trace = Trace.of(VALID)
    child = trace.child()
    assert str(trace) == VALID
    assert (child.trace_id, child.flags) == (trace.trace_id, trace.flags)
    assert child.span_id != trace.span_id


@pytest.mark.parametrize(
    "text", [None, "", "00-1-2-3", VALID.upper(), VALID.replace("4", "g"), f"00-{'0' * 32}-00f067aa0ba902b7-01"]
)
def test_what_is_malformed_begins_a_new_trace(text: str | None) -> None:
    """A traceparent that breaks the specification is not passed on."""
    trace = Trace.of(text)
    assert str(trace) != text
    assert Trace.of(str(trace)) == trace
