"""Real hosts and a real sink, as tests see them."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from contract.receiver import Answer as Answered
from contract.receiver import Receiver
from renga_dev.serving.ports import LOOPBACK, Port

HOSTS = {
    "slim": [sys.executable, "-m", "renga.host"],
    "functions-framework": [sys.executable, "-m", "functions_framework", "--target", "handle", "--source", "main.py"],
    "functions-framework-asgi": [
        *(sys.executable, "-m", "functions_framework", "--asgi"),
        *("--target", "handle", "--source", "main.py"),
    ],
}
DYING = {"dying": [sys.executable, str(Path(__file__).with_name("dying_host.py"))]}
"""A host that ends itself: see there."""
SERVERS = {
    name: [sys.executable, str(Path(__file__).with_name("asgi_host.py")), name] for name in ("uvicorn", "gunicorn")
}
"""Servers of ASGI that are not ours, with the function as it is: see there."""


PATIENCE_S = 60.0
"""For what is bound to come, on a machine that may stand still for seconds; nobody waits so long but to hear why."""


class Answer(NamedTuple):
    """What a host answered; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Hosted:
    """A function's process and how to talk to it."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def call(self, method: str, path: str, body: bytes | str = b"", **headers: str) -> Answer:
        """One request; underscores in header names stand for hyphens."""
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=PATIENCE_S)
        try:
            raw = body.encode() if isinstance(body, str) else body
            connection.request(method, path, raw, {name.replace("_", "-"): value for name, value in headers.items()})
            response = connection.getresponse()
            return Answer(
                response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
            )
        finally:
            connection.close()

    def deliver(self, body: bytes | str = b"{}", **attributes: str) -> Answer:
        """One binary CloudEvent; `attributes` override the usual ones, and `header_x` sets a plain header."""
        plain = {name[7:]: value for name, value in attributes.items() if name.startswith("header_")}
        given = {name: value for name, value in attributes.items() if not name.startswith("header_")}
        event = {"specversion": "1.0", "id": os.urandom(8).hex(), "source": "/test", "type": "test.asked.v1"} | given
        headers = {f"ce-{name}": value for name, value in event.items()}
        return self.call("POST", "/", body, **{"content_type": "application/json"} | headers | plain)

    def until_ready(self) -> None:
        """Wait until it takes requests.

        Raises:
            RuntimeError: it ended instead, or did not come up in time; the message is what it said.
        """
        deadline = time.monotonic() + PATIENCE_S
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                if self.call("GET", "/health/ready").status == 200:
                    return
            except OSError:
                pass
            time.sleep(0.02)
        raise RuntimeError(f"The host did not start: {self.log.read_text()[-2000:]}")

    def stop(self) -> int:
        """Ask it to go and wait."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)


Start = Callable[..., Hosted]


@contextmanager
def held(hosted: Hosted, until: Path, **attributes: str) -> Iterator[Future[Answer]]:
    """While the sample `outcomes` handles an event: it is answered at the end, when `until` is there.

    Raises:
        AssertionError: it did not begin to.
    """
    asked = json.dumps({"do": "wait", "about": str(until)})
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(hosted.deliver, asked, **attributes)
        try:
            deadline = time.monotonic() + PATIENCE_S
            while f"waits for {until}" not in hosted.log.read_text():
                assert time.monotonic() < deadline, "the event does not arrive"
                time.sleep(0.01)
            yield answer
        finally:
            until.touch()


_held: deque[Port] = deque()
_HOLD = 200
"""More than the servers that one test starts; a process may have some thousand files open."""


def free_port() -> int:
    """A port that nobody else's server gets, whatever else is tested meanwhile, until 200 others were asked for."""
    _held.append(Port())
    if len(_held) > _HOLD:
        _held.popleft().free()
    return _held[-1].number


def launch(command: list[str], folder: Path, state: Path, log: Path, **env: str) -> Hosted:
    """Start a host in a function's folder on a free port, and do not wait for it; what it says goes to the log."""
    port = free_port()
    base = {"HOST": LOOPBACK, "PORT": str(port), "RENGA_STATE_DIR": str(state)}
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env={**os.environ, **base, **env}, stdout=output, stderr=output)
    return Hosted(process, port, log)


class Collector:
    """A sink that keeps what it is sent."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self.url = f"{receiver.url}/"
        self.answer(202)

    def answer(self, status: int) -> None:
        """Answer with this status from now on."""
        self._receiver.script("", (Answered(status=status),))

    def forget(self) -> None:
        """As if nothing had come so far."""
        self._receiver.forget("")

    @property
    def received(self) -> list[tuple[dict[str, str], bytes]]:
        """Headers, their names in lower case, and body of what came so far."""
        return [(each.headers, each.body) for each in self._receiver.heard("")]

    def of_type(self, ce_type: str) -> list[dict[str, str]]:
        """The headers of every event of a type."""
        return [headers for headers, _ in self.received if headers["ce-type"] == ce_type]
