"""All Services of a runtime: the serving half, as eventing and the gateway call it."""

import asyncio
import hashlib
import json
from collections.abc import Coroutine, Iterable, Mapping
from pathlib import Path
from typing import Any

from renga.http.client import Response
from renga_dev.calls import Request, ServiceName
from renga_dev.manifests import InvalidManifests, Manifests
from renga_dev.serving.answers import Answer
from renga_dev.serving.clock import Clock
from renga_dev.serving.observer import Observer
from renga_dev.serving.process import StartFailed
from renga_dev.serving.revision import Surroundings
from renga_dev.serving.route import Route, ServiceStatus
from renga_dev.serving.sources import Look
from renga_dev.serving.workload import Place, Workloads

PARALLEL_STARTS = 2
_WATCH_S = 0.5
_LOCAL = "127.0.0.1"


class RevisionsFailed(Exception):  # noqa: N818 - says what is the case
    """Revisions that did not become ready once (S4).

    Attributes:
        failures: one per Service.
    """

    def __init__(self, failures: Iterable[StartFailed]) -> None:
        self.failures = tuple(failures)
        super().__init__("\n".join(str(failure) for failure in self.failures))


class LocalServices:
    """Implements `renga_dev.calls.Services` with processes on this machine."""

    def __init__(
        self,
        manifests: Manifests,
        place: Place,
        *,
        base_url: str,
        clock: Clock,
        observer: Observer,
        broker: Mapping[str, str] | None = None,
    ) -> None:
        """Set up; nothing is started.

        Raises:
            InvalidManifests: a Service that cannot be run here.
        """
        workloads = Workloads(manifests, place, base_url, broker)
        if faults := list(workloads.faults()):
            raise InvalidManifests(faults)
        around = Surroundings(place, clock, observer)
        look = Look()
        self.routes = {name: Route(workloads.of(service), around, look) for name, service in manifests.services.items()}
        self.by_function = {
            str(service.function): name for name, service in manifests.services.items() if service.function
        }
        self._verified = place.state / "verified.json"
        self._watching: asyncio.Task[None] | None = None

    async def call(self, service: ServiceName, request: Request) -> Response:
        """See `renga_dev.calls.Services.call`."""
        answer = await self.routes[service].open(request, _LOCAL)
        return await answer.whole()

    async def open(self, service: ServiceName, request: Request, peer: str) -> Answer:
        """The same, but returns when the answer begins.

        Raises:
            KeyError: no such service.
            Unreachable: its process could not be reached.
            Interrupted: its process went away before it answered.
        """
        return await self.routes[service].open(request, peer)

    def status(self) -> list[ServiceStatus]:
        """How each Service stands now."""
        return [route.status() for route in self.routes.values()]

    def capacity(self, service: ServiceName) -> int:
        """How many requests it takes now without queueing them; 0 is no limit."""
        revision = self.routes[service].revision
        return revision.spec.concurrency * max(1, revision.ready)

    async def start(self) -> None:
        """Start what its manifest never lets sleep.

        Raises:
            RevisionsFailed: some of it did not start.
        """
        awake = [route for route in self.routes.values() if route.revision.policy.min_scale]
        await _all(route.revision.start_one() for route in awake for _ in range(route.revision.policy.min_scale))

    async def verify(self, *, everything: bool) -> None:
        """Start each new revision once and stop it again; one that was ready before, unchanged, is not tried again.

        One whose start takes its time is not tried either: its first caller waits for that, not everybody.

        Raises:
            RevisionsFailed: some did not become ready.
        """
        known = {} if everything else _read(self._verified)
        marks = {str(name): _mark(route) for name, route in self.routes.items()}
        # What never sleeps is started right after this, and so is tried then.
        new = [
            route
            for name, route in self.routes.items()
            if known.get(str(name)) != marks[str(name)] and not route.workload.service.container.slow
        ]
        failures: tuple[StartFailed, ...] = ()
        try:
            await _all(route.revision.verify() for route in new if not route.revision.policy.min_scale)
        except RevisionsFailed as failed:
            failures = failed.failures
        for failure in failures:
            del marks[failure.service]
        self._verified.write_text(json.dumps(marks, indent=1, sort_keys=True))
        if failures:
            raise RevisionsFailed(failures)

    def watch(self) -> None:
        """Reload functions whose code changes, from now on."""
        self._watching = asyncio.get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        changing: dict[ServiceName, str] = {}
        while True:
            await asyncio.sleep(_WATCH_S)
            look = Look()
            for name, route in self.routes.items():
                now = route.fingerprint(look)
                if now == route.seen_sources:
                    changing.pop(name, None)
                elif changing.get(name) != now:
                    # Whoever writes may not be done: act when two looks see the same.
                    changing[name] = now
                else:
                    route.seen_sources = now
                    try:
                        await route.reload()
                    except StartFailed:
                        continue  # The observer was told, and the old revision goes on serving.

    async def stop(self, grace_s: float) -> None:
        """Stop every process; what is in flight may finish within the grace (wall seconds)."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        await asyncio.gather(*(route.close(grace_s) for route in self.routes.values()))


async def _all(starts: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run starts, a few at a time, to their ends; then raise what failed."""
    turns = asyncio.Semaphore(PARALLEL_STARTS)

    async def run(start: Coroutine[Any, Any, None]) -> StartFailed | None:
        async with turns:
            try:
                await start
            except StartFailed as failure:
                return failure
            return None

    failures = [failure for failure in await asyncio.gather(*map(run, starts)) if failure]
    if failures:
        raise RevisionsFailed(failures)


def _mark(route: Route) -> str:
    return hashlib.sha256(f"{route.seen_sources}\n{route.workload.recipe}".encode()).hexdigest()


def _read(path: Path) -> dict[str, str]:
    try:
        known = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
