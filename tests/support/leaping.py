"""An event loop whose time a test moves on: what waits for minutes comes about at once, and nothing has to hurry.

A time limit that is made short for a test runs out by itself on a busy machine. Here limits are as long as they are
anywhere, and run out when the test says so.
"""

import asyncio


class Loop(asyncio.SelectorEventLoop):
    """Its time is that of other loops, and what was leapt over."""

    _ahead = 0.0

    def time(self) -> float:
        """See asyncio."""
        return super().time() + self._ahead

    def leap(self, seconds: float) -> None:
        """Whatever waits for a time until then is due."""
        self._ahead += seconds


def leap(seconds: float) -> None:
    """Move the time of the running loop on."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, Loop)
    loop.leap(seconds)
