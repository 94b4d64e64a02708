"""The clock of the rules: a test lets it run fast, so that a stable window of a minute takes a second."""

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds as the manifests mean them; one real second is `speed` of them."""

    speed: float = 1.0

    def now(self) -> float:
        """The time; only differences mean something."""
        return asyncio.get_running_loop().time() * self.speed

    def real(self, seconds: float) -> float:
        """How long that takes on the wall."""
        return seconds / self.speed

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds / self.speed)
