"""The type of the fixture that starts a small HTTP server, and an application that answers when it may."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from renga.http.asgi import Application, Receive, Scope, Send, send_whole
from renga.http.server import Server

Serving = Callable[..., AbstractAsyncContextManager[tuple[Server, int]]]
"""Call it, with an application or without, for a context that yields the server and its port."""


def holding(release: asyncio.Event) -> Application:
    """Each request is answered once that happens."""

    async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
        await release.wait()
        await send_whole(send, 200, [], b"held")

    return answer
