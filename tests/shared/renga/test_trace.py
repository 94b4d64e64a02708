"""W3C trace context."""

import pytest

from renga.trace import Trace

VALID = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
NO_TRACE = f"00-{'0' * 32}-00f067aa0ba902b7-01"
NO_SPAN = f"00-4bf92f3577b34da6a3ce929d0e0e4736-{'0' * 16}-01"


def test_a_child_stays_in_the_trace() -> None:
    """The next span has the same trace and flags; what it is the span of decides its id."""
    trace = Trace.of(VALID)
    assert trace is not None
    child = trace.child("one thing")
    assert str(trace) == VALID
    assert (child.trace_id, child.flags) == (trace.trace_id, trace.flags)
    assert child == trace.child("one thing")
    assert len({trace.span_id, child.span_id, trace.child("another").span_id, child.child("one thing").span_id}) == 4
    assert Trace.of(str(child)) == child


@pytest.mark.parametrize("text", [None, "", "00-1-2-3", VALID.upper(), VALID.replace("4", "g"), NO_TRACE, NO_SPAN])
def test_what_is_malformed_is_no_trace(text: str | None) -> None:
    """A traceparent that breaks the specification is not passed on."""
    assert Trace.of(text) is None


def test_a_run_without_a_trace_has_one_of_its_own() -> None:
    """Every function of a run begins the same trace where nobody began one."""
    begun = Trace.begun_by("run-1")
    assert begun == Trace.begun_by("run-1")
    assert Trace.of(str(begun)) == begun
    assert begun.trace_id != Trace.begun_by("run-2").trace_id
