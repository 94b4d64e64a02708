"""What goes wrong in one run of the chain, and where: drawn from a seed, written as text, shrunk to what matters."""

import random
from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple, Self, cast, get_args

Kind = Literal[
    "drop-ack",  # handled, and the answer lost
    "duplicate",  # twice at once; the first answer counts
    "late-duplicate",  # once more after it was answered
    "reorder",  # held back until something else passed, or for the time
    "delay",  # held back for the time
    "stall",  # handled, and the answer held back until the caller hangs up
    "unavailable",  # 503, before anybody saw it
    "cut-request",  # half of the body, then the end of the connection
    "cut-answer",  # handled; half of the answer, then the end of the connection
    "kill",  # the function's processes end after the time, in the middle of it or a moment later
]

HOPS = (
    ("sink", "submitted"),
    ("parse", "submitted"),
    ("validate", "parsed"),
    ("generate", "validated"),
    ("shelf", "generated"),
    *(("ledger", event) for event in ("submitted", "parsed", "validated", "generated")),
)
"""Who takes which event; the sink is the Broker, as the door publishes to it."""
MOST_FAULTS = 6
MOST_AT_ONE_HOP = 5
LONGEST_MS = 250


class Fault(NamedTuple):
    """One thing that goes wrong."""

    hop: str
    event: str
    nth: int
    """At which arrival of this event of this run at this hop, counted from 0."""
    kind: Kind
    ms: int
    """How long, where the kind has a time."""

    def __str__(self) -> str:
        return f"{self.hop}:{self.event}:{self.nth}:{self.kind}:{self.ms}"

    @classmethod
    def read(cls, text: str) -> Self:
        """What `str` wrote.

        Raises:
            ValueError: it is something else.
        """
        hop, event, nth, kind, ms = text.split(":")
        if (hop, event) not in HOPS or kind not in get_args(Kind):
            raise ValueError(f"{text!r} is no fault: HOP:EVENT:NTH:KIND:MS, as a failing run prints it.")
        return cls(hop, event, int(nth), cast("Kind", kind), int(ms))


Schedule = tuple[Fault, ...]


def drawn(seed: int) -> Schedule:
    """The schedule of a seed: every even one leaves the processes alive, so that handlers must run once."""
    chance = random.Random(seed)  # noqa: S311 - a schedule, no secret
    kinds = [kind for kind in get_args(Kind) if kind != "kill" or seed % 2]
    found: dict[tuple[str, str, int], Fault] = {}
    for _ in range(chance.randint(1, MOST_FAULTS)):
        hop, event = chance.choice(HOPS)
        nth = sum(key[:2] == (hop, event) for key in found)
        # Each fault may be answered by another try, and all of a hop's must be fewer than its tries.
        burst = chance.randint(1, 3) if (kind := chance.choice(kinds)) == "unavailable" else 1
        if hop == "sink" and kind in {"stall", "kill"}:
            continue  # The Broker is no function, and its publishers wait for half a minute.
        for number in range(nth, min(nth + burst, MOST_AT_ONE_HOP)):
            found[hop, event, number] = Fault(hop, event, number, kind, chance.randint(0, LONGEST_MS))
    return tuple(found.values())


def shrunk(schedule: Schedule, fails: Callable[[Schedule], bool]) -> Schedule:
    """What is left when each fault that it fails without is gone."""
    kept = schedule
    for fault in schedule:
        fewer = tuple(each for each in kept if each != fault)
        if fails(fewer):
            kept = fewer
    return kept


def written(schedule: Iterable[Fault]) -> str:
    """As `longer.py --faults` takes it."""
    return ",".join(map(str, schedule))


def reread(text: str) -> Schedule:
    """What `written` wrote."""
    return tuple(Fault.read(each) for each in text.split(",") if each)
