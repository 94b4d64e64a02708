"""Closed-loop load of inference requests over raw sockets: it costs the machine little beside what it measures."""

import asyncio
import time
from dataclasses import dataclass

from renga_infer.protocol.bodies import HEADER_LENGTH
from renga_infer.protocol.datatypes import Array, datatype_of
from renga_infer.protocol.requests import Request, write_request
from renga_infer.protocol.tensors import Tensor


@dataclass(frozen=True)
class Measured:
    """What a load saw."""

    per_second: float
    p50_ms: float
    p99_ms: float
    requests: int


def http_request(path: str, rows: Array, *, binary: bool) -> bytes:
    """An inference request with the input `x`, as bytes of HTTP."""
    tensor = Tensor("x", datatype_of(rows), rows)
    content, length = write_request(Request((tensor,), all_binary=binary), {"x"} if binary else ())
    lines = [f"POST {path} HTTP/1.1", "host: service", f"content-length: {len(content)}"]
    lines.append("content-type: application/json" if length is None else f"{HEADER_LENGTH}: {length}")
    return "\r\n".join([*lines, "", ""]).encode() + content


class _Asking(asyncio.Protocol):
    """One client: the next request when the answer is there."""

    def __init__(self, request: bytes, stop: float, latencies: list[float]) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._request = request
        self._stop = stop
        self._latencies = latencies
        self._buffer = b""
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def _send(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return
        if not head.startswith(b"HTTP/1.1 200"):
            self.done.set_exception(RuntimeError(self._buffer[:500].decode(errors="replace")))
            return
        now = time.perf_counter()
        self._latencies.append(now - self._sent)
        self._buffer = b""
        if now < self._stop:
            self._send()
        else:
            self.done.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(ConnectionError(f"The connection ended: {exc}"))

    def close(self) -> None:
        """Hang up."""
        self.done.cancel()
        self._transport.close()


async def _load(port: int, request: bytes, clients: int, seconds: float) -> Measured:
    latencies: list[float] = []
    loop = asyncio.get_running_loop()
    begun = time.perf_counter()
    made = [
        (await loop.create_connection(lambda: _Asking(request, begun + seconds, latencies), "127.0.0.1", port))[1]
        for _ in range(clients)
    ]
    try:
        await asyncio.gather(*(one.done for one in made))
    finally:
        for one in made:
            one.close()
    taken = time.perf_counter() - begun
    latencies.sort()
    return Measured(
        len(latencies) / taken,
        latencies[len(latencies) // 2] * 1000,
        latencies[len(latencies) * 99 // 100] * 1000,
        len(latencies),
    )


def load(port: int, request: bytes, *, clients: int, seconds: float) -> Measured:
    """Send one request over and over from so many clients.

    Raises:
        RuntimeError: an answer was not 200; the message is its beginning.
        OSError: nobody listens, or the connection ended.
    """
    return asyncio.run(_load(port, request, clients, seconds))
