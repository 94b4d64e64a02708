"""The words of ASGI 3.0, and the two moves every application here makes: read a whole body, send a whole answer."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]
"""Raw header lines in order; names in lower case."""


class ClientDisconnected(Exception):  # noqa: N818 - a fact about the peer, not an error of ours
    """The peer went away before its request was whole."""


class BodyTooLarge(ValueError):  # noqa: N818 - likewise
    """A request body passed the limit.

    Attributes:
        limit: the most bytes that are taken.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"The request body is larger than {limit} bytes.")


async def read_body(receive: Receive, *, limit: int) -> bytes:
    """The whole request body.

    Raises:
        BodyTooLarge: it has more than `limit` bytes.
        ClientDisconnected: the peer left before the end.
    """
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        body: bytes = message.get("body", b"")
        if len(body) > limit:
            raise BodyTooLarge(limit)
        return body
    chunks: list[bytes] = []
    size = 0
    while True:
        if message["type"] == "http.disconnect":
            raise ClientDisconnected
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > limit:
            raise BodyTooLarge(limit)
        if not message.get("more_body"):
            return b"".join(chunks)
        message = await receive()


async def send_whole(send: Send, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes = b"") -> None:
    """Answer with everything at once; `content-length` is set here."""
    lines = [*headers, (b"content-length", str(len(body)).encode())] if status not in {204, 304} else [*headers]
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": body})
