"""A real HTTP server that answers by a script, on a thread of its own: for what a good runtime never does."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from renga.http.asgi import Application, Receive, Scope, Send, read_body, send_whole
from renga.http.server import Server


class Asked(NamedTuple):
    """One request; header names in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Said(NamedTuple):
    """One answer; with a stream, the connection is cut where it ends, unless it is `whole`."""

    status: int
    headers: dict[str, str]
    body: bytes = b""
    stream: AsyncIterator[bytes] | None = None
    whole: bool = True


Script = Callable[[Asked], Awaitable[Said]]


class Cut(Exception):  # noqa: N818 - it is meant
    """Ends an answer in the middle."""


def application(script: Script) -> Application:
    """The script as an application."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive, limit=2**26)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        query = scope["query_string"].decode()
        target = scope["path"] + (f"?{query}" if query else "")
        said = await script(Asked(scope["method"], target, headers, body))
        lines = [(name.encode(), value.encode()) for name, value in said.headers.items()]
        if said.stream is None:
            await send_whole(send, said.status, lines, said.body)
            return
        await send({"type": "http.response.start", "status": said.status, "headers": lines})
        async for chunk in said.stream:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        if not said.whole:
            raise Cut
        await send({"type": "http.response.body"})

    return answer


@contextmanager
def scripted(script: Script) -> Iterator[str]:
    """The URL of a server that answers by the script."""
    loop = asyncio.new_event_loop()
    # A cut is no error here, and nothing else may go unseen.
    loop.set_exception_handler(_unless_cut)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = Server(application(script))
    try:
        port = asyncio.run_coroutine_threadsafe(server.start("127.0.0.1", 0), loop).result(60)
        yield f"http://127.0.0.1:{port}"
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(60)
        loop.close()


async def _end(server: Server) -> None:
    await server.drain(0.1)
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _unless_cut(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    if not isinstance(context.get("exception"), Cut):
        loop.default_exception_handler(context)
