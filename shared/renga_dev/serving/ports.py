"""Ports for servers that are about to start, held so that nobody else can take them meanwhile."""

import random
import socket
import sys
from types import TracebackType
from typing import Self

LOOPBACK = "127.0.0.1"
_FIRST, _LAST = 20000, 32000
"""Below the range from which Linux takes ports for outgoing connections: a server on all addresses would meet those."""
_TRIES = 200
_random = random.Random()  # noqa: S311 - two processes should only rarely try the same one


class Port:
    """A free port of loopback that is ours from when it is made until `free` or the end of a `with`.

    A port that is looked up and let go is anybody's until its server binds it, and the wrong server then answers for
    the right one. So it stays bound: not to listen, and with SO_REUSEADDR, so that Linux lets a server bind it that
    sets that option too, as every server of HTTP does, and lets nobody look it up who binds without. Other systems
    let nobody bind what is bound: there it is only looked up.

    Raises:
        OSError: none was found.
    """

    def __init__(self) -> None:
        for _ in range(_TRIES):
            self._socket = socket.socket()
            try:
                self._socket.bind((LOOPBACK, _random.randint(_FIRST, _LAST)))
            except OSError:
                self._socket.close()
                continue
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.number: int = self._socket.getsockname()[1]
            if sys.platform != "linux":
                self._socket.close()
            return
        raise OSError(f"No free port between {_FIRST} and {_LAST} on {LOOPBACK} after {_TRIES} tries.")

    def free(self) -> None:
        """Its server is gone; anybody may have it."""
        self._socket.close()

    def __enter__(self) -> Self:
        """The port, for a `with`."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """It is free."""
        self.free()
