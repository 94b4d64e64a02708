"""A small server to be run as a function's container; the path of a request says what happens to it."""

import asyncio
import json
import os
import signal
import socket
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from renga.http.asgi import Message, Receive, Scope, Send, read_body, send_whole
from renga.http.server import Server

COPIED = ("PORT", "HOST", "K_SERVICE", "K_CONFIGURATION", "K_REVISION", "K_SINK", "K_CE_OVERRIDES", "FUNCTION_TARGET",
          "FUNCTION_SOURCE", "RENGA_STATE_DIR", "GREETING", "K_LEAK")  # fmt: skip


WHO = f"{socket.gethostname()}/{os.getpid()}".encode()
"""In a pod every process is number 1."""


def say(line: str) -> None:
    """Write a line to the log."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@dataclass(slots=True)
class Load:
    """How much is going on."""

    in_flight: int = 0
    most: int = 0


load = Load()
meetings: dict[int, asyncio.Barrier] = {}
begun: set[str] = set()
"""Paths that were asked for: only the first request of one sleeps."""
ready_at = time.monotonic() + float(os.environ.get("READY_AFTER", "0"))


def held_back() -> bool:
    """Whether it is not ready, as the environment says; each look is told."""
    if time.monotonic() >= ready_at and not os.path.exists(os.environ.get("NOT_READY_WHILE", "")):  # noqa: PTH110
        return False
    say("not ready")
    return True


def signed(send: Send) -> Send:
    """Answers say which process gave them."""

    async def sign(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], (b"pid", WHO)]
        await send(message)

    return sign


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer."""
    body = await read_body(receive, limit=1 << 30)
    _, verb, *arguments = scope["path"].split("/")
    send = signed(send)
    if verb == "ready":
        await send_whole(send, 503 if held_back() else 200, [])
        return
    load.in_flight += 1
    load.most = max(load.most, load.in_flight)
    try:
        if verb in {"sleep", "first", "hold", "together", "most"}:
            if await waited(scope["path"], receive):
                await send_whole(send, 200, [], str(load.most).encode())
        elif verb == "parts":
            await parts(arguments, receive, send)
        elif verb == "die":
            os._exit(3)
        elif verb == "half":
            await answer_half(float(arguments[0]), send)
            os._exit(4)
        elif verb == "cut":
            await answer_half(float(arguments[0]), send)
            raise RuntimeError("the connection is cut here, and the process lives")
        elif verb == "stream":
            await stream(int(arguments[0]), float(arguments[1]), receive, send)
        elif verb == "status":
            await send_whole(send, int(arguments[0]), [])
        else:
            await send_whole(send, 200, [(b"content-type", b"application/json")], look(scope, body))
    finally:
        load.in_flight -= 1


async def waited(path: str, receive: Receive) -> bool:
    """Wait as a path says; False where its caller leaves before."""
    _, verb, *arguments = path.split("/")
    if verb == "hold":
        return await opened(arguments[0], receive)
    if verb == "together":
        size = int(arguments.pop(0))
        await meetings.setdefault(size, asyncio.Barrier(size)).wait()
    if verb != "most" and not (verb == "first" and path in begun):
        begun.add(path)
        await asyncio.sleep(float(arguments[0]))
    return True


async def opened(gate: str, receive: Receive) -> bool:
    """Wait until somebody opens a gate, by making a file of its name; False where the caller leaves before."""
    say(f"waits at {gate}")
    file = Path(os.environ["RENGA_STATE_DIR"], "gates", gate)
    leaving = asyncio.ensure_future(receive())
    while not file.exists():  # noqa: ASYNC240 - one quick look
        await asyncio.wait([leaving], timeout=0.01)
        if leaving.done():
            say("the reader left")
            return False
    leaving.cancel()
    return True


async def parts(gates: list[str], receive: Receive, send: Send) -> None:
    """Send a part of an answer, and one more as each gate is opened."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"0", "more_body": True})
    for number, gate in enumerate(gates, 1):
        if not await opened(gate, receive):
            return
        await send({"type": "http.response.body", "body": str(number).encode(), "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def answer_half(after_s: float, send: Send) -> None:
    """Begin an answer, and wait."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100")]})
    await send({"type": "http.response.body", "body": b"half", "more_body": True})
    await asyncio.sleep(after_s)


async def stream(count: int, gap_s: float, receive: Receive, send: Send) -> None:
    """Send events until the reader leaves."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
    leaving = asyncio.ensure_future(receive())
    for number in range(count):
        await send({"type": "http.response.body", "body": f"data: {number}\n\n".encode(), "more_body": True})
        await asyncio.wait([leaving], timeout=gap_s)
        if leaving.done():
            say("the reader left")
            return
    leaving.cancel()
    await send({"type": "http.response.body", "body": b""})


def look(scope: Scope, body: bytes) -> bytes:
    """What this process sees, as JSON."""
    seen = {
        "pid": os.getpid(),
        "session": os.getsid(0),
        "cwd": str(Path.cwd()),
        "stdin": sys.stdin.read(),
        "terminal": any(os.isatty(number) for number in (0, 1, 2)),
        "tmp": os.access(tempfile.gettempdir(), os.W_OK),
        "env": {name: os.environ[name] for name in COPIED if name in os.environ},
        "method": scope["method"],
        "path": scope["raw_path"].decode(),
        "query": scope["query_string"].decode(),
        "headers": [[name.decode(), value.decode()] for name, value in scope["headers"]],
        "header": {name.decode(): value.decode() for name, value in scope["headers"]},
        "body": len(body),
    }
    return json.dumps(seen).encode()


def begin() -> None:
    """Start slowly, or not at all, where the environment says so."""
    say("starting")
    time.sleep(float(os.environ.get("START_DELAY", "0")))
    crash = os.environ.get("CRASH", "")
    if crash == "always" or (crash and Path(crash).exists()):
        say("Traceback: no module named 'nonsense'")
        sys.exit(7)


async def main() -> None:
    """Serve until SIGTERM."""
    stopping = asyncio.Event()

    def on_term() -> None:
        say(f"SIGTERM with {load.in_flight} in flight")
        if "IGNORE_TERM" not in os.environ:
            stopping.set()

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, on_term)
    server = Server(app)
    if "NEVER_LISTEN" not in os.environ:
        await server.start(os.environ["HOST"], int(os.environ["PORT"]))
    await stopping.wait()
    await server.drain(timeout_s=5)
    say("ended in order")


begin()
asyncio.run(main())
