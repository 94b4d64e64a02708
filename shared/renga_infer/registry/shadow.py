"""What a shadow computes is compared with what was answered, and thrown away."""

import asyncio
import time

from renga_infer.admission import admit
from renga_infer.card import Card
from renga_infer.engine.batching import Answer
from renga_infer.engine.statistics import Statistics
from renga_infer.errors import InferenceError
from renga_infer.protocol.requests import Request
from renga_infer.registry.golden import beyond, largest_difference
from renga_infer.registry.states import Version


class Shadows:
    """The computations of shadows that are on their way; nobody's answer waits for them."""

    def __init__(self) -> None:
        self.tasks: set[asyncio.Task[None]] = set()

    def begin(self, shadow: Version, request: Request, answer: asyncio.Future[Answer], limit_s: float) -> None:
        """Have a version compute what another answers."""
        task = asyncio.ensure_future(_shadow(shadow, request, answer, limit_s))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def close(self) -> None:
        """Give up those that are on their way."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


async def _shadow(shadow: Version, request: Request, answer: asyncio.Future[Answer], limit_s: float) -> None:
    counted = shadow.statistics
    if shadow.batcher is None:
        counted.shadow_failed += 1
        return
    card = shadow.batcher.card
    shadow.asked_at = time.monotonic()
    try:
        shadowed = await shadow.batcher.compute(admit(card, request), limit_s)
    except InferenceError:
        counted.shadow_failed += 1
        return
    # What was answered may be an error, or its sender have gone: then there is nothing to compare with.
    await asyncio.wait([answer])
    if not answer.cancelled() and answer.exception() is None:
        _compare(card, counted, answer.result(), shadowed)


def _compare(card: Card, counted: Statistics, answered: Answer, shadowed: Answer) -> None:
    counted.shadow_compared += 1
    if answered.keys() != shadowed.keys():
        counted.shadow_different += 1
        return
    if any(beyond(card.tolerance, shadowed[name], array) is not None for name, array in answered.items()):
        counted.shadow_different += 1
    differences = [largest_difference(shadowed[name], array) for name, array in answered.items()]
    counted.shadow_largest = max(counted.shadow_largest, *differences)
