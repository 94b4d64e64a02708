"""The server, spoken to in raw bytes."""

import asyncio
import gc
from collections.abc import Callable

import pytest

from hosts import PATIENCE_S
from renga.http.server import Server
from serving import Serving, holding


async def exchange(port: int, *pieces: bytes) -> bytes:
    """Send pieces one by one and read what comes, to the end of the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0.005)
    answer = await asyncio.wait_for(reader.read(), PATIENCE_S)
    writer.close()
    return answer


async def answering(server: Server, connections: int) -> None:
    """Wait until the server has so many connections, and a request on one of them."""
    await until(lambda: len(server.connections) >= connections and any(each.current for each in server.connections))


async def until(what: Callable[[], bool]) -> None:
    """Wait for what comes from the other side of a socket."""
    async with asyncio.timeout(PATIENCE_S):
        while not what():  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(0.001)


def test_requests_in_a_row(serving: Serving) -> None:
    """Requests written at once are answered in their order on one connection."""

    async def run() -> None:
        async with serving() as (_, port):
            requests = b"".join(b"GET /%d HTTP/1.1\r\nhost: a\r\n\r\n" % number for number in range(5))
            last = b"GET /last HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
            answer = await exchange(port, requests + last)
            bodies = [part.rpartition(b"\r\n\r\n")[2] for part in answer.split(b"HTTP/1.1 200 OK")[1:]]
            assert bodies == [*(b"GET /%d  " % number for number in range(5)), b"GET /last  "]

    asyncio.run(run())


def test_a_request_in_pieces(serving: Serving) -> None:
    """A request may arrive byte by byte, chunked, and after asking leave to send."""

    async def run() -> None:
        async with serving() as (_, port):
            request = b"POST /a%20b?q=1 HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 3\r\n\r\nabc"
            answer = await exchange(port, *(request[at : at + 20] for at in range(0, len(request), 20)))
            assert answer.endswith(b"POST /a b q=1 abc")
            chunked = b"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
            assert (await exchange(port, chunked, b"3\r\nabc\r\n", b"0\r\n\r\n")).endswith(b"abc")
            asking = (
                b"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n"
            )
            answer = await exchange(port, asking, b"ok")
            assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")

    asyncio.run(run())


def test_streams_are_chunked(serving: Serving) -> None:
    """A body of unknown length is chunked for HTTP/1.1 and ends with the connection for HTTP/1.0."""

    async def run() -> None:
        async with serving() as (_, port):
            new = await exchange(port, b"GET /stream HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
            assert new.endswith(b"2\r\n0,\r\n2\r\n1,\r\n2\r\n2,\r\n2\r\n3,\r\n2\r\n4,\r\n0\r\n\r\n")
            old = await exchange(port, b"GET /stream HTTP/1.0\r\n\r\n")
            assert old.endswith(b"\r\n\r\n0,1,2,3,4,")

    asyncio.run(run())


def test_head_has_no_body(serving: Serving) -> None:
    """A HEAD is answered with the headers of its GET alone."""

    async def run() -> None:
        async with serving() as (_, port):
            answer = await exchange(port, b"HEAD /x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
            assert b"content-length: 9" in answer
            assert answer.endswith(b"\r\n\r\n")

    asyncio.run(run())


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"\x16\x03\x01 this is TLS", b"400"),
        (b"GET / HTTP/1.1\r\nhost: a\r\nx: " + b"y" * 70_000 + b"\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n", b"200"),
        (b"POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", b"400"),
    ],
)
def test_what_is_no_request(serving: Serving, request_bytes: bytes, status: bytes) -> None:
    """What cannot be a request is answered with why, and the server lives on."""

    async def run() -> None:
        async with serving() as (_, port):
            answer = await exchange(port, request_bytes)
            assert status in answer.partition(b"\r\n")[0]
            assert (await exchange(port, b"GET / HTTP/1.0\r\n\r\n")).startswith(b"HTTP/1.1 200")

    asyncio.run(run())


def test_a_failing_application(serving: Serving) -> None:
    """An exception that escapes the application is 500 with nothing of it in the body, and is reported."""

    async def run() -> None:
        reported: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context["exception"]))
        async with serving() as (_, port):
            answer = await exchange(port, b"GET /fail HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 500")
            assert b"deliberate" not in answer
        assert isinstance(reported[0], LookupError)

    asyncio.run(run())


def test_draining(serving: Serving) -> None:
    """While draining, running requests end well, idle connections close, and nobody new is let in."""

    async def run() -> None:
        release = asyncio.Event()
        async with serving(holding(release)) as (server, port):
            idle_reader, idle_writer = await asyncio.open_connection("127.0.0.1", port)
            running = asyncio.ensure_future(exchange(port, b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"))
            await answering(server, 2)
            draining = asyncio.ensure_future(server.drain(PATIENCE_S))
            assert await idle_reader.read() == b""
            idle_writer.close()
            assert not draining.done()
            release.set()
            assert await draining
            answer = await running
            assert answer.endswith(b"held")
            assert b"connection: close" in answer
            with pytest.raises(OSError, match=r"[Cc]onnect"):
                await asyncio.open_connection("127.0.0.1", port)

    asyncio.run(run())


def test_a_drain_that_takes_too_long(serving: Serving) -> None:
    """A drain gives up at its limit and says so."""

    async def run() -> None:
        release = asyncio.Event()
        async with serving(holding(release)) as (server, port):
            running = asyncio.ensure_future(exchange(port, b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"))
            await answering(server, 1)
            assert not await server.drain(0.01)
            assert await running == b""
            release.set()

    asyncio.run(run())


def test_a_closed_connection_is_gone(serving: Serving) -> None:
    """What the server knew of a connection goes with it, without waiting for the garbage collector."""

    async def run() -> None:
        async with serving() as (server, port):
            gc.collect()
            gc.disable()
            try:
                await exchange(port, b"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok")
                await until(lambda: not server.connections)
                left = [type(each).__name__ for each in gc.get_objects() if type(each).__module__ == Server.__module__]
                assert left == ["Server"]
            finally:
                gc.enable()

    asyncio.run(run())
