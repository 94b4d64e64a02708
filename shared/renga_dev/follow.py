"""Reads runs from the ledger, and follows one as it happens, through cut streams and restarts."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import TypeAdapter
from pydantic_core import from_json, to_json

from renga.http.client import Interrupted, Response, Unreachable
from renga.ledger.run import Entry, Run, RunState, RunSummary
from renga.ledger.sse import ServerSentEvent, decode
from renga_dev.endpoint import LEDGER, Endpoint, Refused, detail
from renga_events.base import Event

E = TypeVar("E", bound=Event)

PATIENCE_S = 30.0
"""How long a follower keeps trying while nobody answers."""
_SILENCE_S = 45.0
"""The ledger says every 15 s that it is still there; after three times that the connection counts as dead."""
_FIRST_WAIT_S = 0.1
_LONGEST_WAIT_S = 2.0
_PASSING = {408, 409, 425, 429, 500, 502, 503, 504}
"""Answers of a ledger that is only busy, starting or being replaced."""

_summaries = TypeAdapter(list[RunSummary])


@dataclass(slots=True)
class Follower:
    """Is told what happens meanwhile."""

    began: Callable[[str], None] = field(default=lambda _: None)
    """The run's id is known."""
    happened: Callable[[Entry], None] = field(default=lambda _: None)
    changed: Callable[[RunSummary], None] = field(default=lambda _: None)


class LedgerReader:
    """The ledger of a runtime."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    async def runs(self, *, limit: int, state: RunState | None = None) -> list[RunSummary]:
        """The newest runs first."""
        asked = f"?limit={limit}" + (f"&state={state}" if state else "")
        answer = await self._get(self._endpoint.of(LEDGER, "runs") + asked)
        return _summaries.validate_json(answer.body)

    async def run(self, run: str) -> Run | None:
        """A run with its timeline, or None where the ledger knows none."""
        answer = await self._get(self._endpoint.of(LEDGER, "runs", run), missing_is_fine=True)
        return None if answer.status == 404 else Run.model_validate_json(answer.body)

    async def event(self, run: str, event: str) -> Any | None:
        """An event of a run as structured JSON, or None where there is no such event."""
        answer = await self._get(self._endpoint.of(LEDGER, "runs", run, "events", event), missing_is_fine=True)
        return None if answer.status == 404 else from_json(answer.body)

    async def follow(self, run: str, *, after: int = 0) -> AsyncIterator[Entry | RunSummary]:
        """Each new entry and each new state, to the run's end; a cut stream is taken up where it was cut.

        Args:
            run: its id; its first event may still be on its way.
            after: the sequence of the last entry that is known.

        Raises:
            NoRuntime: nobody has answered for PATIENCE_S.
            Refused: there is no ledger, or it answers something else.
        """
        loop = asyncio.get_running_loop()
        reached, wait = loop.time(), _FIRST_WAIT_S
        while True:
            try:
                async for told in self._listen(run, after):
                    wait = _FIRST_WAIT_S
                    yield told
                    if isinstance(told, Entry):
                        after = told.sequence
                    elif told.state != "running":
                        return
                reached = loop.time()
            except Unreachable:
                if loop.time() - reached > PATIENCE_S:
                    raise self._endpoint.away() from None
            await asyncio.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT_S)

    async def to_its_end(self, run: str, follower: Follower) -> Run:
        """Follow a run and tell of it; how it ended.

        Raises:
            NoRuntime: as `follow`.
            Refused: likewise.
        """
        async for told in self.follow(run):
            if isinstance(told, Entry):
                follower.happened(told)
            else:
                follower.changed(told)
        found = await self.run(run)
        if found is None:
            raise Refused("The ledger told of the run's end", 404, "and does not know the run any more.")
        return found

    async def said(self, run: Run, cls: type[E]) -> E | None:
        """The last event of a type that a run said."""
        entry = next((e for e in reversed(run.timeline) if (e.event, e.outcome) == (cls.ce_type, "done")), None)
        if entry is None:
            return None
        event: Any = await self.event(run.run, entry.id)
        return None if event is None else cls.from_json(to_json(event.get("data", {})))

    async def _listen(self, run: str, after: int) -> AsyncIterator[Entry | RunSummary]:
        """What one stream tells until it ends or is cut; nothing, while the ledger is busy.

        Raises:
            Unreachable: nobody listens.
            Refused: there is no ledger.
        """
        headers = [("accept", "text/event-stream"), ("last-event-id", str(after))]
        url = self._endpoint.of(LEDGER, "runs", run, "stream")
        stream = None
        try:
            async with asyncio.timeout(_SILENCE_S):
                stream = await self._endpoint.stream(url, headers=headers)
            if stream.status not in {200, *_PASSING}:
                answer = Response(stream.status, stream.headers, await stream.read())
                raise Refused("The ledger cannot be followed", stream.status, detail(answer))
            async for said in decode(_lively(stream.chunks())):
                if (told := _told(said)) is not None:
                    yield told
        except (Interrupted, TimeoutError):
            return
        finally:
            if stream is not None:
                stream.close()

    async def _get(self, url: str, *, missing_is_fine: bool = False) -> Response:
        answer = await self._endpoint.request("GET", url)
        is_ledger = (answer.header("content-type") or "").startswith(("application/json", "application/problem+json"))
        if not is_ledger or (answer.status != 200 and not (missing_is_fine and answer.status == 404)):
            raise Refused(f"The ledger at {self._endpoint.of(LEDGER)} does not tell", answer.status, detail(answer))
        return answer


def _told(said: ServerSentEvent) -> Entry | RunSummary | None:
    if said.event == "entry":
        return Entry.model_validate_json(said.data)
    return RunSummary.model_validate_json(said.data) if said.event == "run" else None


async def _lively(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The chunks, as long as no pause between them is too long.

    Raises:
        TimeoutError: one was.
    """
    while True:
        async with asyncio.timeout(_SILENCE_S):
            chunk = await anext(chunks, None)
        if chunk is None:
            return
        yield chunk
