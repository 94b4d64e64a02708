"""What a cloud has beside its cluster, on a machine that pods reach: Redis, PostgreSQL, blobs, Pub/Sub.

They are real servers, and emulators of what is Amazon's and Google's alone.
"""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import postgres
from renga_dev.pubsub.emulator import program

PROJECT = "renga-engine"
BUCKET = "renga"
_PORTS = {"redis": 6379, "postgres": 5432, "s3": 5000, "pubsub": 8085}
_STARTING_S = 180.0
_KEY = "engine"
"""moto takes any."""


class Node(NamedTuple):
    """A machine that pods reach."""

    address: str
    netns: Path | None = None
    """The file of its network namespace; None: it is this machine."""

    def inside(self, *argv: str | Path) -> list[str]:
        """A command in its network."""
        entering = [] if self.netns is None else ["nsenter", f"--net={self.netns}"]
        return [*entering, *map(str, argv)]


class Servers(NamedTuple):
    """Where they are, seen from pods and from this machine."""

    redis: str
    postgres: str
    s3: str
    pubsub: str
    """`HOST:PORT`."""

    def stores(self) -> dict[str, str]:
        """The Secret `renga-stores`, as docs/deploying.md has it, with what the overlay `engine` takes besides."""
        return {
            "redis-url": self.redis,
            "postgres-url": self.postgres,
            "blobs-url": f"s3://{BUCKET}",
            "s3-endpoint": self.s3,
            "s3-key": _KEY,
            "s3-secret": _KEY,
            "s3-allow-http": "true",
        }

    def events(self) -> dict[str, str]:
        """The ConfigMap `renga-events`: an emulator knows no identities, so no push can prove whose it is."""
        return {
            "K_SINK": f"pubsub://{PROJECT}",
            "PUBSUB_EMULATOR_HOST": self.pubsub,
            "RENGA_PUSH_AUDIENCE": "",
            "RENGA_PUSH_EMAIL": "",
        }


@contextlib.contextmanager
def servers(node: Node, moto: Path, hosts: Iterable[str], ingress: str) -> Iterator[Servers]:
    """Start them all; skips where a program is missing.

    Args:
        node: on which.
        moto: the Python that has moto's server.
        hosts: the names of functions that Pub/Sub pushes to: they mean the ingress.
        ingress: its host, seen from there.

    Raises:
        RuntimeError: one of them does not start.
    """
    password = secrets.token_urlsafe(12)
    found = Servers(
        redis=f"redis://{node.address}:{_PORTS['redis']}",
        postgres=f"postgresql://renga:{password}@{node.address}:{_PORTS['postgres']}/postgres",
        s3=f"http://{node.address}:{_PORTS['s3']}",
        pubsub=f"{node.address}:{_PORTS['pubsub']}",
    )
    with contextlib.ExitStack() as running:
        # Not one of pytest's: those that it makes for root nobody else may enter, and PostgreSQL does not run as root.
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="renga-engine-")))
        folder.chmod(0o755)
        commands = {
            "redis": _redis(node, folder),
            "postgres": _postgres(node, folder, password),
            "s3": node.inside(moto, "-m", "moto.server", "-H", node.address, "-p", str(_PORTS["s3"])),
            "pubsub": _pubsub(node, folder, hosts, socket.gethostbyname(ingress)),
        }
        for name, command in commands.items():
            running.enter_context(_running(name, command, folder, node.address))
        made = urllib.request.Request(f"{found.s3}/{BUCKET}", method="PUT")
        urllib.request.urlopen(made, timeout=120).close()
        yield found


@contextlib.contextmanager
def _running(name: str, command: list[str], folder: Path, address: str) -> Iterator[None]:
    path = folder / f"{name}.log"
    environment = {**os.environ, "JAVA_OPTS": "-Xmx512m -XX:TieredStopAtLevel=1"}
    with path.open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=environment, start_new_session=True)
    try:
        deadline = time.monotonic() + _STARTING_S
        while not _answers(name, address):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{name} did not start: {path.read_text()[-2000:]}")
            time.sleep(0.1)
        # Another one's answer is none.
        time.sleep(0.2)
        if process.poll() is not None:
            raise RuntimeError(f"{name} ended: {path.read_text()[-2000:]}")
        yield
    finally:
        # With what it started: some are scripts around a program, and PostgreSQL waits for its clients.
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def _answers(name: str, address: str) -> bool:
    """Whether it does; the emulator of Pub/Sub listens before that."""
    try:
        if name == "pubsub":
            urllib.request.urlopen(f"http://{address}:{_PORTS[name]}/", timeout=2).close()
        else:
            socket.create_connection((address, _PORTS[name]), 1).close()
    except OSError:
        return False
    return True


def _redis(node: Node, folder: Path) -> list[str]:
    path = shutil.which("redis-server")
    if path is None:
        pytest.skip("redis-server is not installed; Debian's package is redis-server")
    options = ["--bind", node.address, "--protected-mode", "no", "--save", "", "--dir", str(folder)]
    return node.inside(path, "--port", str(_PORTS["redis"]), *options)


def _postgres(node: Node, folder: Path, password: str) -> list[str]:
    programs = postgres.binaries()
    if programs is None:
        pytest.skip(postgres.MISSING)
    data, given = folder / "postgres", folder / "password"
    data.mkdir()
    given.write_text(password)
    for path in (data, given):
        shutil.chown(path, "postgres", "postgres")
    given.chmod(0o600)
    initdb: list[str | Path] = [
        programs / "initdb",
        "-D",
        data,
        "-U",
        "renga",
        "-A",
        "scram-sha-256",
        "--pwfile",
        given,
        "--no-sync",
    ]
    subprocess.run([*initdb, "-E", "UTF8"], user="postgres", cwd=data, check=True, capture_output=True)
    with (data / "pg_hba.conf").open("a") as rules:
        rules.write("host all all 0.0.0.0/0 scram-sha-256\n")
    run: list[str | Path] = ["runuser", "-u", "postgres", "--", programs / "postgres", "-D", data, "-k", data, "-F"]
    return node.inside(*run, "-h", node.address, "-p", str(_PORTS["postgres"]))


def _pubsub(node: Node, folder: Path, hosts: Iterable[str], ingress: str) -> list[str]:
    path = program()
    if path is None:
        pytest.skip("there is no Pub/Sub emulator: `gcloud components install pubsub-emulator`, or Debian's package")
    # The cluster's domain is in no DNS: names that lead to its ingress, for this one process.
    names = folder / "hosts"
    names.write_text("127.0.0.1 localhost\n" + "".join(f"{ingress} {host}\n" for host in hosts))
    script = f'mount --bind {names} /etc/hosts && exec "$@"'
    own = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh"]
    # It calls itself by its loopback.
    return node.inside(*own, path, "--host=0.0.0.0", f"--port={_PORTS['pubsub']}")
