"""Hear every event, and tell what became of each run."""

from typing import Annotated, Any

from pydantic import Field

from renga import Stream, function
from renga.ledger.run import Run, RunState, RunSummary
from renga.ledger.service import Ledger, LedgerSettings
from renga_events import AnyEvent

ledger = Ledger.of(LedgerSettings())


# One replica, because its default store is a SQLite file in the replica's own folder: a second one would tell another
# story. Each follower of a run holds one of its places for as long as the run lasts, so there are many.
@function(max_scale=1, concurrency=1000, timeout_s=600)
async def handle(event: AnyEvent) -> None:
    """Keep the event."""
    await ledger.record(event)


@handle.get("/runs")
async def runs(limit: Annotated[int, Field(ge=1, le=1000)] = 20, state: RunState | None = None) -> list[RunSummary]:
    """The newest runs first."""
    return await ledger.runs(limit, state)


@handle.get("/runs/{run_id}")
async def run(run_id: str) -> Run | None:
    """A run with its timeline."""
    return await ledger.run(run_id)


@handle.get("/runs/{run_id}/events/{event_id}")
async def event(run_id: str, event_id: str) -> Any | None:
    """A whole event of a run, as structured JSON."""
    return await ledger.event(run_id, event_id)


@handle.get("/runs/{run_id}/stream")
async def stream(run_id: str, last_event_id: int = 0) -> Stream:
    """The run as it happens, as server-sent events."""
    return ledger.stream(run_id, last_event_id)
