"""What is in memory: within its bound, and while others come and go."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

import inference
from inference import answer, with_registry
from renga_infer.errors import UnavailableError
from renga_infer.registry.registry import Limits, Registry
from renga_infer.registry.states import EVICTED
from renga_infer.registry.stores import Folder
from renga_infer.registry.versions import read_version


def test_a_slow_loading_keeps_nobody_else_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one version prepares its shapes, which may take minutes, another is loaded for those who ask for it."""
    for version in ("1", "2", "3"):
        inference.publish(tmp_path, version, float(version))
    gate = threading.Event()

    def slowly(folder: Path, name: str, version: str) -> Any:
        if version == "1":
            gate.wait(100)
        return read_version(folder, name, version)

    monkeypatch.setattr("renga_infer.registry.memory.read_version", slowly)

    async def run() -> None:
        registry = Registry(Folder(tmp_path))
        await registry.start()

        slow = asyncio.ensure_future(answer(registry, "1"))
        try:
            async with asyncio.timeout(60):
                assert await answer(registry, "2") == ("2", [14])
            assert not slow.done()
        finally:
            gate.set()
        assert await slow == ("1", [7])
        await registry.close()

    asyncio.run(run())


def test_the_least_recently_used_makes_room(tmp_path: Path) -> None:
    """Beyond the budget a version goes, and comes back when it is asked; what never fits says so."""
    for name in ("a", "b", "c"):
        inference.publish(tmp_path, "1", 1.0, name=name)
    size = (tmp_path / "a" / "1" / "model.safetensors").stat().st_size

    async def test(registry: Registry) -> None:
        ready = [line.name for line in registry.index() if line.state.value == "READY"]
        assert ready == ["b", "c"]
        assert [line.reason for line in registry.index() if line.name == "a"] == [EVICTED]
        await answer(registry, name="b")
        await answer(registry, name="a")
        assert [line.name for line in registry.index() if line.state.value == "READY"] == ["a", "b"]
        assert registry.unready() == []
        answers = await asyncio.gather(*(answer(registry, name=name) for name in "abcabc" for _ in range(5)))
        assert answers == [("1", [7])] * 30

    with_registry(tmp_path, test, Limits(memory_bytes=size + 40))

    async def too_small(registry: Registry) -> None:
        with pytest.raises(UnavailableError, match="all models together may take 10: raise RENGA_INFER_MEMORY_BYTES"):
            await answer(registry, "1", name="a")

    async def run() -> None:
        registry = Registry(Folder(tmp_path), Limits(memory_bytes=10))
        with pytest.raises(UnavailableError):
            await registry.start()
        await too_small(registry)

    asyncio.run(run())


def test_room_is_waited_for_where_it_is_being_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While what was unloaded finishes what it accepted, a newcomer waits for its room, and nothing else must go."""
    for name in ("a", "b"):
        inference.publish(tmp_path, "1", 1.0, name=name)
    size = (tmp_path / "a" / "1" / "model.safetensors").stat().st_size

    async def run() -> None:
        registry = Registry(Folder(tmp_path), Limits(memory_bytes=size))
        (tmp_path / "b").rename(tmp_path / ".later")
        await registry.start()
        (tmp_path / ".later").rename(tmp_path / "b")
        batcher = registry.find("a").batcher
        assert batcher is not None
        close, finished = batcher.close, asyncio.Event()

        async def closed() -> None:
            await finished.wait()
            await close()

        monkeypatch.setattr(batcher, "close", closed)
        unloading = asyncio.ensure_future(registry.unload("a"))
        loading = asyncio.ensure_future(registry.load("b"))
        await asyncio.wait([loading], timeout=0.1)
        assert not loading.done()
        finished.set()
        await asyncio.gather(unloading, loading)
        assert await answer(registry, name="b") == ("1", [7])
        await registry.close()

    asyncio.run(run())
