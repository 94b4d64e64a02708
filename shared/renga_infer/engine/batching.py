"""The queue of one version: requests go in one by one, are computed in batches, and come out one by one."""

import asyncio
import math
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from renga_infer.admission import Admitted
from renga_infer.card import BATCH, Card
from renga_infer.engine.shapes import assemble, likeness, take_apart
from renga_infer.engine.statistics import Statistics
from renga_infer.engine.worker import Worker
from renga_infer.errors import (
    DeadlineExceededError,
    InferenceError,
    InvalidRequestError,
    ModelFailedError,
    OverloadedError,
)
from renga_infer.protocol.datatypes import Array
from renga_infer.runtimes import Model

Answer = dict[str, Array]
Outcome = Answer | InferenceError


@dataclass(eq=False, slots=True)
class _Waiting:
    """One request in the queue."""

    request: Admitted
    likeness: tuple[int, ...]
    future: asyncio.Future[Answer]
    arrived_ns: int
    expiry: asyncio.TimerHandle | None = None


@dataclass(frozen=True, slots=True)
class _Call:
    """One call of the model that succeeded."""

    rows: int
    padded_rows: int
    fallbacks: int
    input_ns: int
    infer_ns: int
    output_ns: int


class Batcher:
    """Computes requests with one model, many at once.

    One thread computes; while it does, requests wait in the queue, and the next batch is what has come by then. All
    methods belong to the event loop.
    """

    def __init__(self, card: Card, model: Model, statistics: Statistics, cpus: Iterable[int] = ()) -> None:
        self.card = card
        self.model = model
        self.statistics = statistics
        self._loop = asyncio.get_running_loop()
        self._worker = Worker(f"model {card.name} {card.version}", cpus)
        self._queue: deque[_Waiting] = deque()
        self._rows = 0
        """Of all in the queue."""
        self._most = card.batching.max_batch_size
        self._delay_ns = card.batching.max_queue_delay_microseconds * 1000
        self._computing: Sequence[_Waiting] = ()
        self._timer: asyncio.Handle | None = None
        self._seconds_a_batch = 0.001
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def waiting(self) -> int:
        """Requests in the queue."""
        return len(self._queue)

    async def compute(self, request: Admitted, timeout_s: float) -> Answer:
        """The outputs that the request wants.

        Cancelled, it leaves the queue; what is being computed already is thrown away.

        Raises:
            OverloadedError: the queue is full.
            DeadlineExceededError: the time ran out.
            InvalidRequestError: the model says that the inputs are wrong.
            ModelFailedError: the model failed.
        """
        waiting = self._enter(request, timeout_s)
        try:
            answer = await waiting.future
        except asyncio.CancelledError:
            self.statistics.dropped += 1
            raise
        finally:
            if waiting.expiry is not None:
                waiting.expiry.cancel()
        taken_ns = time.perf_counter_ns() - waiting.arrived_ns
        self.statistics.success.add(taken_ns)
        self.statistics.latency_s.add(taken_ns / 1e9)
        self.statistics.last_inference_ms = time.time_ns() // 1_000_000
        return answer

    async def close(self) -> None:
        """Finish what was accepted, waiting for no others, then end the thread; nothing may be asked any more."""
        self._delay_ns = 0
        self._prompt()
        await self._idle.wait()
        self._worker.stop()

    def _enter(self, request: Admitted, timeout_s: float) -> _Waiting:
        limit = self.card.batching.max_queue_size
        if len(self._queue) >= limit:
            self._queue = deque(waiting for waiting in self._queue if not waiting.future.done())
            self._rows = sum(waiting.request.rows for waiting in self._queue)
        if len(self._queue) >= limit:
            after = math.ceil(len(self._queue) / max(1, self._most) * self._seconds_a_batch)
            raise OverloadedError(
                f"{limit} requests wait for the model {self.card.name!r}, version {self.card.version}, and that is its "
                "limit: send it again later.",
                retry_after_s=max(1, after),
            )
        waiting = _Waiting(
            request, likeness(self.card, request.sizes), self._loop.create_future(), time.perf_counter_ns()
        )
        waiting.expiry = self._loop.call_later(timeout_s, self._expire, waiting)
        self._queue.append(waiting)
        self._rows += request.rows
        self._idle.clear()
        self._prompt()
        return waiting

    def _expire(self, waiting: _Waiting) -> None:
        if not waiting.future.done():
            waiting.future.set_exception(
                DeadlineExceededError(
                    f"The model {self.card.name!r}, version {self.card.version}, had no answer in time: give it more, "
                    "or send fewer rows."
                )
            )

    def _prompt(self) -> None:
        """See to it that a batch begins, if none is being computed: now, or when the delay is over."""
        if self._computing or not self._queue:
            return
        wait_ns = self._delay_ns - (time.perf_counter_ns() - self._queue[0].arrived_ns)
        if self._timer is not None:
            if wait_ns > 0 and not self._full():
                return
            self._timer.cancel()
        # Not at once: what else came in with the same reading of the sockets goes into the same batch.
        if wait_ns > 0 and not self._full():
            self._timer = self._loop.call_later(wait_ns / 1e9, self._begin)
        else:
            self._timer = self._loop.call_soon(self._begin)

    def _full(self) -> bool:
        return not self._most or self._rows >= self._most

    def _begin(self) -> None:
        self._timer = None
        batch = self._take()
        if not batch:
            if not self._queue:
                self._idle.set()
            return
        self._computing = batch
        self._worker.submit(lambda: self._run(batch))

    def _take(self) -> list[_Waiting]:
        """The next batch: the first in the queue, and those like it that fit."""
        batch: list[_Waiting] = []
        passed: list[_Waiting] = []
        rows = 0
        while self._queue and (not batch or rows < self._most):
            waiting = self._queue.popleft()
            self._rows -= waiting.request.rows
            if waiting.future.done():
                continue
            if not batch:
                pass
            elif waiting.likeness != batch[0].likeness or rows + waiting.request.rows > self._most:
                passed.append(waiting)
                continue
            batch.append(waiting)
            rows += waiting.request.rows
        self._queue.extendleft(reversed(passed))
        self._rows += sum(waiting.request.rows for waiting in passed)
        return batch

    def _run(self, batch: Sequence[_Waiting]) -> None:
        """In the thread: compute, and hand the outcomes back to the loop."""
        begun_ns = time.perf_counter_ns()
        calls: list[_Call] = []
        outcomes = self._attempt(batch, calls)
        self._loop.call_soon_threadsafe(self._end, batch, outcomes, calls, begun_ns)

    def _attempt(self, batch: Sequence[_Waiting], calls: list[_Call]) -> list[Outcome]:
        try:
            return list(self._call([waiting.request for waiting in batch], calls))
        except Exception as error:  # noqa: BLE001 - whatever a model raises is its requests' outcome, not the thread's end
            fault = self._fault(error)
        if len(batch) == 1:
            return [fault]
        # Who of them is at fault is found by asking one by one; whom nobody waits for any more is not asked.
        return [
            outcome
            for waiting in batch
            for outcome in ([fault] if waiting.future.done() else self._attempt([waiting], calls))
        ]

    def _call(self, requests: Sequence[Admitted], calls: list[_Call]) -> list[Answer]:
        begun = time.perf_counter_ns()
        inputs, sizes = assemble(self.card, requests)
        fallbacks = self.model.fallbacks
        assembled = time.perf_counter_ns()
        outputs = self.model.compute(inputs)
        computed = time.perf_counter_ns()
        answers = take_apart(self.card, outputs, sizes, requests)
        rows = sum(request.rows for request in requests)
        calls.append(
            _Call(
                rows,
                sizes.get(BATCH, rows),
                self.model.fallbacks - fallbacks,
                assembled - begun,
                computed - assembled,
                time.perf_counter_ns() - computed,
            )
        )
        return answers

    def _fault(self, error: Exception) -> InferenceError:
        if isinstance(error, InferenceError):
            return error
        who = f"The model {self.card.name!r}, version {self.card.version},"
        if isinstance(error, ValueError):
            return InvalidRequestError(f"{who} does not take these inputs: {error}")
        return ModelFailedError(f"{who} failed: {type(error).__name__}: {error}"[:500])

    def _count(self, call: _Call) -> None:
        counted = self.statistics
        counted.rows += call.rows
        counted.padded_rows += call.padded_rows
        counted.fallbacks += call.fallbacks
        for phases in (counted.compute, counted.batches[call.rows]):
            phases.add(call.input_ns, call.infer_ns, call.output_ns)

    def _end(
        self, batch: Sequence[_Waiting], outcomes: Sequence[Outcome], calls: Sequence[_Call], begun_ns: int
    ) -> None:
        taken_s = (time.perf_counter_ns() - begun_ns) / 1e9
        self._seconds_a_batch += 0.1 * (taken_s - self._seconds_a_batch)
        self._computing = ()
        # The thread gets its next batch before this one's answers are written: neither waits for the other.
        if self._queue:
            self._prompt()
        else:
            self._idle.set()
        for call in calls:
            self._count(call)
        for waiting, outcome in zip(batch, outcomes, strict=True):
            queued_ns = begun_ns - waiting.arrived_ns
            self.statistics.queue.add(queued_ns)
            self.statistics.queue_s.add(queued_ns / 1e9)
            if waiting.future.done():
                continue
            if isinstance(outcome, InferenceError):
                waiting.future.set_exception(outcome)
            else:
                waiting.future.set_result(outcome)
