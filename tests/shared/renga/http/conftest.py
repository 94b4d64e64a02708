"""A server with a small application, on a port of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from renga.http.asgi import Application, BodyTooLarge, Receive, Scope, Send, read_body, send_whole
from renga.http.server import Server
from serving import Serving

LIMIT = 20_000_000


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Echo; or stream or fail, by path."""
    match scope["path"]:
        case "/stream":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for number in range(5):
                await send({"type": "http.response.body", "body": b"%d," % number, "more_body": True})
                await asyncio.sleep(0)
            await send({"type": "http.response.body"})
        case "/fail":
            raise LookupError("deliberate")
        case "/cut":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100")]})
            await send({"type": "http.response.body", "body": b"only this", "more_body": True})
        case "/flood":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for _ in range(64):
                await send({"type": "http.response.body", "body": b"x" * 262_144, "more_body": True})
            await send({"type": "http.response.body"})
        case _:
            try:
                body = await read_body(receive, limit=LIMIT)
            except BodyTooLarge as error:
                await send_whole(send, 413, [(b"connection", b"close")], str(error).encode())
                return
            about = f"{scope['method']} {scope['path']} {scope['query_string'].decode()} ".encode()
            await send_whole(send, 200, [(b"x-host", dict(scope["headers"]).get(b"host", b""))], about + body)


@pytest.fixture
def serving() -> Serving:
    """Starts the server inside the test's own event loop."""

    @asynccontextmanager
    async def start(app: Application = application) -> AsyncIterator[tuple[Server, int]]:
        server = Server(app)
        port = await server.start("127.0.0.1", 0)
        try:
            yield server, port
        finally:
            await server.drain(1)

    return start
