"""A steady load on a Service behind a cluster's ingress: so many callers, each with one request at a time."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from engine_services import Services
from renga.http.client import Client

PATIENCE_S = 60.0
"""For one answer: what takes longer is lost."""


@dataclass(slots=True)
class Callers:
    """Those who call, and what they see. `calling` makes them.

    Args:
        url: of the ingress, with the path that they ask for.
        host: of the Service.
        method: a POST has a body, with which a race of Go's HTTP server cuts answers (golang/go#40747).
        pause_s: of each caller, between an answer and its next request.
    """

    url: str
    host: str
    method: str = "POST"
    pause_s: float = 0.0
    seconds: list[float] = field(default_factory=list)
    """Of every answer that was 200."""
    said: Counter[bytes] = field(default_factory=Counter)
    """The bodies of those."""
    answered_by: Counter[str] = field(default_factory=Counter)
    """Which processes gave them."""
    failures: list[str] = field(default_factory=list)
    """Every request that had another answer, or none that was whole; with the second it ended at."""
    _client: Client = field(default_factory=Client)
    _calling: list[tuple[asyncio.Event, asyncio.Task[None]]] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)

    async def be(self, number: int) -> None:
        """So many call from now on; who leaves has had its last answer."""
        while len(self._calling) < number:
            leave = asyncio.Event()
            self._calling.append((leave, asyncio.create_task(self._call(leave))))
        leaving = self._calling[number:]
        del self._calling[number:]
        for leave, _ in leaving:
            leave.set()
        await asyncio.gather(*(task for _, task in leaving))

    async def until(self, condition: Callable[[], bool], what: str, within_s: float = 300) -> None:
        """Go on calling until something is true, which is looked for once a second, beside them.

        Raises:
            AssertionError: it does not become true in time.
        """
        deadline = time.monotonic() + within_s
        while not await asyncio.to_thread(condition):
            assert time.monotonic() < deadline, f"not within {within_s:g} s: {what}"
            await asyncio.sleep(1)

    async def _call(self, leave: asyncio.Event) -> None:
        while not leave.is_set():
            began = time.monotonic()
            try:
                body = b"steady" if self.method == "POST" else b""
                answer = await self._client.request(
                    self.method, self.url, headers=[("host", self.host)], body=body, timeout_s=PATIENCE_S
                )
            except (ConnectionError, TimeoutError) as error:
                self._failed(repr(error))
                continue
            if answer.status != 200:
                self._failed(f"{answer.status} {answer.body[:200]!r}")
                continue
            self.seconds.append(time.monotonic() - began)
            self.said[answer.body] += 1
            self.answered_by[answer.header("pid") or ""] += 1
            await asyncio.sleep(self.pause_s)

    def _failed(self, how: str) -> None:
        self.failures.append(f"{time.monotonic() - self._began:.1f} s: {how}")

    async def _close(self) -> None:
        await self.be(0)
        self._client.close()


@asynccontextmanager
async def calling(
    here: Services,
    service: str,
    path: str,
    *,
    host: str = "",
    at: str = "",
    method: str = "POST",
    pause_s: float = 0.0,
) -> AsyncIterator[Callers]:
    """Nobody at first; all have left when it ends.

    Args:
        here: where the Service is.
        service: its name.
        path: what is asked for.
        host: what it is called by, where that is not its address from outside.
        at: `HOST:PORT` of the ingress, where it is not what the outside asks.
        method: see Callers.
        pause_s: see Callers.
    """
    callers = Callers(f"http://{at or here.engine.via}{path}", host or here.host(service), method, pause_s)
    try:
        yield callers
    finally:
        await callers._close()
