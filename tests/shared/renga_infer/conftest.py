"""One inference service for all tests that only ask it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import inference
import inference_server
from inference_server import InferenceServer


@pytest.fixture(scope="session")
def inference_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InferenceServer]:
    """Two versions of `affine`, which answer `version * sum(x)`; a test that changes what answers changes it back."""
    folder = tmp_path_factory.mktemp("inference")
    for version in ("1", "2"):
        inference.publish(folder / "models", version, float(version))
    with inference_server.started(folder / "models", folder / "log", grpc=True) as server:
        server.until_ready()
        yield server


@pytest.fixture
def own_models(tmp_path: Path) -> Path:
    """A folder with version 1 of `affine` that only this test has."""
    inference.publish(tmp_path / "models", "1", 1.0)
    return tmp_path / "models"
