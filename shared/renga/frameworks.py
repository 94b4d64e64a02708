"""The same function under functions-framework: its request objects in, its answers out.

functions-framework calls an `http` target with a Flask request, or with a Starlette request from a worker thread when
it serves ASGI; it drops what a CloudEvent target returns, which is why a function is deployed there as an http target.
"""

import asyncio
import functools
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

from renga.app import FunctionApp
from renga.contract import Contract
from renga.exchange import HttpRequest
from renga.hosting import HostSettings, application

T = TypeVar("T")


def answer(contract: Contract, request: Any) -> Any:
    """Answer a framework's request with what that framework returns.

    Raises:
        TypeError: the request is of no framework we know.
    """
    app = _application(contract)
    loop = _loop()
    if hasattr(request, "get_data"):
        path, query, body = request.path, request.query_string.decode("latin-1"), request.get_data()
    elif hasattr(request, "scope"):
        from anyio.from_thread import run

        path, query, body = request.scope["path"], request.scope["query_string"].decode("latin-1"), run(request.body)
    else:
        raise TypeError(f"{type(request).__name__} is no request of Flask or Starlette.")
    headers = {name.lower(): value for name, value in request.headers.items()}
    response = _wait(loop, app.respond(HttpRequest(request.method, path, headers, body, query)))
    if hasattr(request, "get_data"):
        from flask import Response as FlaskResponse

        flask_body = response.body if response.stream is None else _iterate(loop, response.stream)
        return FlaskResponse(flask_body, response.status, response.headers)
    from starlette.responses import Response, StreamingResponse

    if response.stream is not None:
        return StreamingResponse(_iterate(loop, response.stream), response.status, dict(response.headers))
    return Response(response.body, response.status, dict(response.headers))


@functools.cache
def _loop() -> asyncio.AbstractEventLoop:
    """One event loop beside the framework's threads: the store, the sink and async handlers live on it."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="renga", daemon=True).start()
    return loop


_applications: dict[int, FunctionApp] = {}
_lock = threading.Lock()


def _application(contract: Contract) -> FunctionApp:
    with _lock:
        known = _applications.get(id(contract))
        if known is None:
            source = Path(contract.handler.__code__.co_filename)
            known = _applications[id(contract)] = _wait(_loop(), _build(contract, source))
        return known


async def _build(contract: Contract, source: Path) -> FunctionApp:
    return application(contract, HostSettings(), source)


def _wait(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run_coroutine_threadsafe(work, loop).result()


def _iterate(loop: asyncio.AbstractEventLoop, stream: AsyncIterator[bytes]) -> Iterator[bytes]:
    async def following() -> bytes | None:
        return await anext(stream, None)

    while (chunk := _wait(loop, following())) is not None:
        yield chunk
