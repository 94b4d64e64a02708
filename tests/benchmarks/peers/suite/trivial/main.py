"""The same trivial function as ours: typed, idempotent, durable in what it has seen."""

from typing import ClassVar

from renga import function
from renga_events import Event


class Asked(Event):
    """Somebody asked."""

    ce_type: ClassVar[str] = "bench.asked.v1"

    n: int = 0


@function
async def handle(asked: Asked) -> None:
    """Do nothing."""
