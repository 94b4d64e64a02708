"""One inference service for all tests that only ask it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

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


@pytest.fixture
def protocol_document(shared_material: Path) -> dict[str, Any]:
    """The protocol's own OpenAPI document, read anew: a test may change it."""
    path = shared_material / "conformance" / "open-inference" / "open_inference_rest.yaml"
    if not path.is_file():
        pytest.skip(f"no document of the protocol at {path}")
    document: dict[str, Any] = yaml.safe_load(path.read_text())
    return document
