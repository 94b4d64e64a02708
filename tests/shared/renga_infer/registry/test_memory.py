"""One version is loaded while others are asked for."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

import inference
from renga_infer.registry.registry import Registry
from renga_infer.registry.stores import Folder
from renga_infer.registry.versions import read_version


def test_a_slow_loading_keeps_nobody_else_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one version prepares its shapes, which may take minutes, another is loaded for those who ask for it."""
    for version in ("1", "2", "3"):
        inference.publish(tmp_path, version, float(version))
    gate = threading.Event()

    def slowly(folder: Path, name: str, version: str) -> Any:
        if version == "1":
            gate.wait(20)
        return read_version(folder, name, version)

    monkeypatch.setattr("renga_infer.registry.memory.read_version", slowly)

    async def run() -> None:
        registry = Registry(Folder(tmp_path))
        await registry.start()

        async def answer(version: str) -> list[float]:
            response = await registry.infer("affine", version, inference.as_request([[3.0, 4.0]]))
            found: list[float] = response.outputs[0].data.tolist()
            return found

        slow = asyncio.ensure_future(answer("1"))
        try:
            async with asyncio.timeout(10):
                assert await answer("2") == [14]
            assert not slow.done()
        finally:
            gate.set()
        assert await slow == [7]
        await registry.close()

    asyncio.run(run())
