"""Functions of the platform under the real host, as a broker and a reader see them."""

import os
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from hosts import HOSTS, PATIENCE_S, Hosted, launch

StartFunction = Callable[..., Hosted]


@pytest.fixture
def start_function(repository: Path, tmp_path: Path) -> Iterator[StartFunction]:
    """Start a function by its folder; again in the same state folder, or with other settings."""
    running: list[Hosted] = []

    def start(folder: str, **env: str) -> Hosted:
        log = tmp_path / f"log-{len(running)}"
        hosted = launch(HOSTS["slim"], repository / "functions" / folder, tmp_path / "state", log, **env)
        running.append(hosted)
        hosted.until_ready()
        return hosted

    yield start
    for hosted in running:
        hosted.process.kill()
        hosted.process.wait(PATIENCE_S)


@pytest.fixture
def failed_start(repository: Path) -> Callable[..., "subprocess.CompletedProcess[bytes]"]:
    """Start a function by its folder with settings that end it before it has bound its port; how it ended."""

    def start(folder: str, **env: str) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(
            HOSTS["slim"],
            cwd=repository / "functions" / folder,
            env={**os.environ, "PORT": "0", **env},
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
        )

    return start


@pytest.fixture
def start_ledger(start_function: StartFunction) -> StartFunction:
    """Start the ledger."""
    return partial(start_function, "platform/ledger")


@pytest.fixture
def ledger(start_ledger: StartFunction) -> Hosted:
    """An empty ledger."""
    return start_ledger()


@pytest.fixture
def start_desk(start_function: StartFunction) -> StartFunction:
    """Start the dead-letter desk."""
    return partial(start_function, "platform/deadletter")


@pytest.fixture
def desk(start_desk: StartFunction) -> Hosted:
    """An empty desk."""
    return start_desk()
