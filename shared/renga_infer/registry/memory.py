"""Which versions are in memory: they come from a store, checked, and go when nobody or somebody else wants the room."""

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import nullcontext

from renga_infer.engine.batching import Batcher
from renga_infer.errors import ModelRefusedError, UnavailableError
from renga_infer.registry.states import EVICTED, NOT_ASKED, UNLOADED, State, Version
from renga_infer.registry.stores import Kept, Store
from renga_infer.registry.versions import read_version, size_of


class Memory:
    """Loads and unloads versions; all methods belong to one event loop.

    Args:
        store: where they come from.
        versions: all that there are now.
        limit_bytes: what their weights may take together; 0: no limit.
        cpus: those that the models' threads keep to; none: all.
    """

    def __init__(
        self, store: Store, versions: Callable[[], Iterable[Version]], *, limit_bytes: int, cpus: Iterable[int]
    ) -> None:
        self._store = store
        self._versions = versions
        self._limit = limit_bytes
        self._cpus = tuple(cpus)
        self._room = asyncio.Lock()

    async def load(self, version: Version) -> None:
        """Load a version whatever it was before, unless it is ready.

        Raises:
            ModelRefusedError: it does not agree with its card or its golden set.
            UnavailableError: the store does not answer, or there is no room.
        """
        async with version.busy:
            if version.batcher is None:
                await self._load(version)

    async def unload(self, version: Version) -> None:
        """Take a version out of memory, until it is loaded by name; what it accepted is finished first."""
        version.on_demand = False
        async with version.busy:
            await _put_away(version, UNLOADED)

    async def _load(self, version: Version) -> None:
        version.state, version.reason = State.LOADING, "It is being loaded."
        kept: Kept | None = None
        try:
            kept = await asyncio.to_thread(self._store.fetch, version.name, version.version)
            # Only where room is short does one that loads slowly keep others waiting.
            async with self._room if self._limit else nullcontext():
                await self._make_room(version, size_of(kept.path))
                checked = await asyncio.to_thread(read_version, kept.path, version.name, version.version)
                await self._make_room(version, checked.model.memory_bytes)
                version.memory_bytes = checked.model.memory_bytes
        except BaseException as error:
            version.state, version.reason = State.UNAVAILABLE, NOT_ASKED
            if isinstance(error, ModelRefusedError | UnavailableError):
                version.reason, version.on_demand = str(error), isinstance(error, UnavailableError)
            if kept is not None:
                kept.release()
            raise
        version.card, version.kept = checked.card, kept
        version.batcher = Batcher(checked.card, checked.model, version.statistics, self._cpus)
        version.on_demand = True
        version.asked_at = time.monotonic()
        version.state, version.reason = State.READY, ""

    async def _make_room(self, wanted: Version, needed: int) -> None:
        """Unload the least recently used until `needed` bytes fit; `_room` is held.

        Raises:
            UnavailableError: they do not fit even then.
        """
        if not self._limit:
            return
        if needed > self._limit:
            raise UnavailableError(
                f"It takes {needed} bytes, and all models together may take {self._limit}: raise "
                "RENGA_INFER_MEMORY_BYTES.",
                retry_after_s=60,
            )
        while sum(one.memory_bytes for one in self._versions()) + needed > self._limit:
            loaded = [one for one in self._versions() if one.batcher is not None and one is not wanted]
            if loaded:
                await _put_away(min(loaded, key=lambda one: one.asked_at), EVICTED)
            else:
                await asyncio.sleep(0.01)  # what is left was unloaded, and finishes what it accepted


async def _put_away(version: Version, reason: str) -> None:
    batcher, version.batcher, kept, version.kept = version.batcher, None, version.kept, None
    if batcher is not None:
        version.state, version.reason = State.UNLOADING, "It finishes what it accepted."
        await batcher.close()
    if kept is not None:
        kept.release()
    version.memory_bytes = 0
    if version.state is not State.LOADING:  # else somebody asked for it meanwhile
        version.state, version.reason = State.UNAVAILABLE, reason
