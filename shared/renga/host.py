"""The slim host: `python -m renga.host` serves one function over HTTP until SIGTERM.

The module is imported before the port is bound, so that a broken revision never looks ready.
"""

import renga._coldstart  # isort: skip  # noqa: F401 - before everything that is slow to import

import asyncio
import gc
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from renga.app import FunctionApp
from renga.exchange import HttpRequest, problem
from renga.hosting import HostSettings, application, contract_of, load
from renga.http.asgi import Application, BodyTooLarge, ClientDisconnected, Receive, Scope, Send, read_body, send_whole
from renga.http.server import Server

_GARBAGE_AFTER = 20_000
"""Allocations between collections: a request leaves no cycles behind, so the default of 700 looks for nothing."""


def asgi(app: FunctionApp, *, max_request_bytes: int) -> Application:
    """The function as an ASGI application, for our server or any other."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError(f"A function speaks HTTP, not {scope['type']}.")
        try:
            body = await read_body(receive, limit=max_request_bytes)
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

    return serve


async def _write(stream: AsyncIterator[bytes], send: Send) -> None:
    async for chunk in stream:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})


def _encode(headers: Sequence[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]


async def serve(settings: HostSettings) -> None:
    """Serve the function that the settings name until SIGTERM or SIGINT, then finish what was accepted."""
    source = Path(settings.function_source)
    contract = contract_of(load(source), settings.function_target)
    app = application(contract, settings, source)
    server = Server(asgi(app, max_request_bytes=settings.renga_max_request_bytes))
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    # What was imported lives as long as the process: collecting it over and over only costs.
    gc.freeze()
    gc.set_threshold(_GARBAGE_AFTER)
    gc.enable()
    await server.start(settings.host, settings.port)
    app.relay()
    await stopping.wait()
    app.stop()
    await server.drain(contract.deployment.timeout_s)
    await app.close()


def main() -> int:
    """Serve; a module or a setting that is wrong ends the process with its reason before the port is bound."""
    try:
        asyncio.run(serve(HostSettings()))
    except (LookupError, ValueError, FileNotFoundError, TypeError) as error:
        import traceback

        traceback.print_exception(error)
        sys.stderr.write(f"renga.host: {error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"renga.host: cannot listen: {error.strerror or error}. Set PORT to a free port.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
