"""Fixtures that start functions and sinks."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.receiver import receiving
from hosts import DYING, HOSTS, SERVERS, Collector, Hosted, Start, launch

SAMPLES = Path(__file__).parent / "samples" / "suite"


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Start sample functions under any host; all are ended with the module."""
    running: list[Hosted] = []

    def begin(sample: str | Path, host: str = "slim", *, wait: bool = True, **env: str) -> Hosted:
        state = tmp_path_factory.mktemp("state")
        hosted = launch((HOSTS | DYING | SERVERS)[host], SAMPLES / sample, state, state / "log", **env)
        running.append(hosted)
        if wait:
            hosted.until_ready()
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
