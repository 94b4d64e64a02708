"""What is known of each version of each model, whether it is in memory or not."""

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from renga_infer.card import Card
from renga_infer.engine.batching import Batcher
from renga_infer.engine.statistics import Statistics
from renga_infer.registry.routing import Routing
from renga_infer.registry.stores import Kept


class State(StrEnum):
    """Of a version; the protocol's words."""

    UNAVAILABLE = "UNAVAILABLE"
    LOADING = "LOADING"
    READY = "READY"
    UNLOADING = "UNLOADING"


NOT_ASKED = "It was not asked for yet: the first request for it loads it."
EVICTED = "It made room for others: the next request for it loads it again."
UNLOADED = "It was unloaded."


@dataclass(eq=False, slots=True)
class Version:
    """One version of a model, whether it is in memory or not."""

    name: str
    version: str
    state: State = State.UNAVAILABLE
    reason: str = NOT_ASKED
    """Why it is not ready."""
    on_demand: bool = True
    """Whether a request may load it; false once somebody unloaded it, or it was refused."""
    card: Card | None = None
    """Known once it was loaded."""
    batcher: Batcher | None = None
    """There exactly while it is ready."""
    kept: Kept | None = None
    """Its files, while it is ready."""
    memory_bytes: int = 0
    asked_at: float = 0.0
    """When it was last asked, by the monotonic clock."""
    statistics: Statistics = field(default_factory=Statistics)
    busy: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while it is loaded, or unloaded by somebody."""
    demand: asyncio.Task[None] | None = None
    """Its loading for those who wait for it."""


@dataclass(eq=False, slots=True)
class Model:
    """A name, with its versions and the way to one of them."""

    name: str
    versions: dict[str, Version] = field(default_factory=dict)
    """From the oldest to the newest."""
    routing: Routing | None = None
    """None until the first version was loaded, and when all were unloaded. It is replaced whole."""


class Indexed(NamedTuple):
    """One line of the repository's index."""

    name: str
    version: str
    state: State
    reason: str
