"""The inference service as a process."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hosts import PATIENCE_S, Answer, free_port


@dataclass
class InferenceServer:
    """A running service, and how to talk to it."""

    process: subprocess.Popen[bytes]
    port: int
    grpc_port: int
    models: Path
    log: Path

    @property
    def url(self) -> str:
        """`http://host:port`."""
        return f"http://127.0.0.1:{self.port}"

    def call(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """One request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        with contextlib.closing(connection):
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            response = connection.getresponse()
            return Answer(
                response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
            )

    def json(self, method: str, path: str, body: bytes = b"") -> Any:
        """The body of an answer, as JSON."""
        return json.loads(self.call(method, path, body).body)

    def until_ready(self, within_s: float = PATIENCE_S) -> None:
        """Wait until its models are loaded.

        Raises:
            RuntimeError: it ended instead, or was not ready in time; the message is what it said.
        """
        deadline = time.monotonic() + within_s
        while self.process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                if self.call("GET", "/v2/health/ready").status == 200:
                    return
            time.sleep(0.02)
        raise RuntimeError(f"The service was not ready: {self.log.read_text()[-2000:]}")

    def stop(self) -> int:
        """Ask it to go and wait; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)


@contextlib.contextmanager
def started(
    models: Path, log: Path, *, grpc: bool = False, port: int | None = None, **env: str
) -> Iterator[InferenceServer]:
    """A service of a folder of models; it is not waited for, and stopped at the end if it still runs."""
    port, grpc_port = port or free_port(), free_port() if grpc else 0
    settings = {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "RENGA_INFER_MODELS": str(models),
        "RENGA_INFER_GRPC_PORT": str(grpc_port),
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "renga_infer"], env={**os.environ, **settings, **env}, stdout=output, stderr=output
        )
    try:
        yield InferenceServer(process, port, grpc_port, models, log)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
