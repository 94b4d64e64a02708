"""The one port: by Host as in a cluster, else by path, a request finds its Service, or the Brokers."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

from renga.http.asgi import BodyTooLarge, ClientDisconnected, Receive, Scope, Send, read_body, send_whole
from renga.http.client import Interrupted, Response, Unreachable
from renga_dev.calls import Request, ServiceName
from renga_dev.endpoint import STATUS_PATH
from renga_dev.serving.answers import Answer, Refusal
from renga_dev.serving.services import LocalServices
from renga_dev.suggestion import suggest

BODY_LIMIT = 64 * 1024 * 1024

_INGRESS_HOST = ("broker-ingress", "knative-eventing")
_LINGER_S = 5.0
_TEXT = (b"content-type", b"text/plain; charset=utf-8")

Ingress = Callable[[Request], Awaitable[Response]]


class Gateway:
    """The ASGI application of `renga up`."""

    def __init__(
        self, services: LocalServices, ingress: Ingress, status: Callable[[], Any], *, body_limit: int = BODY_LIMIT
    ) -> None:
        self.services = services
        self.ingress = ingress
        self.status = status
        self.body_limit = body_limit
        self._draining = False
        self._passing: set[asyncio.Task[Any]] = set()
        self._endless: set[asyncio.Task[Any]] = set()

    async def drain(self, timeout_s: float) -> None:
        """Send no more requests to Services and wait for those in flight; the Brokers still take events meanwhile.

        Event streams are cut off at once: their readers would wait for ever. What is in flight after the time is cut
        off then.
        """
        self._draining = True
        for task in tuple(self._endless):
            task.cancel()
        if self._passing:
            await asyncio.wait(tuple(self._passing), timeout=timeout_s)
        for task in tuple(self._passing):
            task.cancel()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            return
        try:
            body = await self._body(scope, receive)
        except ClientDisconnected:
            return
        except BodyTooLarge:
            size = next(
                (value.decode("latin-1") for name, value in scope["headers"] if name == b"content-length"), None
            )
            said = f"{size} bytes" if size else f"more than {self.body_limit} bytes"
            await _refuse(send, 413, f"The request body has {said}; at most {self.body_limit} bytes are taken.")
            await _linger(receive)
            return
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        target = scope["raw_path"].decode("latin-1")
        if not target.startswith("/"):
            target = "/"  # `OPTIONS *`, or an absolute URL without a path.
        if scope["query_string"]:
            target += "?" + scope["query_string"].decode("latin-1")
        request = Request(scope["method"], target, headers, body)
        peer = scope["client"][0] if scope["client"] else "127.0.0.1"
        found = self._find(request)
        if found is None and target == STATUS_PATH:
            await send_whole(send, 200, [(b"content-type", b"application/json")], json.dumps(self.status()).encode())
        elif found is None:
            answer = await self.ingress(request)
            await send_whole(send, answer.status, _sendable(answer.headers), answer.body)
        elif isinstance(found, Refusal):
            await send_whole(send, found.status, [_TEXT], found.body)
        elif self._draining:
            await _refuse(send, 503, "The runtime is stopping.")
        else:
            task = asyncio.get_running_loop().create_task(self._pass_on(*found, peer, send))
            self._passing.add(task)
            task.add_done_callback(self._passing.discard)
            await _until_gone(receive, task)

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        """The request's body, refused by its declared length before a byte of it is read."""
        for name, value in scope["headers"]:
            if name == b"content-length" and value.isdigit() and int(value) > self.body_limit:
                raise BodyTooLarge(self.body_limit)
        return await read_body(receive, limit=self.body_limit)

    def _find(self, request: Request) -> tuple[ServiceName, Request] | Refusal | None:
        """The Service that is meant and the request as it shall see it; None for the Brokers."""
        host = next((value for name, value in request.headers if name == "host"), "").lower()
        labels = (host.rpartition(":")[0] if ":" in host else host).split(".")
        if len(labels) >= 2:
            if (labels[0], labels[1]) == _INGRESS_HOST:
                return None
            service = ServiceName(labels[1], labels[0])
            if service in self.services.routes:
                return service, request
            if labels[2:3] == ["svc"]:
                known = [f"{name.name}.{name.namespace}" for name in self.services.routes]
                near = suggest(f"{labels[0]}.{labels[1]}", known)
                return Refusal(404, f"There is no Service {labels[0]} in the namespace {labels[1]}{near}.")
        path, mark, query = request.target.partition("?")
        parts = path.split("/", 3)
        by_path = self.services.by_function.get("/".join(parts[1:3])) if len(parts) > 2 else None
        if by_path is None:
            return None
        rest = "/" + (parts[3] if len(parts) > 3 else "") + mark + query
        return by_path, Request(request.method, rest, request.headers, request.body)

    async def _pass_on(self, service: ServiceName, request: Request, peer: str, send: Send) -> None:
        try:
            answer = await self.services.open(service, request, peer)
        except Unreachable as error:
            await _refuse(send, 502, f"The process of {service} could not be reached. {error}")
            return
        except Interrupted as error:
            await _refuse(send, 502, f"The process of {service} went away before it answered. {error}")
            return
        endless = asyncio.current_task() if _is_event_stream(answer) else None
        if endless is not None:
            self._endless.add(endless)
            endless.add_done_callback(self._endless.discard)
        try:
            await _send_answer(answer, send)
        finally:
            answer.close()


async def _send_answer(answer: Answer, send: Send) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    length = next((int(value) for name, value in answer.headers if name == b"content-length"), None)
    if length is None:
        # It may be a stream whose first piece is far off: its reader gets the head now.
        await send({"type": "http.response.body", "body": b"", "more_body": True})
    left = length
    try:
        async for piece in answer.chunks():
            left = None if left is None else left - len(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": left is None or left > 0})
    except Interrupted:
        # It has begun, so its status stands; without its end the connection is closed, and the caller sees.
        return
    if left is None or left > 0 or not length:
        await send({"type": "http.response.body", "body": b""})


def _is_event_stream(answer: Answer) -> bool:
    return any(name == b"content-type" and value.startswith(b"text/event-stream") for name, value in answer.headers)


def _sendable(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [line for line in headers if line[0] != b"content-length"]


async def _refuse(send: Send, status: int, sentence: str) -> None:
    await send_whole(send, status, [_TEXT], Refusal(status, sentence).body)


async def _until_gone(receive: Receive, task: asyncio.Task[None]) -> None:
    """Wait for the task, but give it up when the caller goes away."""
    gone = asyncio.get_running_loop().create_task(_disconnected(receive))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
    finally:
        gone.cancel()
    if not task.cancelled():
        task.result()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _linger(receive: Receive) -> None:
    """Read what is still coming of a refused body: hanging up on it could take the answer away from its reader."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LINGER_S):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect" or not message.get("more_body"):
                    return
