"""Claims at a server that cannot see who is alive and may itself go away in the middle.

A claim is for a few seconds and renewed for as long as its process lives, because a broker comes back only so often:
what a dead process holds must be free before the last time.

Each claim has a token of its own. Where the server's answer is lost, the claim may stand there all the same, or come to
stand there once a frozen server goes on: then nobody handles the event, and everybody is told that somebody does. So a
process remembers the tokens of claims that it does not hold, and takes over from them.
"""

import asyncio
import itertools
import os
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress

ALIVE_S = 4.0
"""How long a claim outlives its process: five retries from 0.2 s on, each twice as long, end after 6.2 s.

A process whose event loop stands still for longer may find its event handled by another meanwhile.
"""
RENEW_S = 1.0
_MOST_DOUBTFUL = 10_000
"""Events whose tokens are remembered: without one, an event waits for ALIVE_S after its server is back."""

Renew = Callable[[str, str, float], Awaitable[None]]
"""Key, token, and for how long from now (seconds)."""


class _Held:
    def __init__(self, token: str, ends: float) -> None:
        self.token = token
        self.ends = ends
        self.timer: asyncio.TimerHandle | None = None


class Leases:
    """The claims of one process at one server.

    Args:
        renew: says to the server that a claim is still held; may raise OSError.
    """

    def __init__(self, renew: Renew) -> None:
        self._renew = renew
        self._process = f"{socket.gethostname()}:{os.getpid()}:{os.urandom(4).hex()}"
        self._numbers = itertools.count()
        self._held: dict[str, _Held] = {}
        self._doubtful: dict[str, list[str]] = {}
        self._renewals: set[asyncio.Task[None]] = set()

    def token(self) -> str:
        """A name for a claim."""
        return f"{self._process}:{next(self._numbers)}"

    def doubtful(self, key: str) -> list[str]:
        """The tokens of claims on the event that may stand and that this process does not hold."""
        return list(self._doubtful.get(key, ()))

    def hold(self, key: str, token: str, lease_s: float) -> None:
        """The claim was granted, for `lease_s` seconds at most."""
        self.settle(key)
        loop = asyncio.get_running_loop()
        held = self._held[key] = _Held(token, loop.time() + lease_s)
        if lease_s > ALIVE_S:
            held.timer = loop.call_later(RENEW_S, self._still_held, key, held)

    def let_go(self, key: str) -> str:
        """The claim is about to be finished or given back; its token, empty where there is none."""
        held = self._held.pop(key, None)
        if held is None:
            return ""
        if held.timer is not None:
            held.timer.cancel()
        return held.token

    def doubt(self, key: str, token: str) -> None:
        """What became of a claim is not known."""
        self._doubtful.setdefault(key, []).append(token)
        if len(self._doubtful) > _MOST_DOUBTFUL:
            # While a server is away each delivery leaves one, and not every event comes back to this process.
            del self._doubtful[next(iter(self._doubtful))]

    def settle(self, key: str) -> None:
        """The server has said how the event stands."""
        self._doubtful.pop(key, None)

    def close(self) -> None:
        """Renew nothing more."""
        for key in tuple(self._held):
            self.let_go(key)
        for task in self._renewals:
            task.cancel()

    def _still_held(self, key: str, held: _Held) -> None:
        loop = asyncio.get_running_loop()
        left_s = held.ends - loop.time()
        if self._held.get(key) is not held or left_s <= 0:
            return
        task = loop.create_task(self._say(key, held.token, min(ALIVE_S, left_s)))
        self._renewals.add(task)
        task.add_done_callback(self._renewals.discard)
        held.timer = loop.call_later(RENEW_S, self._still_held, key, held)

    async def _say(self, key: str, token: str, lease_s: float) -> None:
        with suppress(OSError):  # The next one is soon.
            await self._renew(key, token, lease_s)
