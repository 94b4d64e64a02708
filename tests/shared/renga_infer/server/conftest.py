"""The application around a registry, in this process."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

import inference
from renga_infer.registry.registry import Limits, Registry
from renga_infer.registry.stores import Folder
from renga_infer.server.app import InferenceApp

Test = Callable[[InferenceApp], Coroutine[Any, Any, None]]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions of a model; nobody writes into this folder."""
    folder = tmp_path_factory.mktemp("models")
    for version in ("1", "2"):
        inference.publish(folder, version, float(version))
    return folder


@pytest.fixture
def running(models: Path) -> Callable[..., None]:
    """Runs a test with an application, whose registry is started unless the test says otherwise."""

    def run(test: Test, *, start: bool = True, folder: Path = models, **settings: Any) -> None:
        async def within() -> None:
            registry = Registry(Folder(folder), Limits(timeout_s=60))
            app = InferenceApp(registry, **({"max_request_bytes": 100_000} | settings))
            if start:
                await registry.start()
            await test(app)
            await registry.close()

        asyncio.run(within())

    return run
