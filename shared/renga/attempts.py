"""Tells those who follow a run that an attempt failed; best-effort, apart from the delivery itself."""

from renga import answers
from renga.answers import Attempt
from renga.fates import Retry
from renga.sinks import Sink
from renga_events.platform import AttemptFailed


async def report(sink: Sink, attempt: Attempt, *, outcome: str, status: int, reason: str, duration_ms: float) -> None:
    """Publish the failed attempt; where the sink does not take it, the log is all there is."""
    cause = attempt.cause
    event = AttemptFailed.model_validate(
        {
            "function": attempt.function,
            "event_type": cause.type,
            "event_source": cause.source,
            "event_id": cause.id,
            "attempt": attempt.number,
            "outcome": outcome,
            "status": status,
            "reason": reason[:1000],
            "cold": attempt.cold,
            "duration_ms": round(duration_ms, 3),
        }
    )
    outgoing = answers.to_wire(event, attempt, attempt.number, duration_ms)
    try:
        await sink.publish(outgoing)
    except (Retry, ValueError):
        return
