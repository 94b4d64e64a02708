"""A small ASGI server: HTTP/1.1, keep-alive, pipelining, backpressure, a drain that finishes what it accepted."""

import asyncio
import http
import socket
from collections import deque
from typing import Any
from urllib.parse import unquote

import httptools

from renga.http.asgi import Application, Headers, Message, Scope

MAX_HEADER_BYTES = 64 * 1024
HIGH_WATER_BYTES = 256 * 1024
"""Buffered request body above which the socket is no longer read."""

_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in http.HTTPStatus}
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Server:
    """Serves one application on one listening socket.

    ```python
    server = Server(app)
    await server.start("127.0.0.1", 8080)
    ...
    await server.drain(timeout_s=30)
    ```
    """

    def __init__(self, app: Application) -> None:
        self.app = app
        self.connections: set[_Connection] = set()
        self.draining = False
        self._listener: asyncio.Server | None = None
        self._idle = asyncio.Event()
        self._active = 0
        self._idle.set()

    async def start(self, host: str, port: int, *, backlog: int = 2048) -> int:
        """Listen; return the port, which is the kernel's choice where `port` is 0.

        Raises:
            OSError: the address is taken or not ours to bind.
        """
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(lambda: _Connection(self, loop), host, port, backlog=backlog)
        bound: int = self._listener.sockets[0].getsockname()[1]
        return bound

    async def drain(self, timeout_s: float) -> bool:
        """Stop listening, let running requests finish, close the rest; True when all of them finished in time."""
        self.draining = True
        if self._listener:
            self._listener.close()
        for connection in tuple(self.connections):
            connection.close_if_idle()
        try:
            await asyncio.wait_for(self._idle.wait(), timeout_s)
        except TimeoutError:
            return False
        finally:
            for connection in tuple(self.connections):
                connection.close()
        return True

    def request_started(self) -> None:
        """Count one request in."""
        self._active += 1
        self._idle.clear()

    def request_ended(self) -> None:
        """Count one request out."""
        self._active -= 1
        if not self._active:
            self._idle.set()


class _Connection(asyncio.Protocol):
    """One peer: bytes to requests, one at a time and in order."""

    def __init__(self, server: Server, loop: asyncio.AbstractEventLoop) -> None:
        self.server = server
        self.loop = loop
        self.transport: asyncio.Transport
        self.parser = httptools.HttpRequestParser(self)
        self.queue: deque[_Exchange] = deque()
        self.current: _Exchange | None = None
        self.incoming: _Exchange | None = None
        self.task: asyncio.Task[None] | None = None
        self.can_write = asyncio.Event()
        self.can_write.set()
        self.url = b""
        self.headers: Headers = []
        self.header_bytes = 0
        self.expects_continue = False
        self.closed = False
        self.client: Any = None
        self.address: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # a TCP transport reads and writes
        self.client = transport.get_extra_info("peername")
        self.address = transport.get_extra_info("sockname")
        sock: socket.socket | None = transport.get_extra_info("socket")
        if sock is not None and sock.family in {socket.AF_INET, socket.AF_INET6}:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.server.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        self.server.connections.discard(self)
        self.can_write.set()
        for exchange in (self.current, *self.queue):
            if exchange is not None:
                exchange.disconnect()
        # The parser and its connection refer to each other: left to the garbage collector, which comes by rarely in a
        # process that leaves it nothing else, thousands of closed connections would stay in memory.
        del self.parser

    def pause_writing(self) -> None:
        self.can_write.clear()

    def resume_writing(self) -> None:
        self.can_write.set()

    def data_received(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # An upgrade that is not wanted is passed over, as RFC 9110 has it; what follows it is no HTTP.
            if self.current is not None:
                self.current.keep_alive = False
        except httptools.HttpParserError as error:
            self.refuse(400, f"This is not an HTTP/1.1 request: {error}.")

    def refuse(self, status: int, sentence: str) -> None:
        """Answer what never became a request, and hang up."""
        if self.closed or self.current is not None:
            self.close()
            return
        body = sentence.encode()[:512]
        head = b"content-type: text/plain; charset=utf-8\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(body)
        self.transport.write(_STATUS_LINES[status] + head + body)
        self.close()

    def close(self) -> None:
        self.closed = True
        self.transport.close()

    def close_if_idle(self) -> None:
        if self.current is None and not self.queue:
            self.close()

    # httptools calls these while it parses.

    def on_message_begin(self) -> None:
        self.url = b""
        self.headers = []
        self.header_bytes = 0
        self.expects_continue = False

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.header_bytes += len(name) + len(value)
        if self.header_bytes > MAX_HEADER_BYTES:
            self.refuse(431, f"The request headers are larger than {MAX_HEADER_BYTES} bytes.")
            return
        name = name.lower()
        if name == b"expect":
            self.expects_continue = b"100-continue" in value.lower()
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        if self.closed:
            return
        url = httptools.parse_url(self.url) if not self.url.startswith(b"/") else None
        raw_path, _, query = self.url.partition(b"?") if url is None else (url.path or b"/", b"", url.query or b"")
        path = raw_path.decode("latin-1")
        scope: Scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": self.parser.get_http_version(),
            "method": self.parser.get_method().decode(),
            "scheme": "http",
            "path": unquote(path) if "%" in path else path,
            "raw_path": raw_path,
            "query_string": query,
            "root_path": "",
            "headers": self.headers,
            "client": self.client,
            "server": self.address,
        }
        exchange = _Exchange(self, scope, keep_alive=self.parser.should_keep_alive())
        self.incoming = exchange
        if self.current is None:
            self.begin(exchange)
        else:
            self.queue.append(exchange)

    def on_body(self, body: bytes) -> None:
        if self.incoming is not None:
            self.incoming.feed(body)

    def on_message_complete(self) -> None:
        if self.incoming is not None:
            self.incoming.feed_end()
            self.incoming = None

    def begin(self, exchange: "_Exchange") -> None:
        self.current = exchange
        self.server.request_started()
        self.task = self.loop.create_task(exchange.run(self.server.app))

    def ended(self, *, reusable: bool) -> None:
        """The current exchange is over: go on with the next, wait for one, or hang up."""
        self.current = None
        self.task = None
        self.server.request_ended()
        if self.closed:
            return
        if not reusable or self.server.draining:
            self.close()
        elif self.queue:
            self.begin(self.queue.popleft())


class _Exchange:
    """One request and its answer; `receive` and `send` are what the application is given."""

    def __init__(self, connection: _Connection, scope: Scope, *, keep_alive: bool) -> None:
        self.connection = connection
        self.scope = scope
        self.keep_alive = keep_alive
        self.body = bytearray()
        self.whole = False
        self.delivered = False
        self.gone = False
        self.paused = False
        self.arrived = asyncio.Event()
        self.started = False
        self.finished = False
        self.chunked = False
        self.head: bytes | None = None
        self.expects_continue = connection.expects_continue

    def feed(self, data: bytes) -> None:
        self.body += data
        self.arrived.set()
        if len(self.body) > HIGH_WATER_BYTES and not self.paused:
            self.paused = True
            self.connection.transport.pause_reading()

    def feed_end(self) -> None:
        self.whole = True
        self.arrived.set()

    def disconnect(self) -> None:
        self.gone = True
        self.arrived.set()

    async def run(self, app: Application) -> None:
        try:
            await app(self.scope, self.receive, self.send)
        except Exception as error:  # noqa: BLE001
            # The last resort: whatever escapes an application must not take the server down, nor stay unseen.
            context = {"message": "The application failed to answer a request.", "exception": error}
            self.connection.loop.call_exception_handler(context)
        if not self.started and not self.gone:
            await self.send({"type": "http.response.start", "status": 500, "headers": [(b"content-length", b"0")]})
            await self.send({"type": "http.response.body"})
        if not self.finished:
            self.keep_alive = False
        if self.paused:
            self.paused = False
            self.connection.transport.resume_reading()
        self.connection.ended(reusable=self.keep_alive and self.whole)

    async def receive(self) -> Message:
        while not self.gone:
            if self.body or (self.whole and not self.delivered):
                return self.take_body()
            if self.expects_continue and not self.started:
                self.expects_continue = False
                self.connection.transport.write(_CONTINUE)
            self.arrived.clear()
            await self.arrived.wait()
        return {"type": "http.disconnect"}

    def take_body(self) -> Message:
        data = bytes(self.body)
        self.body.clear()
        self.delivered = self.whole
        if self.paused:
            self.paused = False
            self.connection.transport.resume_reading()
        return {"type": "http.request", "body": data, "more_body": not self.whole}

    async def send(self, message: Message) -> None:
        if self.gone or self.connection.closed:
            self.started = self.finished = True
            return
        if message["type"] == "http.response.start":
            self.started = True
            self.head = self.render_head(message["status"], message.get("headers", ()))
        elif message["type"] == "http.response.body" and not self.finished:
            self.write_body(message)
            if not self.connection.can_write.is_set():
                await self.connection.can_write.wait()

    def render_head(self, status: int, headers: Any) -> bytes:
        lines = [_STATUS_LINES.get(status) or b"HTTP/1.1 %d \r\n" % status]
        has_length = False
        for name, value in headers:
            lowered = name.lower()
            if lowered == b"content-length":
                has_length = True
            elif lowered == b"connection" and value.lower() == b"close":
                self.keep_alive = False
                continue
            lines.append(b"%b: %b\r\n" % (name, value))
        bodiless = self.scope["method"] == "HEAD" or status in {204, 304}
        if not has_length and not bodiless:
            self.chunked = self.scope["http_version"] == "1.1"
            if self.chunked:
                lines.append(b"transfer-encoding: chunked\r\n")
            else:
                self.keep_alive = False
        if self.connection.server.draining or not self.keep_alive:
            self.keep_alive = False
            lines.append(b"connection: close\r\n")
        elif self.scope["http_version"] == "1.0":
            lines.append(b"connection: keep-alive\r\n")
        lines.append(b"\r\n")
        return b"".join(lines)

    def write_body(self, message: Message) -> None:
        body: bytes = message.get("body", b"")
        more = bool(message.get("more_body"))
        if self.scope["method"] == "HEAD":
            body = b""
        if self.chunked:
            if body:
                body = b"%x\r\n%b\r\n" % (len(body), body)
            if not more:
                body += b"0\r\n\r\n"
        if self.head is not None:
            body = self.head + body
            self.head = None
        if body:
            self.connection.transport.write(body)
        self.finished = not more
