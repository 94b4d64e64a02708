"""The same function under functions-framework: its requests in, its answers out.

functions-framework drops what a CloudEvent target returns, so a function is deployed there as an `http` target. Served
as ASGI it hands over a Starlette request and calls what it is given back as an ASGI application; served by Flask it
hands over a Flask request on one of many threads. It does not say when it starts: the first request is the sign.
"""

import asyncio
import functools
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

from renga.app import FunctionApp
from renga.asgi import asgi
from renga.contract import Contract
from renga.exchange import HttpRequest
from renga.hosting import HostSettings, application
from renga.http.asgi import Application, Receive, Scope, Send

T = TypeVar("T")

_served: dict[int, tuple[FunctionApp, Application]] = {}
"""By the contract's identity: the application around it, and the same as a server of ASGI calls it."""
_lock = threading.Lock()


def answer(contract: Contract, request: Any) -> Any:
    """Answer a framework's request with what that framework takes.

    Raises:
        TypeError: the request is of no framework we know.
    """
    with _lock:
        if id(contract) not in _served:
            _served[id(contract)] = _serving(contract)
        app, served = _served[id(contract)]
    if hasattr(request, "scope"):
        return served
    if hasattr(request, "get_data"):
        _loop().call_soon_threadsafe(app.relay)
        return _answer_flask(app, request)
    raise TypeError(f"{type(request).__name__} is no request of Flask or Starlette.")


def _serving(contract: Contract) -> tuple[FunctionApp, Application]:
    settings = HostSettings()
    app = application(contract, settings, Path(contract.handler.__code__.co_filename))
    serve = asgi(app, max_request_bytes=settings.renga_max_request_bytes)

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        app.relay()
        await serve(scope, receive, send)

    return app, served


def _answer_flask(app: FunctionApp, request: Any) -> Any:
    from flask import Response

    headers = {name.lower(): value for name, value in request.headers.items()}
    query = request.query_string.decode("latin-1")
    response = _wait(app.respond(HttpRequest(request.method, request.path, headers, request.get_data(), query)))
    body = response.body if response.stream is None else _iterate(response.stream)
    return Response(body, response.status, list(response.headers))


@functools.cache
def _loop() -> asyncio.AbstractEventLoop:
    """One event loop beside Flask's threads: the store, the sink and async handlers live on it."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="renga", daemon=True).start()
    return loop


def _wait(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run_coroutine_threadsafe(work, _loop()).result()


def _iterate(stream: AsyncIterator[bytes]) -> Iterator[bytes]:
    async def following() -> bytes | None:
        return await anext(stream, None)

    while (chunk := _wait(following())) is not None:
        yield chunk
