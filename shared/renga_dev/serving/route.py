"""A Service as callers meet it: requests go to its newest ready revision; a changed folder makes the next one."""

import asyncio
from dataclasses import dataclass

from renga.http.client import Interrupted, Unreachable
from renga_dev.calls import Request, ServiceName
from renga_dev.serving.answers import Answer, Passed, Refusal
from renga_dev.serving.process import StartFailed
from renga_dev.serving.revision import Overloaded, Revision, Superseded, Surroundings
from renga_dev.serving.sources import Look
from renga_dev.serving.workload import Workload

_NOT_PASSED = frozenset({
    "connection", "content-length", "expect", "forwarded", "host", "keep-alive", "k-proxy-request", "proxy-connection",
    "te", "trailer", "transfer-encoding", "upgrade", "x-forwarded-for", "x-forwarded-proto",
})  # fmt: skip


class _Gone(Exception):  # noqa: N818 - says what is the case
    """The replica ended before the request was sent, so another may take it."""


@dataclass(frozen=True, slots=True)
class ReplicaStatus:
    """One process."""

    pid: int
    port: int
    in_flight: int
    ready: bool
    draining: bool = False


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """How a Service stands now."""

    name: ServiceName
    function: str | None
    revision: str
    replicas: tuple[ReplicaStatus, ...]
    waiting: int
    cold_starts: int
    last_error: str | None

    @property
    def asleep(self) -> bool:
        """No process of it runs."""
        return not self.replicas


class Route:
    """One Service."""

    def __init__(self, workload: Workload, around: Surroundings, look: Look) -> None:
        self.workload = workload
        self._around = around
        self._generation = 1
        self._earlier_cold_starts = 0
        self._old: set[Revision] = set()
        self.seen_sources = self.fingerprint(look)
        self.revision = self._make_revision()

    def fingerprint(self, look: Look) -> str:
        """A text that changes when its code does."""
        return look.fingerprint(self.workload.sources)

    def _make_revision(self) -> Revision:
        name = f"{self.workload.service.name.name}-{self._generation:05d}"
        return Revision(name, self.workload, self._around)

    async def open(self, request: Request, peer: str) -> Answer:
        """Send a request and return when its answer begins; refusals, 503 and 504, are answers.

        Raises:
            Unreachable: the replica could not be connected to.
            Interrupted: the replica went away before it answered.
        """
        arrived = asyncio.get_running_loop().time()
        while True:
            try:
                return await self._open_on(self.revision, request, peer, arrived)
            except (Superseded, _Gone):
                continue

    async def _open_on(self, revision: Revision, request: Request, peer: str, arrived: float) -> Answer:
        spec = revision.spec
        real = self._around.clock.real
        clocks = (spec.timeout, spec.response_start_timeout, spec.idle_timeout)
        held = revision.activated
        replica = None
        try:
            async with asyncio.timeout_at(arrived + real(min(seconds for seconds in clocks if seconds))):
                replica = await revision.acquire()
                headers = _headers(request, peer, spec.name, held=held)
                url = replica.url + request.target
                stream = await replica.client.stream(request.method, url, headers=headers, body=request.body)
        except BaseException as error:
            gone = False
            if replica is not None:
                try:
                    gone = isinstance(error, Unreachable | Interrupted) and await revision.is_gone(replica)
                finally:
                    # Only now: who waits for the turn would get it on a replica that may be dying.
                    revision.release(replica)
            if isinstance(error, TimeoutError):
                return Refusal(504, "activator request timeout" if held else "request timeout")
            if isinstance(error, Overloaded):
                return Refusal(503, "pending request queue full")
            if isinstance(error, StartFailed):
                return Refusal(503, error.sentence)
            if isinstance(error, Unreachable) and gone:
                raise _Gone from error
            raise
        turn = replica
        return Passed(
            stream,
            idle_s=real(spec.idle_timeout) if spec.idle_timeout else None,
            release=lambda: revision.release(turn),
            broken=lambda: revision.is_gone(turn),
        )

    async def reload(self) -> None:
        """Serve the code as it is now: a new revision is started, and takes over when it is ready.

        The old one goes on serving where the new one does not start. Its processes have the old code; one that it has
        to start anew has the code that is in the folder then.

        Raises:
            StartFailed: the new revision did not start.
        """
        self._generation += 1
        revision = self._make_revision()
        try:
            await revision.start_one()
        except StartFailed:
            self._generation -= 1
            self.revision.last_error = revision.last_error
            raise
        old, self.revision = self.revision, revision
        self._earlier_cold_starts += old.cold_starts
        self._old = {earlier for earlier in self._old if earlier.draining} | {old}
        old.supersede()
        self._around.observer.reloaded(self.workload.service.name, revision.name)

    async def close(self, grace_s: float) -> None:
        """Stop every process of it."""
        await asyncio.gather(*(revision.close(grace_s) for revision in (self.revision, *self._old)))

    def status(self) -> ServiceStatus:
        """How it stands now."""
        revisions = (self.revision, *self._old)
        service = self.workload.service
        return ServiceStatus(
            name=service.name,
            function=str(service.function) if service.function else None,
            revision=self.revision.name,
            replicas=tuple(
                ReplicaStatus(replica.process.pid, replica.port, replica.in_flight, replica.ready, draining)
                for revision in revisions
                for replicas, draining in ((revision.replicas, False), (revision.draining, True))
                for replica in replicas
            ),
            waiting=self.revision.waiting,
            cold_starts=self._earlier_cold_starts + self.revision.cold_starts,
            last_error=self.revision.last_error,
        )


def _headers(request: Request, peer: str, service: ServiceName, *, held: bool) -> list[tuple[str, str]]:
    """The headers a function sees (S2): the caller's, and how the request came."""
    given = dict(request.headers)
    headers = [line for line in request.headers if line[0] not in _NOT_PASSED]
    host = given.get("host") or f"{service.name}.{service.namespace}.svc.cluster.local"
    before = given.get("x-forwarded-for")
    hops = f"{before}, {peer}" if before else peer
    scheme = given.get("x-forwarded-proto") or "http"
    headers += [("host", host), ("x-forwarded-for", hops), ("x-forwarded-proto", scheme)]
    first, *later = [f'"[{hop}]"' if ":" in hop else hop for hop in (hop.strip() for hop in hops.split(","))]
    forwarded = given.get("forwarded") or ", ".join([f"for={first};proto={scheme}", *(f"for={hop}" for hop in later)])
    headers.append(("forwarded", forwarded))
    if held:
        headers.append(("k-proxy-request", "activator"))
    return headers
