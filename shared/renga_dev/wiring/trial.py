"""One function under its real host, for as long as something is tried on it: no broker, no runtime."""

import contextlib
import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from renga.wire import BATCHED, STRUCTURED, WireEvent, decode, decode_batch
from renga_dev.serving.ports import LOOPBACK, Port

_START_LIMIT_S = 30
_ANSWER_LIMIT_S = 60


class DidNotStart(RuntimeError):  # noqa: N818 - says what is the case
    """The host ended, or was not ready in time; the message ends with what it said."""


class Answer(NamedTuple):
    """What a function answered; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def events(self) -> list[WireEvent]:
        """The events that were answered: none, one or several.

        Raises:
            renga.wire.NotAnEvent: the answer is something else, such as a problem.
        """
        if self.status == 204:
            return []
        if self.headers.get("content-type", "").startswith(BATCHED):
            return decode_batch(self.body)
        return [decode(self.headers, self.body)]


@dataclass(frozen=True, slots=True)
class Hosted:
    """A function that is up."""

    port: int

    def request(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """One HTTP request."""
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=_ANSWER_LIMIT_S)
        with contextlib.closing(connection):
            connection.request(method, path, body, dict(headers or {}))
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, found, response.read())

    def deliver(self, event: bytes) -> Answer:
        """Deliver one event in structured mode, such as a sample's file holds."""
        return self.request("POST", "/", event, {"content-type": STRUCTURED})


@contextlib.contextmanager
def hosted(source: Path, *, state: Path, env: Mapping[str, str] | None = None) -> Iterator[Hosted]:
    """Serve a function's `main.py` on loopback, in a process of its own.

    Args:
        source: its `main.py`.
        state: a folder for what it remembers, and for its log.
        env: settings of the function.

    Raises:
        DidNotStart: with what it said.
    """
    log = state / "host.log"
    with Port() as port, log.open("wb") as output:
        ours = {
            "HOST": LOOPBACK,
            "PORT": str(port.number),
            "FUNCTION_SOURCE": str(source.resolve()),
            "RENGA_STATE_DIR": str(state),
            "K_SINK": "",  # what it says is its answer
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "renga.host"],
            cwd=source.parent,
            env={**os.environ, **ours, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        try:
            function = Hosted(port.number)
            _wait(function, process, log)
            yield function
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(function: Hosted, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_LIMIT_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if function.request("GET", "/health/ready").status == 200:
                return
        except OSError:
            time.sleep(0.02)
    said = log.read_text(errors="replace").strip()[-2000:]
    raise DidNotStart(f"The function did not start within {_START_LIMIT_S} s. It said:\n{said}")
