"""The installed command against a real runtime: this repository's functions, in a state folder of their own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hosts import free_port
from links_model import write_links
from renga_dev import endpoint
from renga_dev.cli import main

Renga = Callable[..., Result]

UNDECLARED = """
CREATE TABLE customer (id int PRIMARY KEY);
CREATE TABLE sale (id int PRIMARY KEY, customer_id int NOT NULL, price float);
"""
RENGA = [sys.executable, "-c", "from renga_dev.cli import main; main()"]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch) -> Renga:
    """Run `renga` with arguments; `at` is the runtime, `input` what standard input holds."""
    # Somebody else's may run where one is by default.
    monkeypatch.setattr(endpoint, "DEFAULT_URL", f"http://127.0.0.1:{free_port()}")

    def run(*arguments: str | Path, at: str | None = None, input: bytes | None = None) -> Result:  # noqa: A002
        if at is None:
            monkeypatch.delenv("RENGA_URL", raising=False)
        else:
            monkeypatch.setenv("RENGA_URL", at)
        return CliRunner().invoke(main, [str(argument) for argument in arguments], input=input)

    return run


@pytest.fixture
def undeclared_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with a schema whose one foreign key is not declared; the model in reach is a small one."""
    write_links(tmp_path / "models")
    monkeypatch.setenv("RENGA_INFER_MODELS", str(tmp_path / "models"))
    path = tmp_path / "shop.sql"
    path.write_text(UNDECLARED)
    return path


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a running `renga up`; every function begins asleep."""
    repository = Path(__file__).parents[4]
    folder = tmp_path_factory.mktemp("runtime")
    with (folder / "errors").open("wb") as errors:
        process = subprocess.Popen(
            [*RENGA, "up", "--port", "0", "--state", str(folder / "state"), "--no-verify", "--json"],
            cwd=repository,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
    assert process.stdout is not None
    try:
        first = process.stdout.readline()
        if not first:
            pytest.fail(f"renga up did not come up: {(folder / 'errors').read_text()}")
        yield json.loads(first)["url"]
    finally:
        process.send_signal(signal.SIGTERM)
        process.stdout.read()
        process.stdout.close()
        assert process.wait(100) == 0


@pytest.fixture
def started() -> Iterator[Callable[..., "subprocess.Popen[bytes]"]]:
    """Start `renga` as its own process; what still runs at the end is killed."""
    running: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str | Path, cwd: Path | None = None, **env: str) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            [*RENGA, *map(str, arguments)],
            cwd=cwd,
            env={**os.environ, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        running.append(process)
        return process

    yield start
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def no_cluster(tmp_path: Path) -> str:
    """A kubeconfig that leads to where nobody listens; with an empty one kubectl tries anybody at port 8080."""
    there = {"name": "none", "cluster": {"server": f"http://127.0.0.1:{free_port()}"}}
    context = {"name": "none", "context": {"cluster": "none", "user": ""}}
    config = {"apiVersion": "v1", "kind": "Config", "clusters": [there], "contexts": [context]}
    path = tmp_path / "kubeconfig"
    path.write_text(json.dumps(config | {"current-context": "none"}))
    return str(path)
