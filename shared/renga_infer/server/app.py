"""The protocol over HTTP, as an application of ASGI 3.0.

It routes by hand: under Starlette a small request took 0.22 ms of CPU, all included, and so it takes 0.19 ms.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, NamedTuple

from pydantic_core import to_json

from renga_infer.errors import (
    InferenceError,
    InvalidRequestError,
    ModelFailedError,
    ModelRefusedError,
    OverloadedError,
    SlowRequestError,
    TooLargeError,
    UnavailableError,
    UnknownPathError,
    WrongMethodError,
)
from renga_infer.protocol import encodings
from renga_infer.protocol.bodies import HEADER_LENGTH, Opened, header_length_of, open_body, read_parameters
from renga_infer.protocol.requests import read_request
from renga_infer.protocol.responses import write_error, write_response
from renga_infer.protocol.tensors import named
from renga_infer.registry.registry import Registry
from renga_infer.server import metadata
from renga_infer.server.changes import read_load, read_unload
from renga_infer.server.metrics import exposition, write

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_WATCH_AFTER_S = 0.25
"""After how long it is worth looking whether the client is still there; most answers are out before.

To look is a task for each request: when all of 64 clients waited longer than this was, they slowed each other down.
"""
_LAST_BODY_S = 0.5
"""How long a body may take of a request that begins while the server stops."""
_JSON = (b"content-type", b"application/json")
_BYTES = (b"content-type", b"application/octet-stream")
_TEXT = (b"content-type", b"text/plain; version=1.0.0; charset=utf-8")
_log = logging.getLogger("renga_infer")


class Reply(NamedTuple):
    """What goes back."""

    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = (_JSON,)
    status: int = 200


class _Call(NamedTuple):
    """One request, whole, but for its path."""

    method: str
    headers: dict[bytes, bytes]
    body: bytes


class _Gone(Exception):  # noqa: N818 - a fact about the client
    """The client left before its request was whole."""


class InferenceApp:
    """Answers for a registry.

    `strict_readiness` and `control` are as in the settings.
    """

    def __init__(
        self, registry: Registry, *, max_request_bytes: int, strict_readiness: bool = True, control: bool = True
    ) -> None:
        self.registry = registry
        self.stopping = False
        self._reading: set[asyncio.Task[Any]] = set()
        self._limit = max_request_bytes
        self._strict = strict_readiness
        self._control = control
        self.refused: Counter[int] = Counter()
        """Refusals by status, over HTTP as over gRPC."""
        self._metrics = exposition(registry, self.refused)

    def stop(self) -> None:
        """Be ready no longer, and wait for no body that is still on its way: such a request is not accepted yet."""
        self.stopping = True
        for task in self._reading:
            task.cancel()

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request of HTTP.

        Raises:
            ValueError: it is another protocol.
        """
        if scope["type"] != "http":
            raise ValueError(f"The service speaks HTTP, not {scope['type']}.")
        watch = _Watch(receive)
        try:
            reply = await self._answer(scope, receive, watch)
        except _Gone:
            return
        except asyncio.CancelledError:
            if watch.gone:
                return
            raise
        finally:
            watch.stop()
        headers = [*reply.headers, (b"content-length", str(len(reply.body)).encode())]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body if scope["method"] != "HEAD" else b""})

    async def _answer(self, scope: MutableMapping[str, Any], receive: Receive, watch: "_Watch") -> Reply:
        try:
            headers = dict(scope["headers"])
            body = await self._read(headers, receive)
            watch.begin()
            return await self._route(scope["path"], _Call(scope["method"], headers, body))
        except _Gone:
            raise
        except Exception as error:  # noqa: BLE001 - see `refusal`
            return _refused(self.refusal(error, f"{scope['method']} {scope['path']}"))

    def refusal(self, error: Exception, request: str) -> InferenceError:
        """What the sender of a request hears of an error; it is counted.

        A fault of ours is logged with the name of the request, and nobody else hears of it.
        """
        if isinstance(error, ModelRefusedError):
            error = InvalidRequestError(str(error))
        if not isinstance(error, InferenceError):
            _log.error("%s failed", request, exc_info=error)
            error = ModelFailedError("The server failed on this request; its log says why.")
        self.refused[error.status] += 1
        return error

    async def _read(self, headers: dict[bytes, bytes], receive: Receive) -> bytes:
        """The whole body.

        Raises:
            UnsupportedEncodingError: it is compressed in a way that nobody reads.
            InvalidRequestError: it is compressed otherwise than it says.
            TooLargeError: it has more bytes than the settings allow.
            SlowRequestError: it does not come within the time of a request.
            UnavailableError: the server stops before it is here.
            _Gone: the client left before its end.
        """
        encoding = encodings.known(headers.get(b"content-encoding", b"identity").decode("latin-1"))
        if int(headers.get(b"content-length", b"0")) > self._limit:
            raise self._too_large()
        limit_s = _LAST_BODY_S if self.stopping else self.registry.limits.timeout_s
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - an application is called in a task
        self._reading.add(task)
        try:
            async with asyncio.timeout(limit_s):
                body = await self._whole(receive)
                if encoding == encodings.PLAIN:
                    return body
                # In a thread: to unpack what is large takes a while, in which others are answered.
                return await asyncio.to_thread(encodings.plain, body, encoding, self._limit)
        except (TimeoutError, asyncio.CancelledError) as error:
            if self.stopping:
                raise UnavailableError("The server stops: send it again.") from None
            if isinstance(error, asyncio.CancelledError):
                raise
            raise SlowRequestError(f"The body was not here within {limit_s:g} s: send it faster.") from None
        finally:
            self._reading.discard(task)

    async def _whole(self, receive: Receive) -> bytes:
        chunks: list[bytes] = []
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _Gone
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > self._limit:
                raise self._too_large()
            chunks.append(chunk)
            more = message.get("more_body", False)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def _too_large(self) -> TooLargeError:
        return TooLargeError(f"The body has more than {self._limit} bytes: send fewer rows at once.")

    # Where a path leads.

    async def _route(self, path: str, call: _Call) -> Reply:
        parts = path.strip("/").split("/")
        match parts:
            case ["v2", "models", name, *rest] if rest[:1] == ["versions"] and len(rest) >= 2:
                return await self._model(path, name, rest[1], rest[2:], call)
            case ["v2", "models", "stats"]:
                _only(call, "GET")
                return _json(metadata.statistics(self.registry))
            case ["v2", "models", name, *rest]:
                return await self._model(path, name, None, rest, call)
            case ["v2"]:
                _only(call, "GET")
                return _json(metadata.server_metadata())
            case ["v2", "health", "live"]:
                _only(call, "GET")
                return _json({"live": True})
            case ["v2", "health", "ready"]:
                _only(call, "GET")
                return self._ready()
            case ["v2", "repository", *rest]:
                return await self._repository(path, rest, call)
            case ["metrics"]:
                _only(call, "GET")
                return Reply(write(self._metrics), (_TEXT,))
            case _:
                raise _nothing_at(path)

    async def _model(self, path: str, name: str, version: str | None, rest: list[str], call: _Call) -> Reply:
        match rest:
            case ["infer"]:
                _only(call, "POST")
                return await self._infer(name, version, call)
            case []:
                _only(call, "GET")
                return _json(metadata.model_metadata(self.registry, await self.registry.card(name, version)))
            case ["ready"]:
                _only(call, "GET")
                found = self.registry.find(name, version)
                if found.batcher is None and not found.on_demand:
                    raise UnavailableError(f"The model {name!r}, version {found.version}, is not ready: {found.reason}")
                return _json({"name": name, "ready": True})
            case ["stats"]:
                _only(call, "GET")
                return _json(metadata.statistics(self.registry, name, version))
            case _:
                raise _nothing_at(path)

    def why_not_ready(self) -> str | None:
        """The reason why the server is not ready; None if it is."""
        if self.stopping:
            return "The server stops."
        if not self.registry.ready:
            return "The models are being loaded."
        waiting = self.registry.unready() if self._strict else []
        if waiting:
            return f"No version of {', '.join(waiting)} can answer: the repository's index says why."
        return None

    def _ready(self) -> Reply:
        reason = self.why_not_ready()
        if reason is None:
            # The protocol's text has `live` here and its servers `ready`: both are true.
            return _json({"live": True, "ready": True})
        return Reply(to_json({"live": True, "ready": False, "error": reason}), (_JSON, (b"retry-after", b"1")), 503)

    async def _infer(self, name: str, version: str | None, call: _Call) -> Reply:
        declared = call.headers.get(HEADER_LENGTH.encode())
        length = header_length_of(None if declared is None else declared.decode("latin-1"))
        request = read_request(call.body, length)
        response = await self.registry.infer(name, version, request)
        wanted = {tensor.name for tensor in response.outputs if request.wants_binary(tensor.name)}
        body, header_length = write_response(response, wanted)
        if header_length is None:
            return Reply(body)
        return Reply(body, (_BYTES, (HEADER_LENGTH.encode(), str(header_length).encode())))

    async def _repository(self, path: str, rest: list[str], call: _Call) -> Reply:
        if rest == ["index"]:
            _only(call, "POST")
            wanted = _object(call.body).fields.get("ready", False)
            if not isinstance(wanted, bool):
                raise InvalidRequestError(f"ready is {named(wanted)}; it must be true or false.")
            return _json(metadata.index(self.registry, ready_only=wanted))
        match rest:
            case ["models", name, "load" | "unload" as change]:
                _only(call, "POST")
                self.controlled()
                return await self._change(name, change, call)
            case ["models", name, "routing"]:
                _only(call, "GET", "PUT")
                if call.method == "PUT":
                    self.controlled()
                    await self.registry.route(name, call.body)
                routing = self.registry.model(name).routing
                return _json({} if routing is None else routing.model_dump(mode="json"))
            case _:
                raise _nothing_at(path)

    async def _change(self, name: str, change: str, call: _Call) -> Reply:
        parameters = read_parameters(_object(call.body).fields.get("parameters"), "parameters")
        if change == "load":
            wanted = read_load(parameters)
            await self.registry.load(name, wanted.version, default=wanted.default)
        else:
            await self.registry.unload(name, read_unload(parameters))
        return _json({})

    def controlled(self) -> None:
        """Pass where callers may change models.

        Raises:
            InvalidRequestError: they may not.
        """
        if not self._control:
            raise InvalidRequestError("Models are not changed by callers here: RENGA_INFER_CONTROL is off.")


class _Watch:
    """Ends a request's task when its client leaves; it begins to look only when the answer takes its time."""

    def __init__(self, receive: Receive) -> None:
        self.gone = False
        self._receive = receive
        self._timer: asyncio.TimerHandle | None = None
        self._looking: asyncio.Task[None] | None = None

    def begin(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(_WATCH_AFTER_S, self._look, asyncio.current_task())

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._looking is not None:
            self._looking.cancel()
            # Its error will hold the frames that hold this: a cycle for the collector, of each request.
            self._looking = None

    def _look(self, answering: "asyncio.Task[Any] | None") -> None:
        assert answering is not None  # noqa: S101 - an application is called in a task
        self._looking = asyncio.ensure_future(self._until_gone(answering))

    async def _until_gone(self, answering: "asyncio.Task[Any]") -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.gone = True
        answering.cancel()


def _refused(error: InferenceError) -> Reply:
    headers = [_JSON]
    if isinstance(error, OverloadedError | UnavailableError):
        headers.append((b"retry-after", str(max(1, round(error.retry_after_s))).encode()))
    if isinstance(error, WrongMethodError):
        headers.append((b"allow", ", ".join(error.allowed).encode()))
    return Reply(write_error(error), tuple(headers), error.status)


def _json(value: object) -> Reply:
    return Reply(to_json(value))


def _object(body: bytes) -> Opened:
    """The JSON of a body; nothing is an empty object."""
    return open_body(body or b"{}", None)


def _only(call: _Call, *methods: str) -> None:
    allowed = (*methods, "HEAD") if "GET" in methods else methods
    if call.method not in allowed:
        raise WrongMethodError(f"The method is {call.method}; here it is {' or '.join(methods)}.", allowed=allowed)


def _nothing_at(path: str) -> UnknownPathError:
    return UnknownPathError(f"There is nothing at {path[:200]!r}: see docs/inference.md for the paths.")
