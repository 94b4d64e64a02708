"""The ledger under the real host, as a broker and a reader see it."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hosts import HOSTS, Hosted, free_port

StartLedger = Callable[..., Hosted]


@pytest.fixture
def start_ledger(repository: Path, tmp_path: Path) -> Iterator[StartLedger]:
    """Start the ledger; again in the same state folder, or with other settings."""
    running: list[Hosted] = []

    def start(**env: str) -> Hosted:
        port, log = free_port(), tmp_path / f"log-{len(running)}"
        base = {"HOST": "127.0.0.1", "PORT": str(port), "RENGA_STATE_DIR": str(tmp_path / "state")}
        with log.open("wb") as output:
            process = subprocess.Popen(
                HOSTS["slim"],
                cwd=repository / "functions/platform/ledger",
                env={**os.environ, **base, **env},
                stdout=output,
                stderr=output,
            )
        hosted = Hosted(process, port, log)
        running.append(hosted)
        deadline = time.monotonic() + 20
        while True:
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"the ledger did not start: {log.read_text()[-2000:]}")
            try:
                if hosted.call("GET", "/health/ready").status == 200:
                    return hosted
            except OSError:
                time.sleep(0.02)

    yield start
    for hosted in running:
        hosted.process.kill()
        hosted.process.wait(10)


@pytest.fixture
def ledger(start_ledger: StartLedger) -> Hosted:
    """An empty ledger."""
    return start_ledger()
