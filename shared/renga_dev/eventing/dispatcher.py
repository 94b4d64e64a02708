"""Who is served next: bounded read-ahead from the log, bounded work per destination, and one timer for all that waits.

Each Trigger has an outlet for its subscriber and one for its dead-letter sink. An outlet holds the deliveries that are
due next and reads more from the log when it runs low, so that a backlog lives on disk. Outlets that lead to the same
destination share a lane, which bounds what is in flight there; lanes do not wait for each other. A delivery that waits
for its next attempt is a row in the log and nothing in memory.
"""

import asyncio
import heapq
import itertools
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from renga_dev.eventing.log import EventLog
from renga_dev.eventing.policy import Policy
from renga_dev.eventing.records import Delivery
from renga_dev.eventing.targets import Target

READ_AHEAD = 128
"""Deliveries that an outlet holds beyond those in flight."""
READ_AHEAD_BYTES = 4 * 1024 * 1024
NO_LIMIT = 100
"""In flight to a destination that sets no limit of its own."""


class Lane:
    """One destination and what is in flight to it."""

    def __init__(self, limit: Callable[[], int]) -> None:
        self._limit = limit
        self.in_flight = 0
        self.waiting: deque[Outlet] = deque()

    @property
    def free(self) -> bool:
        """Whether another delivery may start."""
        limit = self._limit()
        return self.in_flight < (limit if limit > 0 else NO_LIMIT)


@dataclass(eq=False, slots=True)
class Outlet:
    """One destination of one Trigger."""

    trigger: str
    target: Target
    policy: Policy
    lane: Lane
    dead_letter: "Outlet | None" = None
    """Where an event goes when this outlet has failed for good."""
    is_dead_letter: bool = False
    queue: deque[Delivery] = field(default_factory=deque)
    queued_bytes: int = 0
    held: set[int] = field(default_factory=set)
    """Deliveries in the queue, in flight, or with a mark that is not committed yet: the log is not asked for them."""
    behind: bool = False
    """The log has deliveries for this outlet, due now, that are not held."""
    reading: bool = False
    wakes_at: float | None = None

    @property
    def full(self) -> bool:
        """Whether more would be too much memory."""
        return len(self.queue) >= READ_AHEAD or self.queued_bytes >= READ_AHEAD_BYTES

    def push(self, delivery: Delivery) -> None:
        """Queue a delivery that is not held yet."""
        self.queue.append(delivery)
        self.queued_bytes += delivery.event.size
        self.held.add(delivery.id)

    def pop(self) -> Delivery:
        """The next one; it stays held."""
        delivery = self.queue.popleft()
        self.queued_bytes -= delivery.event.size
        return delivery


class Dispatcher:
    """Starts attempts; what an attempt does and means is its owner's business."""

    def __init__(self, log: EventLog, attempt: Callable[[Delivery, Outlet], Awaitable[None]]) -> None:
        self._log = log
        self._attempt = attempt
        self._running: set[asyncio.Task[None]] = set()
        self._alarms: list[tuple[float, int, Outlet]] = []
        self._order = itertools.count()
        self._timer: asyncio.TimerHandle | None = None
        self._stopped = False

    def offer(self, delivery: Delivery, outlet: Outlet) -> None:
        """Take a delivery that is committed and due; where there is no room it is read from the log later."""
        if outlet.behind or outlet.full:
            outlet.behind = True
            self._read_if_low(outlet)
            return
        outlet.push(delivery)
        self._enlist(outlet)

    def resume(self, outlet: Outlet) -> None:
        """Look for what the log holds for an outlet, now and later."""
        outlet.behind = True
        self._read_if_low(outlet)

    def release(self, delivery: Delivery, outlet: Outlet) -> None:
        """Forget a delivery whose outcome is committed; where it is to be tried again, wake up for it."""
        outlet.held.discard(delivery.id)
        if delivery.state == "pending" and delivery.dead_letter == outlet.is_dead_letter:
            self._wake_at(delivery.due, outlet)

    async def stop(self, drain_s: float) -> None:
        """Start nothing more; let attempts in flight finish for a while, then hand the rest back to the log."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=drain_s)
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running)

    def _enlist(self, outlet: Outlet) -> None:
        """Give the outlet its place in its lane, and the lane its turn."""
        lane = outlet.lane
        if outlet not in lane.waiting:
            lane.waiting.append(outlet)
        self._serve(lane)

    def _serve(self, lane: Lane) -> None:
        while lane.waiting and lane.free and not self._stopped:
            outlet = lane.waiting.popleft()
            delivery = outlet.pop()
            if outlet.queue:
                lane.waiting.append(outlet)
            lane.in_flight += 1
            task = asyncio.get_running_loop().create_task(self._run(delivery, outlet))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
            self._read_if_low(outlet)

    async def _run(self, delivery: Delivery, outlet: Outlet) -> None:
        try:
            await self._attempt(delivery, outlet)
        finally:
            outlet.lane.in_flight -= 1
            self._serve(outlet.lane)

    def _read_if_low(self, outlet: Outlet) -> None:
        if outlet.behind and not outlet.reading and len(outlet.queue) <= READ_AHEAD // 2 and not self._stopped:
            outlet.reading = True
            self._log.when_readable(lambda: self._read(outlet))

    def _read(self, outlet: Outlet) -> None:
        outlet.reading = False
        now = time.time()
        found, outlet.behind = self._log.due(
            outlet.trigger,
            dead_letter=outlet.is_dead_letter,
            now=now,
            limit=READ_AHEAD - len(outlet.queue),
            max_bytes=READ_AHEAD_BYTES - outlet.queued_bytes,
            held=outlet.held,
        )
        for delivery in found:
            outlet.push(delivery)
        if not outlet.behind:
            later = self._log.next_due(outlet.trigger, dead_letter=outlet.is_dead_letter, now=now)
            if later is not None:
                self._wake_at(later, outlet)
        if outlet.queue:
            self._enlist(outlet)

    def _wake_at(self, due: float, outlet: Outlet) -> None:
        """Look into the log for this outlet at that time; an outlet has one alarm, the earliest."""
        if outlet.wakes_at is not None and outlet.wakes_at <= due:
            return
        outlet.wakes_at = due
        heapq.heappush(self._alarms, (due, next(self._order), outlet))
        if self._alarms[0][2] is outlet:
            self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._alarms and not self._stopped:
            wait = self._alarms[0][0] - time.time()
            self._timer = asyncio.get_running_loop().call_later(max(wait, 0.0), self._ring)

    def _ring(self) -> None:
        now = time.time()
        while self._alarms and self._alarms[0][0] <= now:
            due, _, outlet = heapq.heappop(self._alarms)
            # An alarm that an earlier one has replaced says nothing.
            if outlet.wakes_at == due:
                outlet.wakes_at = None
                self.resume(outlet)
        self._set_timer()
