"""What tests share: where the material that lives beside the repository is."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
SHARED_MATERIAL = Path(os.environ.get("RENGA_SHARED_MATERIAL", REPOSITORY.parent / "shared"))


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_material() -> Path:
    """Real schemas and conformance suites; tests that need them skip where they are absent."""
    if not (SHARED_MATERIAL / "corpus").is_dir():
        pytest.skip(f"no shared material at {SHARED_MATERIAL}; set RENGA_SHARED_MATERIAL to its folder")
    return SHARED_MATERIAL
