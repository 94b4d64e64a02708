"""How many replicas a revision should have: the decision of rule S6 as a function, and the meter that feeds it."""

import math
import os
from collections import deque
from dataclasses import dataclass

from renga_dev.manifests import Service
from renga_dev.manifests.model import DEFAULT_BURST

TICK_S = 2.0
DEFAULT_TARGET = 100.0
"""Requests in flight per replica that are aimed at where neither an annotation nor containerConcurrency says."""
MAX_UP_RATE = 1000.0
MAX_DOWN_RATE = 2.0


@dataclass(frozen=True, slots=True)
class Policy:
    """What the decision depends on and does not change while a revision lives. Times are seconds."""

    target: float
    """Requests in flight per replica that are aimed at, utilization included."""
    capacity: float = DEFAULT_TARGET
    """Requests in flight that a replica has room for."""
    burst: float = DEFAULT_BURST
    """As many more at once there should be room for; -1: there never is."""
    window: float = 60.0
    panic_window: float = 6.0
    panic_threshold: float = 2.0
    min_scale: int = 0
    max_scale: int = 0
    """0: no limit."""
    activation_scale: int = 1
    retention: float = 0.0

    @classmethod
    def of(cls, service: Service) -> "Policy":
        """The policy of a Service; where it sets no max-scale, one replica per core is the most this machine runs."""
        scaling = service.scaling
        total = scaling.target or float(service.concurrency) or DEFAULT_TARGET
        if service.concurrency:
            total = min(total, float(service.concurrency))
        cores = os.cpu_count() or 1
        return cls(
            target=max(1.0, total * scaling.utilization),
            capacity=total,
            burst=scaling.burst,
            window=scaling.window,
            panic_window=scaling.panic_window,
            panic_threshold=scaling.panic_threshold,
            min_scale=scaling.min_scale,
            max_scale=scaling.max_scale or max(cores, scaling.min_scale, scaling.activation_scale),
            activation_scale=scaling.activation_scale,
            retention=scaling.retention,
        )


@dataclass(frozen=True, slots=True)
class Panic:
    """The memory between two decisions."""

    since: float | None = None
    """When the load last passed the panic threshold; None while calm."""
    floor: int = 0
    """The most replicas wanted since then: a panicking revision does not shrink."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was measured."""

    now: float
    ready: int
    """Ready replicas."""
    stable: float
    """Average requests in flight and waiting, over the stable window."""
    panic: float
    """The same over the panic window."""


def decide(policy: Policy, panic: Panic, seen: Seen) -> tuple[int, Panic]:
    """How many replicas there should be now, and what to remember until the next decision.

    Zero means that nothing was asked for; when the last replica goes is for the caller, who knows the grace (S7).
    """
    ready = max(1, seen.ready)
    most = math.ceil(MAX_UP_RATE * ready)
    least = math.floor(ready / MAX_DOWN_RATE)
    by_stable = math.ceil(seen.stable / policy.target)
    by_panic = math.ceil(seen.panic / policy.target)
    want = min(max(by_stable, least), most)
    want_in_panic = min(max(by_panic, least), most)
    if by_stable > 0:
        want = max(want, policy.activation_scale)
    if by_panic > 0:
        want_in_panic = max(want_in_panic, policy.activation_scale)

    if by_panic / ready >= policy.panic_threshold:
        panic = Panic(seen.now, panic.floor)
    elif panic.since is not None and panic.since + policy.window < seen.now:
        panic = Panic()
    if panic.since is not None:
        panic = Panic(panic.since, max(panic.floor, want, want_in_panic))
        want = panic.floor

    want = max(want, policy.min_scale)
    return (min(want, policy.max_scale) if policy.max_scale else want), panic


def has_room(policy: Policy, seen: Seen) -> bool:
    """Whether the ready replicas have room for a burst; where they have not, the activator stays before them (S5)."""
    if policy.burst <= 0:
        return not policy.burst
    return math.floor(seen.ready * policy.capacity - policy.burst - seen.panic) >= 0


class Meter:
    """Requests in flight and waiting, averaged over time."""

    def __init__(self, now: float, longest_window: float) -> None:
        self.level = 0
        self.quiet_since = now
        """When the last request left; meaningful while `level` is 0."""
        self._longest = longest_window
        self._area = 0.0
        self._last = now
        self._samples: deque[tuple[float, float]] = deque([(now, 0.0)])

    def restart(self, now: float) -> None:
        """Forget what was before: the first request of a sleeping revision is not diluted by its sleep."""
        self._advance(now)
        self.quiet_since = now
        self._samples = deque([(now, self._area)])

    def change(self, now: float, by: int) -> None:
        """Requests came or went."""
        self._advance(now)
        self.level += by
        if not self.level:
            self.quiet_since = now

    def sample(self, now: float) -> None:
        """Remember this moment, so that windows can start at it; drop what no window reaches."""
        self._advance(now)
        self._samples.append((now, self._area))
        while len(self._samples) > 1 and self._samples[1][0] <= now - self._longest:
            self._samples.popleft()

    def average(self, now: float, window: float) -> float:
        """The mean level over the window, or over what there is of it."""
        self._advance(now)
        start, area = self._samples[0]
        for time, sampled in reversed(self._samples):
            if time <= now - window:
                start, area = time, sampled
                break
        return (self._area - area) / (now - start) if now > start else float(self.level)

    def _advance(self, now: float) -> None:
        self._area += self.level * (now - self._last)
        self._last = now
