"""One revision: its replicas, the requests that wait for them, and how many of them there are.

Routing: least in flight among the ready ones. Waiting: one queue for all replicas, first come, first served, as long as
Knative's activator's where that is before them: while there is none (S8), and as long as they have no room for a burst.
Else it is as long as ten times `containerConcurrency` per ready replica (S5).
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from renga_dev.manifests import Service
from renga_dev.serving.autoscaler import TICK_S, Meter, Panic, Policy, Seen, decide, has_room
from renga_dev.serving.clock import Clock
from renga_dev.serving.observer import Observer
from renga_dev.serving.ports import Port
from renga_dev.serving.process import StartFailed, said_exit
from renga_dev.serving.replica import Replica
from renga_dev.serving.workload import Place, Workload

QUEUE_FACTOR = 10
ACTIVATOR_QUEUE = 10_000
_FIRST_BACKOFF_S = 0.1
_LONGEST_BACKOFF_S = 5.0
_VERIFY_GRACE_S = 5.0
_LAST_MOMENTS_S = 0.2
"""A dying process closes its sockets before it is seen to be dead."""


class Overloaded(Exception):  # noqa: N818 - says what is the case
    """The queue is full."""


class Superseded(Exception):  # noqa: N818 - likewise
    """A newer revision has taken over: ask that one."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all revisions of a runtime share."""

    place: Place
    clock: Clock
    observer: Observer


class Revision:
    """Serves one state of a function's code until it is superseded or closed."""

    def __init__(self, name: str, workload: Workload, around: Surroundings) -> None:
        self.name = name
        self.workload = workload
        self.policy = Policy.of(workload.service)
        self.replicas: list[Replica] = []
        self.draining: set[Replica] = set()
        self.cold_starts = 0
        self.last_error: str | None = None
        self._around = around
        self._clock = around.clock
        self._meter = Meter(self._clock.now(), self.policy.window)
        self._panic = Panic()
        self._has_room = self.policy.burst == 0
        self._waiting: deque[asyncio.Future[Replica]] = deque()
        self._growing: set[asyncio.Task[None]] = set()
        self._shrinking: set[asyncio.Task[None]] = set()
        self._ticking = False
        self._activating = False
        self._failures = 0
        self._closed: Callable[[], Exception] | None = None

    @property
    def spec(self) -> Service:
        """The Service it is a revision of."""
        return self.workload.service

    @property
    def ready(self) -> int:
        """How many replicas take requests."""
        return sum(replica.accepts for replica in self.replicas)

    @property
    def activated(self) -> bool:
        """Whether the activator is before the replicas."""
        return not (self.ready and self._has_room)

    @property
    def waiting(self) -> int:
        """How many requests wait for a replica."""
        return sum(not waiter.done() for waiter in self._waiting)

    # Requests

    async def acquire(self) -> Replica:
        """Wait for a turn on a replica; `release` it afterwards.

        Raises:
            Overloaded: the queue is full.
            StartFailed: no replica could be started.
            Superseded: a newer revision took over meanwhile.
        """
        if self._closed is not None:
            raise self._closed()
        if not self._waiting and (replica := self._free()):
            self._take(replica)
            return replica
        ready = self.ready
        limit = ACTIVATOR_QUEUE if self.activated else QUEUE_FACTOR * self.spec.concurrency * ready
        # Without a concurrency limit a ready replica is always free, so nothing waits there.
        if len(self._waiting) >= limit:
            raise Overloaded
        waiter: asyncio.Future[Replica] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        if not ready:
            self._activate()
        self._meter.change(self._clock.now(), 1)
        self._keep_ticking()
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self.release(waiter.result())
            elif waiter in self._waiting:
                self._waiting.remove(waiter)
            raise
        finally:
            self._meter.change(self._clock.now(), -1)

    def release(self, replica: Replica) -> None:
        """A turn is over."""
        replica.in_flight -= 1
        self._meter.change(self._clock.now(), -1)
        if not replica.in_flight:
            replica.idle.set()
        self._hand_out()

    async def is_gone(self, replica: Replica) -> bool:
        """Whether a replica whose connection broke has ended or is about to; it gets no request until that is known."""
        exited: asyncio.Future[Any] = replica.process.exited
        replica.doubts += 1
        try:
            await asyncio.wait([exited], timeout=_LAST_MOMENTS_S)
        finally:
            # Also where the caller leaves meanwhile: a replica that nobody believes in again would never get a request.
            replica.doubts -= 1
            if exited.done():
                self._lost(replica)
            else:
                self._hand_out()
        return exited.done()

    def _take(self, replica: Replica) -> None:
        replica.in_flight += 1
        replica.idle.clear()
        self._meter.change(self._clock.now(), 1)
        self._keep_ticking()

    def _free(self) -> Replica | None:
        """The least busy replica that may take one more."""
        limit = self.spec.concurrency
        best: Replica | None = None
        for replica in self.replicas:
            if replica.accepts and not (limit and replica.in_flight >= limit):
                if not replica.in_flight and replica.process.alive:
                    return replica
                if best is None or replica.in_flight < best.in_flight:
                    best = replica
        if best is not None and not best.process.alive:
            self._lost(best)
            return self._free()
        return best

    def _hand_out(self) -> None:
        while self._waiting:
            if self._waiting[0].done():
                self._waiting.popleft()
                continue
            replica = self._free()
            if replica is None:
                break
            self._take(replica)
            self._waiting.popleft().set_result(replica)
        if self._waiting and not self.replicas:
            self._activate()

    # Starting

    async def start_one(self) -> None:
        """Start one replica and take it into routing when it is ready.

        Raises:
            StartFailed: it did not get there.
        """
        replica = await self._launch(self.replicas.append)
        self._hand_out()
        if replica in self.replicas:
            self._keep_ticking()

    async def verify(self) -> None:
        """Start one replica beside the routed ones, wait until it is ready, and stop it (S4).

        Raises:
            StartFailed: it did not get there.
        """
        replica = await self._launch(lambda _: None)
        await replica.stop(_VERIFY_GRACE_S)

    async def _launch(self, admit: Callable[[Replica], None]) -> Replica:
        around = self._around
        try:
            port = Port()
        except OSError as error:
            raise StartFailed(str(self.spec.name), str(error)) from error
        replica: Replica | None = None
        try:
            command = self.workload.command(port.number, self.name)
            replica = Replica.start(self.spec.name, port, command, around.place.log(self.spec.name))
            admit(replica)
            await replica.wait_ready(self.spec.container.readiness, self.spec.progress_deadline)
        except BaseException as error:
            if replica is None:
                port.free()
            else:
                if replica in self.replicas:
                    self.replicas.remove(replica)
                await replica.stop(0)
            if isinstance(error, StartFailed):
                self.last_error = str(error)
                around.observer.failed(self.spec.name, str(error))
            raise
        self.last_error = None
        self._failures = 0
        replica.process.exited.add_done_callback(lambda _: self._lost(replica))
        around.observer.ready(self.spec.name, (asyncio.get_running_loop().time() - replica.started) * 1000)
        return replica

    def _activate(self) -> None:
        """Wake: start the first replicas, after a pause where the last start failed."""
        if self._activating or self.replicas or self._closed is not None:
            return
        self._activating = True
        self._meter.restart(self._clock.now())
        self._panic = Panic()
        self.cold_starts += 1
        self._around.observer.woke(self.spec.name)
        _spawn(self._growing, self._wake())

    async def _wake(self) -> None:
        try:
            if self._failures:
                await asyncio.sleep(min(_FIRST_BACKOFF_S * 2 ** (self._failures - 1), _LONGEST_BACKOFF_S))
            if self._closed is None:
                first = max(1, self.policy.min_scale, min(self.policy.activation_scale, self.policy.max_scale))
                self._grow(first - len(self.replicas))
        finally:
            self._activating = False

    def _grow(self, count: int) -> None:
        for _ in range(count):
            _spawn(self._growing, self._start_or_tell())
        self._keep_ticking()

    async def _start_or_tell(self) -> None:
        try:
            await self.start_one()
        except StartFailed as failure:
            self._failures += 1
            if not self.replicas:
                self._refuse_waiting(failure.again)

    def _refuse_waiting(self, reason: Callable[[], Exception]) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_exception(reason())

    def _lost(self, replica: Replica) -> None:
        """A routed replica went away by itself: take it out at once; the next request wakes another."""
        if replica not in self.replicas:
            return
        self.replicas.remove(replica)
        replica.ready = False
        code = replica.process.exited.result() if replica.process.exited.done() else None
        how = said_exit(code) if code is not None else "It is gone"
        tail = "\n".join(f"    {line}" for line in replica.process.last_lines(5))
        self.last_error = f"{self.spec.name} stopped by itself. {how}.\n{tail}".rstrip()
        self._around.observer.failed(self.spec.name, self.last_error)
        _spawn(self._shrinking, replica.stop(0))
        self._hand_out()
        self._keep_ticking()

    # Scaling

    def _keep_ticking(self) -> None:
        if not self._ticking and self._closed is None:
            self._ticking = True
            self._meter.sample(self._clock.now())
            _spawn(self._growing, self._tick())

    async def _tick(self) -> None:
        """Decide every two seconds, and only while there is something to decide."""
        try:
            while self._closed is None and not self._at_rest():
                await self._clock.sleep(TICK_S)
                self._scale()
        finally:
            self._ticking = False

    def _at_rest(self) -> bool:
        quiet = not self._meter.level and not self._activating and not self._tasks_starting()
        return quiet and len(self.replicas) == self.policy.min_scale

    def _tasks_starting(self) -> bool:
        return any(not replica.ready for replica in self.replicas)

    def _scale(self) -> None:
        now = self._clock.now()
        meter, policy = self._meter, self.policy
        meter.sample(now)
        seen = Seen(now, self.ready, meter.average(now, policy.window), meter.average(now, policy.panic_window))
        want, self._panic = decide(policy, self._panic, seen)
        self._has_room = has_room(policy, seen)
        quiet = now - meter.quiet_since if not meter.level else 0.0
        if not want and quiet < policy.window + policy.retention:
            want = 1
        have = len(self.replicas)
        if want > have and (have or want <= policy.min_scale):
            # From zero only a request wakes, or min-scale.
            self._grow(want - have)
        elif want < have:
            idle = [replica for replica in self.replicas if replica.ready and not replica.in_flight]
            for replica in idle[: have - want]:
                self._retire(replica)
            if not self.replicas:
                self._panic = Panic()
                self._around.observer.slept(self.spec.name)

    # Stopping

    def _retire(self, replica: Replica) -> None:
        """Take a replica out of routing; stop it when what it has in flight is done (S10)."""
        self.replicas.remove(replica)
        replica.ready = False
        self.draining.add(replica)
        _spawn(self._shrinking, self._drain(replica, self._clock.real(self.spec.timeout)))

    async def _drain(self, replica: Replica, grace_s: float) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + grace_s
        # What is still in flight at the end of the grace is cut off, as in a cluster; so it is where the process ends.
        idle: asyncio.Future[Any] = asyncio.ensure_future(replica.idle.wait())
        gone: asyncio.Future[Any] = replica.process.exited
        await asyncio.wait([idle, gone], timeout=grace_s, return_when=asyncio.FIRST_COMPLETED)
        idle.cancel()
        try:
            await replica.stop(max(0.0, end - loop.time()))
        finally:
            self.draining.discard(replica)

    def supersede(self) -> None:
        """A newer revision serves from now on: send the waiting there, drain what is in flight."""
        self._close(Superseded)

    async def close(self, grace_s: float) -> None:
        """Stop everything; what is in flight may finish within the grace (wall seconds)."""
        self._close(lambda: StartFailed(str(self.spec.name), "The runtime is stopping."))
        deadline = asyncio.get_running_loop().time() + grace_s
        while (tasks := self._growing | self._shrinking) and (left := deadline - asyncio.get_running_loop().time()) > 0:
            await asyncio.wait(tasks, timeout=left)
        for replica in (*self.replicas, *self.draining):
            replica.process.kill()
        # They end by themselves now, because the processes they wait for are gone.
        await asyncio.gather(*self._growing, *self._shrinking, return_exceptions=True)

    def _close(self, reason: Callable[[], Exception]) -> None:
        if self._closed is not None:
            return
        self._closed = reason
        self._refuse_waiting(reason)
        for task in tuple(self._growing):
            task.cancel()
        for replica in tuple(self.replicas):
            if replica.ready:
                self._retire(replica)


def _spawn(among: set[asyncio.Task[None]], work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.get_running_loop().create_task(work)
    among.add(task)
    task.add_done_callback(among.discard)
