"""Free ports for replicas, chosen where the kernel does not choose ports for others."""

import random
import socket

_FIRST, _LAST = 20000, 32000
"""Below the range from which Linux takes ports for outgoing connections: those would now and then take ours."""
_TRIES = 200


class Ports:
    """Hands out ports of one address; a port in use by a replica is not given twice."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.host = host
        self._taken: set[int] = set()
        self._random = random.Random()  # noqa: S311 - two runtimes should only rarely try the same one

    def take(self) -> int:
        """A port that nobody listens on now.

        Raises:
            OSError: none was found.
        """
        for _ in range(_TRIES):
            port = self._random.randint(_FIRST, _LAST)
            if port not in self._taken and self._is_free(port):
                self._taken.add(port)
                return port
        raise OSError(f"No free port between {_FIRST} and {_LAST} on {self.host} after {_TRIES} tries.")

    def give_back(self, port: int) -> None:
        """The replica is gone."""
        self._taken.discard(port)

    def _is_free(self, port: int) -> bool:
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                sock.bind((self.host, port))
            except OSError:
                return False
        return True
