"""Processes started to be measured, and a load that says what it saw."""

import asyncio
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hosts import free_port
from renga.http.client import Client

PEERS = Path(__file__).parents[1] / "benchmarks" / "peers"
TRIVIAL = PEERS / "suite" / "trivial"
SLIM = (sys.executable, "-m", "renga.host")
BARE = (sys.executable, str(PEERS / "bare_asyncio.py"))
FUNCTIONS_FRAMEWORK = (
    *(sys.executable, "-m", "functions_framework", "--asgi", "--target", "handle"),
    *("--source", str(PEERS / "functions_framework_aio.py")),
)
FUNCTIONS_FRAMEWORK_OURS = (
    *(sys.executable, "-m", "functions_framework", "--asgi", "--target", "handle", "--source", "main.py"),
)


@dataclass(frozen=True)
class Server:
    """A process that listens on a port of its own."""

    process: subprocess.Popen[bytes]
    port: int

    def stop(self) -> None:
        """End it with all its workers."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)


def launch(command: Sequence[str], state: Path, *, core: int | None = None, cwd: Path = TRIVIAL) -> Server:
    """Start a server; on one core where one is given."""
    port = free_port()
    environment = {**os.environ, "HOST": "127.0.0.1", "PORT": str(port), "RENGA_STATE_DIR": str(state)}
    pin: Callable[[], None] | None = None
    if core is not None:
        pin = lambda: os.sched_setaffinity(0, {core})  # noqa: E731
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=pin,  # noqa: PLW1509 - no threads here
    )
    return Server(process, port)


def event_bytes(event_id: str) -> bytes:
    """One binary CloudEvent as raw HTTP."""
    return (
        "POST / HTTP/1.1\r\nhost: localhost\r\nce-specversion: 1.0\r\nce-source: /bench\r\nce-type: bench.asked.v1\r\n"
        f"ce-id: {event_id}\r\ncontent-type: application/json\r\ncontent-length: 7\r\nconnection: close\r\n\r\n"
        '{"n":1}'
    ).encode()


def cold_start_s(command: Sequence[str], state: Path) -> float:
    """Seconds from exec to the first 2xx for an event."""
    began = time.perf_counter()
    server = launch(command, state)
    try:
        while time.perf_counter() - began < 20:
            try:
                with socket.create_connection(("127.0.0.1", server.port)) as peer:
                    peer.sendall(event_bytes(str(time.time_ns())))
                    if peer.recv(64).startswith(b"HTTP/1.1 2"):
                        return time.perf_counter() - began
            except OSError:
                pass
            time.sleep(0.001)
        raise TimeoutError(f"{command[2]} did not answer")
    finally:
        server.stop()


@dataclass(frozen=True)
class Load:
    """What a load saw."""

    per_second: float
    p50_ms: float
    p95_ms: float


def load(port: int, *, in_flight: int, events: int) -> Load:
    """Deliver events over kept connections.

    Raises:
        AssertionError: one was not answered with 2xx.
    """

    async def run() -> Load:
        client = Client()
        taken = iter(range(events))
        seconds: list[float] = []
        prefix = str(time.time_ns())

        async def worker() -> None:
            for number in taken:
                headers = [
                    ("ce-specversion", "1.0"),
                    ("ce-id", f"{prefix}-{number}"),
                    ("ce-source", "/bench"),
                    ("ce-type", "bench.asked.v1"),
                    ("content-type", "application/json"),
                ]
                began = time.perf_counter()
                answer = await client.request("POST", f"http://127.0.0.1:{port}/", headers=headers, body=b'{"n":1}')
                seconds.append(time.perf_counter() - began)
                assert 200 <= answer.status < 300, answer

        began = time.perf_counter()
        await asyncio.gather(*(worker() for _ in range(in_flight)))
        rate = events / (time.perf_counter() - began)
        client.close()
        quantiles = statistics.quantiles(seconds, n=20)
        return Load(rate, quantiles[9] * 1000, quantiles[18] * 1000)

    return asyncio.run(run())


def say(title: str, **figures: float | str) -> None:
    """Print one line of a benchmark."""
    shown = "  ".join(
        f"{name} {value:.2f}" if isinstance(value, float) else f"{name} {value}" for name, value in figures.items()
    )
    sys.stdout.write(f"\n{title}: {shown}\n")
