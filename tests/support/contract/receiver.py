"""A subscriber that does as it is told: per path a script of answers, and a record of what came."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

AttributeValue = bool | int | str
SPOKEN = {"specversion": "1.0", "id": "answer", "source": "/receiver", "type": "answered.v1"}


class Answer(BaseModel):
    """One answer of a script."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: int = 200
    headers: dict[str, str] = {}
    body: str = ""
    size: int = 0
    """A body of so many bytes instead."""
    event: dict[str, AttributeValue | None] | None = None
    """The attributes of a reply, over those of SPOKEN; None takes one away."""
    mode: Literal["binary", "structured"] = "binary"
    """Of the reply."""
    delay_s: float = 0.0
    cut: bool = False
    """Hang up instead of answering."""

    def rendered(self) -> tuple[dict[str, str], bytes]:
        """Headers and body."""
        if self.event is None:
            return self.headers, b"x" * self.size or self.body.encode()
        attributes = {name: value for name, value in (SPOKEN | self.event).items() if value is not None}
        if self.mode == "structured":
            content = {"content-type": "application/cloudevents+json"}
            return content | self.headers, json.dumps(attributes | {"data": {"said": self.body}}).encode()
        headers = {f"ce-{name}": str(value) for name, value in attributes.items()}
        return headers | {"content-type": "text/plain"} | self.headers, self.body.encode()


@dataclass(frozen=True, slots=True)
class Heard:
    """One request; header names in lower case."""

    at: float
    """When it was whole, in seconds of the monotonic clock."""
    method: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """A server on a thread of its own; each path is a subscriber with its own script."""

    url: str
    _scripts: dict[str, tuple[Answer, ...]] = field(default_factory=dict)
    _heard: dict[str, list[Heard]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _closing: Event = field(default_factory=Event)

    def script(self, path: str, answers: tuple[Answer, ...]) -> None:
        """Answer the requests for a path in this order; the last answer repeats."""
        self._scripts[path] = answers

    def heard(self, path: str) -> list[Heard]:
        """What came for a path so far."""
        with self._lock:
            return list(self._heard.get(path, ()))

    def forget(self, path: str) -> None:
        """As if nothing had come for a path."""
        with self._lock:
            self._heard.pop(path, None)

    def take(self, path: str, heard: Heard) -> Answer:
        """Note a request and say what it gets."""
        with self._lock:
            earlier = self._heard.setdefault(path, [])
            earlier.append(heard)
            number = len(earlier)
        answers = self._scripts.get(path) or (Answer(),)
        return answers[min(number, len(answers)) - 1]

    def pause(self, seconds: float) -> None:
        """Wait, but not beyond the end."""
        self._closing.wait(seconds)

    def close(self) -> None:
        """Let nobody wait any longer."""
        self._closing.set()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    receiver: Receiver

    def do_POST(self) -> None:
        """Answer by the script."""
        if "chunked" in self.headers.get("transfer-encoding", ""):
            body = b"".join(self._chunks())
        else:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        heard = Heard(time.monotonic(), self.command, headers, body)
        answer = self.receiver.take(self.path.strip("/"), heard)
        self.receiver.pause(answer.delay_s)
        if answer.cut:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        given, content = answer.rendered()
        self.send_response(answer.status)
        for name, value in given.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("content-length", str(len(content)))
        self.end_headers()
        if answer.status != 204:
            self.wfile.write(content)

    def do_GET(self) -> None:
        """Likewise."""
        self.do_POST()

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class calls it so
        """Keep quiet: what came is asked for."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that has given up is part of the script."""


@contextmanager
def receiving(host: str = "127.0.0.1") -> Iterator[Receiver]:
    """A receiver that listens at a free port of this machine."""
    handler = type("Handler", (_Handler,), {})
    server = _Server((host, 0), handler)
    receiver = Receiver(f"http://{host}:{server.server_port}")
    handler.receiver = receiver  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.close()
        server.shutdown()
        server.server_close()
        thread.join(60)
