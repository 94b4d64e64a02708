"""One function as an application of ASGI 3.0, for our server or any other."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from renga.app import FunctionApp
from renga.exchange import HttpRequest, problem
from renga.http.asgi import Application, BodyTooLarge, ClientDisconnected, Receive, Scope, Send, read_body, send_whole


def asgi(app: FunctionApp, *, max_request_bytes: int) -> Application:
    """The application around a function, as a server calls it.

    It answers `http`, refuses each `websocket`, and lives from the startup to the shutdown of `lifespan`.
    """

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind == "http":
            await _answer(app, max_request_bytes, scope, receive, send)
        elif kind == "lifespan":
            await _live(app, receive, send)
        elif kind == "websocket":
            await receive()
            # Closed before it is accepted: the server answers the handshake with 403.
            await send({"type": "websocket.close"})
        else:
            # How ASGI has a protocol refused that an application does not know.
            raise ValueError(f"A function speaks HTTP, not {kind}.")

    return serve


async def _answer(app: FunctionApp, limit: int, scope: Scope, receive: Receive, send: Send) -> None:
    try:
        body = await read_body(receive, limit=limit)
    except ClientDisconnected:
        return
    except BodyTooLarge as error:
        refusal = problem(413, str(error))
        await send_whole(send, refusal.status, _encode(refusal.headers), refusal.body)
        return
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    query = scope["query_string"].decode("latin-1")
    response = await app.respond(HttpRequest(scope["method"], scope["path"], headers, body, query))
    if response.stream is None:
        await send_whole(send, response.status, _encode(response.headers), response.body)
        return
    await send({"type": "http.response.start", "status": response.status, "headers": _encode(response.headers)})
    # The stream ends with its source, with its client, or with this process, whichever comes first.
    writing = asyncio.ensure_future(_write(response.stream, send))
    leaving = asyncio.ensure_future(receive())
    app.streams.add(writing)
    await asyncio.wait({writing, leaving}, return_when=asyncio.FIRST_COMPLETED)
    app.streams.discard(writing)
    for task in (writing, leaving):
        task.cancel()
    await asyncio.gather(writing, leaving, return_exceptions=True)
    await send({"type": "http.response.body"})


async def _live(app: FunctionApp, receive: Receive, send: Send) -> None:
    """What `renga.host` does around its own server, at the word of another."""
    await receive()
    app.relay()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    app.stop()
    await app.close()
    await send({"type": "lifespan.shutdown.complete"})


async def _write(stream: AsyncIterator[bytes], send: Send) -> None:
    async for chunk in stream:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})


def _encode(headers: Sequence[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
