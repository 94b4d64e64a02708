"""The client, against our server and against peers that misbehave."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from renga.http.client import Client, Interrupted, Origin, Unreachable
from serving import Serving, holding


def test_one_connection_serves_many_requests(serving: Serving) -> None:
    """Requests one after another share a connection; whole, streamed and empty answers come as they are."""

    async def run() -> None:
        async with serving() as (server, port):
            client = Client()
            url = f"http://127.0.0.1:{port}"
            echo = await client.request("POST", f"{url}/a?b=c", body=b"hey", headers=[("host", "shop.example")])
            assert (echo.status, echo.body, echo.header("x-host")) == (200, b"POST /a b=c hey", "shop.example")
            assert (await client.request("GET", f"{url}/stream")).body == b"0,1,2,3,4,"
            assert (await client.request("HEAD", f"{url}/x")).body == b""
            assert len((await client.request("POST", url, body=b"z" * 5_000_000)).body) > 5_000_000
            assert (await client.request("POST", url, body=b"z" * 21_000_000)).status == 413
            assert len(server.connections) <= 3
            client.close()

    asyncio.run(run())


def test_many_at_once(serving: Serving) -> None:
    """Concurrent requests do not mix up their answers."""

    async def run() -> None:
        async with serving() as (_, port):
            client = Client()
            requests = [client.request("POST", f"http://127.0.0.1:{port}/{number}") for number in range(200)]
            answers = await asyncio.gather(*requests)
            assert [answer.body for answer in answers] == [b"POST /%d  " % number for number in range(200)]
            client.close()

    asyncio.run(run())


def test_a_large_answer_waits_for_its_reader(serving: Serving) -> None:
    """A stream larger than the buffer is held back, and arrives whole once it is read."""

    async def run() -> None:
        async with serving() as (_, port):
            client = Client()
            answer = await client.stream("GET", f"http://127.0.0.1:{port}/flood")
            await asyncio.sleep(0.2)
            assert len(await answer.read()) == 64 * 262_144
            client.close()

    asyncio.run(run())


def test_deadlines(serving: Serving) -> None:
    """An answer that does not come in time is a TimeoutError."""

    async def run() -> None:
        release = asyncio.Event()
        async with serving(holding(release)) as (_, port):
            client = Client()
            with pytest.raises(TimeoutError):
                await client.request("GET", f"http://127.0.0.1:{port}/", timeout_s=0.05)
            client.close()
            release.set()

    asyncio.run(run())


def test_cut_answers(serving: Serving) -> None:
    """An answer shorter than it said is an error, not a short answer."""

    async def run() -> None:
        async with serving() as (_, port):
            client = Client()
            with pytest.raises(Interrupted, match="in the middle"):
                await client.request("GET", f"http://127.0.0.1:{port}/cut")
            client.close()

    asyncio.run(run())


def test_nobody_there() -> None:
    """Where nobody listens, nothing was sent: that is told apart."""

    async def run() -> None:
        with pytest.raises(Unreachable, match=r"No connection to 127\.0\.0\.1:1:"):
            await Client().request("GET", "http://127.0.0.1:1/")

    asyncio.run(run())


Peer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def against(peer: Peer, test: Callable[[str, Client], Awaitable[None]]) -> None:
    """Run a test against a raw peer."""
    server = await asyncio.start_server(peer, "127.0.0.1", 0)
    client = Client()
    try:
        await test(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", client)
    finally:
        client.close()
        server.close()


def test_a_kept_connection_that_died() -> None:
    """A request on a kept connection that the peer has closed goes out again on a new one."""
    served = 0

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal served
        await reader.readuntil(b"\r\n\r\n")
        served += 1
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
        await writer.drain()
        writer.close()

    async def test(url: str, client: Client) -> None:
        for _ in range(3):
            assert (await client.request("GET", url)).body == b"ok"
        assert served == 3

    asyncio.run(against(peer, test))


def test_informational_answers_are_passed_over() -> None:
    """A 100 before the answer is not the answer; a body without a length ends with its connection."""

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nx: 1\r\n\r\nto the end")
        await writer.drain()
        writer.close()

    async def test(url: str, client: Client) -> None:
        answer = await client.request("GET", url)
        assert (answer.status, answer.header("x"), answer.body) == (200, "1", b"to the end")

    asyncio.run(against(peer, test))


def test_nonsense_is_an_interruption() -> None:
    """A peer that does not speak HTTP is an error of the connection."""

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"\x00\x01\x02 nonsense\r\n\r\n")
        await writer.drain()
        writer.close()

    async def test(url: str, client: Client) -> None:
        with pytest.raises(Interrupted):
            await client.request("GET", url)

    asyncio.run(against(peer, test))


@pytest.mark.parametrize(
    ("url", "authority", "target"),
    [
        ("http://a/x?y=1", "a", "/x?y=1"),
        ("https://a:8443", "a:8443", "/"),
        ("http://[::1]:80/", "[::1]", "/"),
        ("http://a:80/", "a", "/"),
    ],
)
def test_origins(url: str, authority: str, target: str) -> None:
    """A URL is split into where to connect, what to call it, and what to ask for."""
    origin, found = Origin.of(url)
    assert (origin.authority, found) == (authority, target)


@pytest.mark.parametrize("url", ["ftp://a/", "a/b", "http:///x"])
def test_no_http_url(url: str) -> None:
    """What is no http URL is refused before anything is sent."""
    with pytest.raises(ValueError, match="is no http or https URL"):
        Origin.of(url)
