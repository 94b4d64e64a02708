"""The names under which a process claims at a server that may go away in the middle.

Each claim has a name of its own. Where the server's answer is lost, the claim may stand there all the same, or come to
stand there once a frozen server goes on: then nobody handles the event, and everybody is told that somebody does. So a
process remembers the names whose claims it does not hold, and takes over from them.
"""

import itertools
import os
import socket


class Tokens:
    """What one process calls itself, claim by claim."""

    def __init__(self) -> None:
        self._process = f"{socket.gethostname()}:{os.getpid()}:{os.urandom(4).hex()}"
        self._numbers = itertools.count()
        self._held: dict[str, str] = {}
        self._doubtful: dict[str, list[str]] = {}

    def new(self) -> str:
        """A name for a claim."""
        return f"{self._process}:{next(self._numbers)}"

    def doubtful(self, key: str) -> list[str]:
        """Names under which this process may have a claim on the event that it does not hold."""
        return list(self._doubtful.get(key, ()))

    def hold(self, key: str, token: str) -> None:
        """The claim was granted."""
        self._held[key] = token
        self.settle(key)

    def let_go(self, key: str) -> str:
        """The claim is about to be finished or given back; its name, empty where there is none."""
        return self._held.pop(key, "")

    def doubt(self, key: str, token: str) -> None:
        """What became of a claim is not known."""
        self._doubtful.setdefault(key, []).append(token)

    def settle(self, key: str) -> None:
        """The server has said how the event stands."""
        self._doubtful.pop(key, None)
