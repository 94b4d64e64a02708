"""A small HTTP/1.1 client: pooled keep-alive connections, one deadline per exchange, answers that can stream."""

import asyncio
import ssl
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlsplit

import httptools

MAX_BUFFERED_BYTES = 1024 * 1024
"""Bytes of a streamed answer that wait for their reader before the socket is no longer read."""


class Unreachable(ConnectionError):  # noqa: N818 - says what is the case
    """No connection could be made: the request was not sent."""


class Interrupted(ConnectionError):  # noqa: N818 - likewise
    """The connection ended before the answer was whole: the request may have had its effect."""


class Response(NamedTuple):
    """A whole answer; header names are in lower case."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first header of that lower-case name."""
        wanted = name.encode()
        return next((value.decode("latin-1") for key, value in self.headers if key == wanted), None)


class Origin(NamedTuple):
    """Where a connection leads."""

    host: str
    port: int
    tls: bool = False

    @classmethod
    def of(cls, url: str) -> "tuple[Origin, str]":
        """Split an http or https URL into its origin and the path with its query.

        Raises:
            ValueError: it is no http or https URL.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"{url!r} is no http or https URL.")
        tls = parts.scheme == "https"
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(parts.hostname, parts.port or (443 if tls else 80), tls), target

    @property
    def authority(self) -> str:
        """What goes into the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"


@dataclass(slots=True)
class Client:
    """Sends requests; safe to share between tasks of one event loop. Close it when done."""

    connect_timeout_s: float = 5.0
    max_idle: int = 64
    """Idle connections kept per origin."""
    _idle: dict[Origin, "deque[_Connection]"] = field(default_factory=lambda: defaultdict(deque))
    _tls: ssl.SSLContext | None = None

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
        timeout_s: float | None = None,
    ) -> Response:
        """Send a request and read its whole answer.

        Raises:
            Unreachable: no connection; nothing was sent.
            Interrupted: the connection ended before the answer was whole.
            TimeoutError: no whole answer within `timeout_s`.
        """
        async with asyncio.timeout(timeout_s):
            answer = await self.stream(method, url, headers=headers, body=body)
            try:
                return Response(answer.status, answer.headers, await answer.read())
            finally:
                answer.close()

    async def stream(
        self, method: str, url: str, *, headers: Iterable[tuple[str, str]] = (), body: bytes = b""
    ) -> "StreamedResponse":
        """Send a request and return as soon as the answer's headers are here; the caller closes the answer."""
        origin, target = Origin.of(url)
        given = list(headers)
        host = "" if any(name == "host" for name, _ in given) else f"host: {origin.authority}\r\n"
        lines = "".join(f"{name}: {value}\r\n" for name, value in given)
        length = f"content-length: {len(body)}\r\n" if body or method in {"POST", "PUT", "PATCH"} else ""
        request = f"{method} {target} HTTP/1.1\r\n{host}{length}{lines}\r\n".encode("latin-1") + body
        sent = False
        while True:
            try:
                connection, reused = await self._connect(origin)
            except Unreachable as error:
                if not sent:
                    raise
                raise Interrupted(f"The connection ended before an answer came. {error}") from error
            try:
                await connection.send(request, expects_body=method != "HEAD")
            except Interrupted:
                connection.close()
                # A kept connection that the peer closed meanwhile was never read from: another try is safe.
                if reused and not connection.answered:
                    sent = True
                    continue
                raise
            except BaseException:
                connection.close()
                raise
            return StreamedResponse(self, origin, connection)

    async def _connect(self, origin: Origin) -> "tuple[_Connection, bool]":
        idle = self._idle[origin]
        while idle:
            connection = idle.pop()
            if not connection.closed:
                return connection, True
        if origin.tls and self._tls is None:
            self._tls = ssl.create_default_context()
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self.connect_timeout_s):
                _, connection = await loop.create_connection(
                    _Connection, origin.host, origin.port, ssl=self._tls if origin.tls else None
                )
        except (OSError, TimeoutError) as error:
            raise Unreachable(f"No connection to {origin.authority}: {error or 'timed out'}.") from error
        return connection, False

    def release(self, origin: Origin, connection: "_Connection") -> None:
        """Keep a connection whose answer was read to its end."""
        idle = self._idle[origin]
        if connection.reusable and len(idle) < self.max_idle:
            idle.append(connection)
        else:
            connection.close()

    def close(self) -> None:
        """Close every idle connection."""
        for connections in self._idle.values():
            for connection in connections:
                connection.close()
        self._idle.clear()


class StreamedResponse:
    """An answer whose body is still arriving."""

    def __init__(self, client: Client, origin: Origin, connection: "_Connection") -> None:
        self.status = connection.status
        self.headers = connection.headers
        self._client = client
        self._origin = origin
        self._connection: _Connection | None = connection

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it comes.

        Raises:
            Interrupted: the connection ended before the body did.
        """
        while self._connection is not None:
            chunk = await self._connection.next_chunk()
            if chunk is None:
                self._client.release(self._origin, self._connection)
                self._connection = None
                return
            yield chunk

    async def read(self) -> bytes:
        """The rest of the body."""
        return b"".join([chunk async for chunk in self.chunks()])

    def close(self) -> None:
        """Give up what has not been read."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class _Connection(asyncio.Protocol):
    """One connection; one exchange at a time."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport
        self.closed = False
        self.answered = False
        self.reset(expects_body=True)

    def reset(self, *, expects_body: bool) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self.expects_body = expects_body
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.chunks: deque[bytes] = deque()
        self.buffered = 0
        self.paused = False
        self.head_done = False
        self.complete = False
        self.reusable = False
        self.until_close = False
        self.waiter: asyncio.Future[None] | None = None

    async def send(self, request: bytes, *, expects_body: bool) -> None:
        """Write the request and wait for the answer's headers."""
        self.answered = False
        if self.closed:
            raise Interrupted("The connection was closed before the request.")
        self.reset(expects_body=expects_body)
        self.transport.write(request)
        while not self.head_done:
            if self.closed:
                raise Interrupted("The connection ended before an answer came.")
            await self._wait()

    async def next_chunk(self) -> bytes | None:
        """The next piece of the body; None at its end."""
        while True:
            if self.chunks:
                chunk = self.chunks.popleft()
                self.buffered -= len(chunk)
                if self.paused and self.buffered < MAX_BUFFERED_BYTES:
                    self.paused = False
                    self.transport.resume_reading()
                return chunk
            if self.complete or (self.closed and self.until_close):
                return None
            if self.closed:
                raise Interrupted("The connection ended in the middle of the answer.")
            await self._wait()

    async def _wait(self) -> None:
        self.waiter = asyncio.get_running_loop().create_future()
        try:
            await self.waiter
        finally:
            self.waiter = None

    def _wake(self) -> None:
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)

    def close(self) -> None:
        self.closed = True
        self.transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # a TCP transport reads and writes

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        self._wake()
        del self.parser  # it refers back to this connection: see the server's

    def data_received(self, data: bytes) -> None:
        self.answered = True
        try:
            self.parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            if not self.complete:
                self.close()
        self._wake()

    # httptools calls these while it parses.

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        status = self.parser.get_status_code()
        if status < 200:
            self.headers = []
            return
        self.status = status
        self.head_done = True
        names = {name for name, _ in self.headers}
        bodiless = not self.expects_body or status in {204, 304}
        self.until_close = not bodiless and not names & {b"content-length", b"transfer-encoding"}
        if not self.expects_body:
            # The parser cannot know that a HEAD's answer ends here, so this connection is not used again.
            self.complete = True

    def on_body(self, body: bytes) -> None:
        self.chunks.append(body)
        self.buffered += len(body)
        if self.buffered > MAX_BUFFERED_BYTES and not self.paused:
            self.paused = True
            self.transport.pause_reading()

    def on_message_complete(self) -> None:
        if self.head_done:
            self.complete = True
            self.reusable = self.parser.should_keep_alive() and self.expects_body
