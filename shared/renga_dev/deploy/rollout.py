"""Waits until every Service is Ready, and says at once what will not become so."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import NamedTuple

from renga_dev.deploy.readiness import Seen, Service

PATIENCE_S = 20.0
"""How long something may be wrong without a pause before it counts: a database that is a moment late mends itself."""
_PAUSE_S = 1.0


class Stuck(NamedTuple):
    """A Service that is not Ready."""

    name: str
    reasons: tuple[str, ...]
    """Sentences, Knative's own first."""
    revision: str
    """The one that should serve; empty where there is none."""
    serving: str
    """Those that serve meanwhile; empty where nobody does."""


class NotReady(RuntimeError):  # noqa: N818 - says what is the case
    """Services did not become Ready.

    Attributes:
        services: which.
        waited_s: how long they were given.
    """

    def __init__(self, services: tuple[Stuck, ...], waited_s: float) -> None:
        self.services = services
        self.waited_s = waited_s
        super().__init__(f"{', '.join(each.name for each in services)}: not Ready after {waited_s:.0f} s.")


class Clock(NamedTuple):
    """Time, as waiting needs it."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def until_ready(
    look: Callable[[], Seen],
    wanted: Collection[str],
    timeout_s: float,
    became_ready: Callable[[Service, float], None],
    clock: Clock = Clock(),  # noqa: B008 - it holds nothing
) -> Seen:
    """Look again and again until all are Ready; what was seen then.

    Args:
        look: asks the cluster.
        wanted: the Services by name.
        timeout_s: how long to wait at most.
        became_ready: is told of each, with the seconds that it took.
        clock: another one, for tests.

    Raises:
        NotReady: one of them was in trouble for PATIENCE_S without a pause, or the time is over.
    """
    began = clock.now()
    since: dict[str, float] = {}
    ready: set[str] = set()
    while True:
        found = look()
        now = clock.now()
        unready = found.unready(wanted)
        for name in wanted:
            if name not in unready and name not in ready:
                ready.add(name)
                became_ready(found.services[name], now - began)
        if not unready:
            return found
        troubled = [name for name in unready if any(found.troubles(name))]
        since = {name: since.get(name, now) for name in troubled}
        lost = [name for name, first in since.items() if now - first >= PATIENCE_S]
        if lost:
            raise NotReady(tuple(_stuck(found, name) for name in lost), now - began)
        if now - began >= timeout_s:
            raise NotReady(tuple(_stuck(found, name) for name in unready), now - began)
        clock.sleep(_PAUSE_S)


def until_shared(
    look: Callable[[], Seen],
    name: str,
    shares: Mapping[str, int],
    timeout_s: float,
    clock: Clock = Clock(),  # noqa: B008 - it holds nothing
) -> Seen:
    """Look again and again until a Service's requests go as its table says; what was seen then.

    Args:
        look: asks the cluster.
        name: the Service.
        shares: percent of each revision.
        timeout_s: how long to wait at most.
        clock: another one, for tests.

    Raises:
        NotReady: the time is over.
    """
    began = clock.now()
    while True:
        found = look()
        if name in found.services and found.services[name].shares == shares:
            return found
        if clock.now() - began >= timeout_s:
            raise NotReady((_stuck(found, name),), clock.now() - began)
        clock.sleep(_PAUSE_S)


def _stuck(found: Seen, name: str) -> Stuck:
    service = found.services.get(name)
    reasons = tuple(dict.fromkeys([*found.waits(name), *found.troubles(name)]))
    return Stuck(name, reasons, service.revision if service else "", service.serving if service else "")


def last_lines(log: str, most: int = 3) -> Iterator[str]:
    """The end of a log, without what is empty."""
    yield from [line.rstrip() for line in log.splitlines() if line.strip()][-most:]
