"""A function with every outcome there is, chosen by the event it is sent."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from typing import ClassVar

from renga import Reject, Retry, Stream, function
from renga_events import Event

handled = 0


class Asked(Event):
    """Tells the function what to do."""

    ce_type: ClassVar[str] = "test.asked.v1"
    subject_field: ClassVar[str | None] = "about"
    text_field: ClassVar[str | None] = "about"

    about: str = "nothing"
    do: str = "nothing"
    size: int = 1


class Counted(Event):
    """How often this process has handled anything."""

    ce_type: ClassVar[str] = "test.counted.v1"

    handled: int
    filler: str = ""


@function(concurrency=8, timeout_s=5)
def handle(asked: Asked) -> Counted | list[Counted] | None:
    """Do as asked."""
    global handled  # noqa: PLW0603 - the count is what the tests look at
    handled += 1
    match asked.do:
        case "answer":
            return Counted(handled=handled, filler="x" * (asked.size - 1))
        case "several":
            return [Counted(handled=number) for number in range(asked.size)]
        case "reject":
            raise Reject("This will never do. " + "é" * asked.size)
        case "retry":
            raise Retry("The shelf is empty.", after=7)
        case "bug":
            raise ZeroDivisionError("secret detail")
        case "wait":
            import time
            from pathlib import Path

            os.write(1, f"waits for {asked.about}\n".encode())
            while not Path(asked.about).exists():
                time.sleep(0.01)
            return Counted(handled=handled)
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
    return None


@handle.get("/counts/{name}")
def counts(name: str, times: int = 1) -> dict[str, int] | None:
    """A route with a path and a query parameter."""
    return None if name == "nobody" else {name: handled * times}


@handle.get("/ticks")
async def ticks(count: int = 3) -> Stream:
    """A stream of server-sent events."""

    async def chunks() -> AsyncIterator[bytes]:
        for number in range(count):
            yield f"data: {number}\n\n".encode()
            await asyncio.sleep(0.01)

    return Stream(chunks())
