"""The ledger as its function uses it: hears events in bursts, tells runs, and wakes who follows them."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json

from renga.claimcheck import ClaimCheck
from renga.contract import Stream
from renga.fates import Reject
from renga.hosting import HostSettings
from renga.lazystore import LazyStore
from renga.ledger.chain import Chain, deployed_chain
from renga.ledger.projection import project
from renga.ledger.record import Record
from renga.ledger.run import Run, RunState, RunSummary
from renga.ledger.sse import HEARTBEAT, ServerSentEvent
from renga.settings import Settings
from renga.wire import WireEvent, encode_structured
from renga_events.base import AnyEvent

if TYPE_CHECKING:
    from renga.ledger.store import Store

HEARTBEAT_S = 15.0
POLL_S = 1.0
"""How long a follower sleeps before it looks by itself: another replica may have heard what this one did not."""
UNHEARD_S = 60.0
"""How long a stream waits for the first event of its run, which may still be on its way."""
_PAGE = 200


class LedgerSettings(Settings, env_prefix="LEDGER_"):
    """Read once, at cold start."""

    database: str = ""
    """`sqlite:////folder/ledger.db` or `postgresql://user@host/database`; by default a file in RENGA_STATE_DIR."""


class Ledger:
    """One ledger.

    Args:
        url: see LedgerSettings.database.
        claims: where data is that was too large to travel.
        chain: who is awaited after which event; by default as it was generated.

    Raises:
        ValueError: the URL is of no database that the ledger can be kept in.
    """

    def __init__(self, url: str, claims: ClaimCheck, chain: Callable[[], Chain] = deployed_chain) -> None:
        self._store = LazyStore(url, "LEDGER_DATABASE", _open)
        self._claims = claims
        self._make_chain = chain
        self._waiting: list[tuple[Record, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._followers: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    @classmethod
    def of(cls, settings: LedgerSettings) -> "Ledger":
        """The ledger that the settings name, beside the host that serves it."""
        host = HostSettings()
        return cls(settings.database or f"sqlite:///{host.state}/ledger.db", ClaimCheck(host.blobs))

    @cached_property
    def _chain(self) -> Chain:
        return self._make_chain()

    async def record(self, event: AnyEvent) -> None:
        """Keep an event; return when it is kept. Events that come while others are written share a transaction.

        Raises:
            Reject: it can never be kept.
            Retry: the database is away.
        """
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((Record(WireEvent(event.envelope, event.data), datetime.now(UTC)), kept))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        await kept

    async def runs(self, limit: int, state: RunState | None) -> list[RunSummary]:
        """The newest runs first, of one state or any."""
        found: list[RunSummary] = []
        before: int | None = None
        while len(found) < limit:
            size = limit if state is None else _PAGE
            page = await self._store.ask(partial(_page, before=before, limit=size))
            if not page:
                break
            before = page[-1][0]
            names = [name for _, name in page]
            records = await self._store.ask(partial(_records, runs=names))
            told = (project(name, records[name], self._chain) for name in names if name in records)
            found += [run.summary() for run in told if state in {None, run.state}]
        return found[:limit]

    async def run(self, run: str) -> Run | None:
        """A run with its timeline, or None where nothing was heard of it."""
        records = await self._store.ask(partial(_records, runs=[run]))
        return project(run, records[run], self._chain) if records else None

    async def event(self, run: str, event: str) -> Any | None:
        """An event of a run as the JSON object of structured mode, its data fetched from wherever it is.

        Raises:
            Reject: its data lies outside the blob store.
            Retry: the data cannot be read now.
        """
        found = await self._store.ask(lambda store: store.event(run, event))
        if found is None:
            return None
        return from_json(encode_structured(WireEvent(found.envelope, await self._claims.check_out(found))))

    def stream(self, run: str, last_event_id: int) -> Stream:
        """What becomes of a run as it happens, after an entry: `entry` for each new line, `run` for each change.

        It ends when the run has ended, or when nothing was heard of the run for UNHEARD_S.
        """
        return Stream(self._follow(run, last_event_id))

    async def _follow(self, run: str, last: int) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        began = quiet_since = loop.time()
        told: RunSummary | None = None
        yield HEARTBEAT
        with self._followed(run) as changed:
            while True:
                changed.clear()
                now = await self.run(run)
                if now is not None:
                    # By number, not by time: a reader that is cut off goes on after the last number that it saw.
                    entries = sorted((e for e in now.timeline if e.sequence > last), key=lambda e: e.sequence)
                    summary = now.summary()
                    chunks = [
                        ServerSentEvent("entry", entry.model_dump_json(), str(entry.sequence)).encode()
                        for entry in entries
                    ]
                    if summary != told:
                        chunks.append(ServerSentEvent("run", summary.model_dump_json()).encode())
                    if chunks:
                        yield b"".join(chunks)
                        last, told, quiet_since = max((last, *(e.sequence for e in entries))), summary, loop.time()
                    if now.state != "running":
                        return
                elif loop.time() - began > UNHEARD_S:
                    return
                if loop.time() - quiet_since >= HEARTBEAT_S:
                    quiet_since = loop.time()
                    yield HEARTBEAT
                try:
                    await asyncio.wait_for(changed.wait(), POLL_S)
                except TimeoutError:
                    continue

    @contextmanager
    def _followed(self, run: str) -> Iterator[asyncio.Event]:
        changed = asyncio.Event()
        self._followers[run].add(changed)
        try:
            yield changed
        finally:
            self._followers[run].discard(changed)
            if not self._followers[run]:
                del self._followers[run]

    async def _write(self) -> None:
        """Keep what is waiting, all of it in one transaction, until nothing waits."""
        while self._waiting:
            batch, self._waiting = self._waiting, []
            await self._keep(batch)

    async def _keep(self, batch: list[tuple[Record, "asyncio.Future[None]"]]) -> None:
        from renga.ledger.store import Unkeepable

        try:
            await self._store.ask(lambda store: store.record([record for record, _ in batch]))
        except Unkeepable as error:
            if len(batch) == 1:
                _settle(batch, Reject(str(error)))
                return
            # One of them spoils the transaction of all: each gets its own.
            for one in batch:
                await self._keep([one])
            return
        except Exception as error:  # noqa: BLE001 - raised again in whoever waits for these events
            _settle(batch, error)
            return
        _settle(batch, None)
        for run in {record.run for record, _ in batch} & self._followers.keys():
            for changed in self._followers[run]:
                changed.set()


def _open(url: str) -> "Store":
    from renga.ledger.store import Store

    return Store(url)


def _page(store: "Store", *, before: int | None, limit: int) -> list[tuple[int, str]]:
    return store.runs(before=before, limit=limit)


def _records(store: "Store", *, runs: list[str]) -> dict[str, list[Record]]:
    return store.records(runs)


def _settle(batch: list[tuple[Record, "asyncio.Future[None]"]], error: Exception | None) -> None:
    for _, kept in batch:
        if kept.done():
            continue  # Whoever waited has left.
        if error is None:
            kept.set_result(None)
        else:
            kept.set_exception(error)
