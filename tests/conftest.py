"""What tests share: real servers, and where the material that lives beside the repository is."""

import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from material import SHARED_MATERIAL

pytest_plugins = ["servers"]
REPOSITORY = Path(__file__).parents[1]

# What a shell starts in its background ignores Ctrl-C, and so would whatever tests start and then interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How fast this machine is, and whether it stands still for a moment, says nothing about what is tested.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("untimed")


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


@pytest.fixture(scope="session")
def cache(request: pytest.FixtureRequest) -> Path:
    """What is made once and kept between runs: environments beside the suite's, and tools."""
    kept = request.config.cache
    assert kept is not None
    return kept.mkdir("made")
