"""A server that goes away and comes back, again and again, by a seed."""

import random
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

WAYS = ("stop", "crash", "freeze", "hang up")
LONGEST_AWAY_S = 1.5
LONGEST_BACK_S = 2.0


class Server(Protocol):
    """Redis or PostgreSQL, as tests start them."""

    def start(self) -> None:
        """Come back."""

    def stop(self) -> None:
        """Go in good order."""

    def crash(self) -> None:
        """Go at once."""

    def signal(self, number: signal.Signals) -> None:
        """To all of its processes."""

    def hang_up(self) -> None:
        """Cut every connection."""


@contextmanager
def outages(server: Server, seed: int) -> Iterator[Counter[str]]:
    """One outage after the other, on a thread of its own, until the end; yields how many there were of each."""
    seen: Counter[str] = Counter()
    over = threading.Event()

    def disturb() -> None:
        chance = random.Random(seed)  # noqa: S311 - moments, not secrets
        while not over.wait(chance.uniform(0.2, LONGEST_BACK_S)):
            # Each way has its turn, in an order of the seed's.
            way = chance.choice([each for each in WAYS if seen[each] == min(seen[each] for each in WAYS)])
            seen[way] += 1
            if way == "hang up":
                server.hang_up()
            elif way == "freeze":
                server.signal(signal.SIGSTOP)
                over.wait(chance.uniform(0.1, LONGEST_AWAY_S))
                server.signal(signal.SIGCONT)
            else:
                server.stop() if way == "stop" else server.crash()
                over.wait(chance.uniform(0.1, LONGEST_AWAY_S))
                server.start()

    thread = threading.Thread(target=disturb, name="outages")
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join(120)
