"""Fixtures that start functions and sinks."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.receiver import receiving
from hosts import DYING, HOSTS, SERVERS, Collector, Hosted, Start, free_port

SAMPLES = Path(__file__).parent / "samples" / "suite"


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Start sample functions under any host; all are ended with the module."""
    running: list[Hosted] = []

    def begin(sample: str | Path, host: str = "slim", *, wait: bool = True, **env: str) -> Hosted:
        folder = SAMPLES / sample
        state = tmp_path_factory.mktemp("state")
        port = free_port()
        log = state / "log"
        base = {"HOST": "127.0.0.1", "PORT": str(port), "RENGA_STATE_DIR": str(state)}
        with log.open("wb") as output:
            process = subprocess.Popen(
                (HOSTS | DYING | SERVERS)[host],
                cwd=folder,
                env={**os.environ, **base, **env},
                stdout=output,
                stderr=output,
            )
        hosted = Hosted(process, port, log)
        running.append(hosted)
        deadline = time.monotonic() + 20
        while wait:
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{host} did not start: {log.read_text()[-2000:]}")
            try:
                if hosted.call("GET", "/health/ready").status == 200:
                    break
            except OSError:
                time.sleep(0.02)
        return hosted

    yield begin
    for hosted in running:
        # Asked, not killed: gunicorn's master has workers to take along.
        hosted.process.terminate()
    for hosted in running:
        try:
            hosted.process.wait(10)
        except subprocess.TimeoutExpired:
            hosted.process.kill()
            hosted.process.wait(10)


@pytest.fixture
def sink() -> Iterator[Collector]:
    """A real HTTP server that stands in for any broker's ingress."""
    with receiving() as receiver:
        yield Collector(receiver)
