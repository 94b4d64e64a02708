"""What revisions answered, and how fast: counted by Knative's queue-proxy, which stands before each function's process.

It sees what a process cannot tell, such as its own end (502) and its timeout (504), and not the wait for a pod to
start. It tells in Prometheus' text format, at a port of each pod.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf
from typing import NamedTuple

PORT = 9091
"""Of a pod, where queue-proxy tells of its requests."""

_LINE = re.compile(r"(?P<name>\w+)_bucket\{(?P<labels>.*)\} (?P<value>\S+)")
_LABEL = re.compile(r'(\w+)="([^"]*)"')
_FIRST_BAD = 400


class _Family(NamedTuple):
    """A histogram of latencies: who has it, and what it says."""

    code: str
    """The label with the status."""
    unit_s: float
    """Of its bounds."""


_FAMILIES = {
    "revision_request_latencies": _Family("response_code", 0.001),
    # Since Knative 1.19, by OpenTelemetry.
    "http_server_request_duration_seconds": _Family("http_response_status_code", 1.0),
}

Counts = Mapping[tuple[int, float], int]
"""How many requests had which status and took at most so many seconds, cumulated over the seconds."""


class Sample(NamedTuple):
    """What a revision answered in a time.

    Attributes:
        requests: how many.
        failures: how many of them with a status of 400 or above.
        bounds_s: upper ends of ranges of seconds, ascending; the last is infinite.
        counts: how many requests were in each.
    """

    requests: int = 0
    failures: int = 0
    bounds_s: tuple[float, ...] = (inf,)
    counts: tuple[int, ...] = (0,)

    @property
    def failed(self) -> float:
        """The share of failures; 0 where there was no request."""
        return self.failures / self.requests if self.requests else 0.0

    def quantile_s(self, level: float) -> float:
        """The seconds that a share of the requests did not exceed, evenly spread in each range.

        Infinite where the share is more than all of them, or lies above the last bound; 0 without requests.
        """
        if not self.requests:
            return 0.0
        if level > 1:
            return inf
        rank, passed, lower = level * self.requests, 0, 0.0
        for upper, count in zip(self.bounds_s, self.counts, strict=True):
            if count and passed + count >= rank:
                return inf if upper == inf else lower + (upper - lower) * max(rank - passed, 0.0) / count
            passed, lower = passed + count, upper
        return inf


def counts(text: str) -> Counts:
    """Read what a pod's queue-proxy tells; empty before its first request."""
    found: dict[tuple[int, float], int] = {}
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        family = _FAMILIES.get(match["name"]) if match else None
        if match is None or family is None:
            continue
        labels = dict(_LABEL.findall(match["labels"]))
        key = int(labels[family.code]), float(labels["le"]) * family.unit_s
        found[key] = found.get(key, 0) + int(float(match["value"]))
    return found


@dataclass(slots=True)
class Tally:
    """The requests of one revision's pods since a moment, the ended pods' too.

    What a pod told last is remembered by its name: its end takes nothing away, and what it had counted before the
    moment does not count. A number that fell was counted anew from zero: queue-proxy was started again, or forgot a
    status that nobody had for ten minutes. What a pod answered after it was last asked is lost with it, if it ends
    without its drain.

    Args:
        old: the pods that were there before the moment; what they tell first is what they begin with.
    """

    old: set[str] = field(default_factory=set)
    _told: dict[str, Counts] = field(default_factory=dict)
    _gained: dict[tuple[int, float], int] = field(default_factory=dict)

    def add(self, pod: str, told: Counts) -> None:
        """Take what a pod tells now."""
        before = self._told.get(pod)
        self._told[pod] = told
        if before is None:
            before = told if pod in self.old else {}
        for key, value in told.items():
            past = before.get(key, 0)
            gained = value - past if value >= past else value
            self._gained[key] = self._gained.get(key, 0) + gained

    def begin(self, pods: Iterable[str]) -> None:
        """From now on it counts anew; these pods are there already."""
        self.old = set(pods)
        self._gained = {}

    def sample(self) -> Sample:
        """All since then."""
        bounds = tuple(sorted({bound for _, bound in self._gained}))
        if not bounds:
            return Sample()
        cumulated = [sum(value for (_, at), value in self._gained.items() if at == bound) for bound in bounds]
        inside = (cumulated[0], *(after - before for before, after in pairwise(cumulated)))
        failures = sum(value for (code, at), value in self._gained.items() if at == inf and code >= _FIRST_BAD)
        return Sample(cumulated[-1], failures, bounds, inside)
