"""The one port: who gets a request, streams, and hostile input."""

import asyncio
import json
import socket
from pathlib import Path

import pytest

from lab import Lab, Up, subject
from renga.http.asgi import Receive, Scope, Send
from renga.http.client import Response
from renga.http.server import Server
from renga_dev.calls import Request
from renga_dev.gateway import Gateway

BROKER = {"apiVersion": "eventing.knative.dev/v1", "kind": "Broker", "metadata": {"name": "default"}}


@pytest.fixture
def _folder(tmp_path: Path) -> None:
    """The folder of schema/parse."""
    (tmp_path / "functions/schema/parse").mkdir(parents=True)


@pytest.mark.parametrize(
    ("host", "path", "seen"),
    [
        ("subject.default.localhost:8080", "/a/b?c=d", "/a/b"),
        ("subject.default", "/", "/"),
        ("Subject.Default.svc.cluster.local", "/x%2Fy", "/x%2Fy"),
        ("127.0.0.1:8080", "/schema/parse", "/"),
        ("localhost", "/schema/parse/", "/"),
        ("localhost", "/schema/parse?q=1", "/"),
        ("localhost", "/schema/parse/runs/1%20x?q=1", "/runs/1%20x"),
        ("[::1]:8080", "/schema/parse/x", "/x"),
        ("dev.example.com", "/schema/parse/x", "/x"),
    ],
)
@pytest.mark.usefixtures("_folder")
async def test_a_service_is_found_by_host_or_by_path(lab: Lab, host: str, path: str, seen: str) -> None:
    """By Host the path is the function's own; by path the function sees the rest of it, at least a slash."""
    async with lab.up(subject(function="schema/parse"), BROKER) as up:
        found = await up.seen(path, host=host)
        assert found["path"] == seen
        assert found["query"] == path.partition("?")[2]
        assert dict(found["headers"])["host"] == host


@pytest.mark.parametrize(
    ("host", "path", "status", "said"),
    [
        ("localhost", "/default/default", 202, b""),
        ("broker-ingress.knative-eventing.svc.cluster.local", "/default/default", 202, b""),
        ("broker-ingress.knative-eventing.svc.cluster.local", "/schema/parse", 404, b"Broker schema/parse"),
        ("localhost", "/schema/parser", 404, b"Broker schema/parser"),
        ("subjct.default.svc.cluster.local", "/default/default", 404, b"did you mean 'subject.default'?"),
    ],
)
@pytest.mark.usefixtures("_folder")
async def test_everything_else_is_for_the_brokers(lab: Lab, host: str, path: str, status: int, said: bytes) -> None:
    """A path that is no function's is a Broker's; a Service name of a cluster that is none here is a 404."""
    event = [("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "/t"), ("ce-type", "demo.v1")]
    async with lab.up(subject(function="schema/parse"), BROKER) as up:
        answer = await up.get(path, host=host, method="POST", headers=event)
        assert answer.status == status
        assert said in answer.body


async def test_a_stream_passes_piece_by_piece(lab: Lab) -> None:
    """Parts arrive while the function is still sending: it goes on only when the last one has arrived."""
    async with lab.up() as up:
        await up.seen()
        answer = await up.client.stream("GET", up.runtime.url + "/parts/a/b", headers=[("host", "subject.default")])
        parts = answer.chunks()
        assert await anext(parts) == b"0"
        for gate, part in (("a", b"1"), ("b", b"2")):
            up.open(gate)
            assert await anext(parts) == part
        assert await answer.read() == b""


async def test_a_reader_who_leaves_is_told_to_the_function_and_frees_its_turn(lab: Lab) -> None:
    """Hanging up on a stream ends the work behind it."""
    async with lab.up(subject(containerConcurrency=1)) as up:
        await up.seen()
        answer = await up.client.stream("GET", up.runtime.url + "/stream/99/1", headers=[("host", "subject.default")])
        async for _ in answer.chunks():
            break
        answer.close()
        await up.until(lambda: "the reader left" in up.log(), "the function knows")
        await up.until(lambda: up.status().replicas[0].in_flight == 0, "the turn is free")


async def test_streams_do_not_hold_up_the_stop(lab: Lab) -> None:
    """An endless stream is cut off at once when the runtime stops."""
    async with lab.up(drain_s=1000.0) as up:
        await up.seen()
        answer = await up.client.stream("GET", up.runtime.url + "/stream/999/1", headers=[("host", "subject.default")])
        await asyncio.wait_for(up.runtime.stop(), 60)
        answer.close()


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_over_the_limit_is_refused_with_value_and_limit(declared: bool) -> None:
    """The refusal reaches the sender, declared length or not, and nothing is passed on."""
    passed = []

    async def ingress(request: Request) -> Response:
        passed.append(len(request.body))
        return Response(202, [], b"")

    async with _bare(ingress, body_limit=100_000) as port:
        fits, too_large = b"x" * 100_000, b"x" * 2_000_000
        assert (await _post(port, fits, declared=declared)).startswith(b"HTTP/1.1 202")
        answer = await _post(port, too_large, declared=declared)
        assert answer.startswith(b"HTTP/1.1 413")
        assert (b"2000000 bytes" if declared else b"more than 100000 bytes") in answer
        assert b"at most 100000 bytes are taken" in answer
        assert passed == [100_000]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x00\xff\xfe garbage\r\n\r\n", b"400"),
        (b"GET / HTTP/9.9\r\n\r\n", b"400"),
        (b"GET /\x00 HTTP/1.1\r\nhost: x\r\n\r\n", b"400"),
        (b"GET /default/../../etc/passwd HTTP/1.1\r\nhost: x\r\n\r\n", b"405"),
        (b"POST /%00/%ff HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n", b"400"),
        (b"POST /default/default HTTP/1.1\r\nhost: \xff\xfe\r\ncontent-length: 0\r\n\r\n", b"400"),
        (b"GET /x HTTP/1.1\r\nhost: subject.default\r\nx: " + b"a" * 70_000 + b"\r\n\r\n", b"431"),
        (b"POST / HTTP/1.1\r\nhost: subject.default\r\ncontent-length: -5\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999999999\r\n\r\n", b"4"),
        (b"OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n", b"200"),
        (b"OPTIONS * HTTP/1.1\r\nhost: subject.default\r\n\r\n", b"200"),
        (b"GET http://subject.default HTTP/1.1\r\nhost: subject.default\r\n\r\n", b"200"),
        (b"GET //[x@y:z/#f HTTP/1.1\r\nhost: subject.default\r\n\r\n", b"200"),
        (b"GET /-/status HTTP/1.1\r\nhost: x\r\n\r\n", b"200"),
    ],
)
async def test_hostile_requests_get_an_answer_and_the_runtime_lives(lab: Lab, sent: bytes, status: bytes) -> None:
    """Nothing that is sent takes the runtime down; the next request is served."""
    async with lab.up(subject(), BROKER) as up:
        answer = await _send(up.runtime.port, sent)
        assert answer.startswith(b"HTTP/1.1 " + status), answer
        assert len(answer.partition(b"\r\n\r\n")[2]) <= 768 or answer.startswith(b"HTTP/1.1 200")
        assert (await up.get("/status/200")).status == 200


async def test_the_status_is_served_for_other_processes(lab: Lab) -> None:
    """`GET /-/status` says as JSON who this is and how its services stand."""
    async with lab.up() as up:
        said = json.loads((await up.get("/-/status", host="localhost")).body)
        assert said["url"] == up.runtime.url
        assert [found["name"] for found in said["services"]] == ["default/subject"]


async def test_answers_keep_their_connection_for_the_next_request(lab: Lab) -> None:
    """Answers with a length, without a body and without a length are each ended properly."""
    async with lab.up() as up:
        for _ in range(3):
            assert (await up.get("/status/204")).status == 204
            assert (await up.get("/status/200")).body == b""
            assert (await up.get("/look", method="HEAD")).status == 200
            assert (await up.get("/stream/2/0")).body == b"data: 0\n\ndata: 1\n\n"
            assert (await up.get("/status/304")).status == 304
        assert await _idle_connections(up) <= 2


async def _idle_connections(up: Up) -> int:
    return sum(len(connections) for connections in up.client._idle.values())


class _bare:  # noqa: N801 - a context manager reads as a function
    """A gateway without services, on a port."""

    def __init__(self, ingress: object, *, body_limit: int) -> None:
        class NoServices:
            routes: dict[object, object] = {}  # noqa: RUF012 - stays empty
            by_function: dict[str, object] = {}  # noqa: RUF012 - likewise

        gateway = Gateway(NoServices(), ingress, dict, body_limit=body_limit)  # type: ignore[arg-type]

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await gateway(scope, receive, send)

        self.server = Server(app)

    async def __aenter__(self) -> int:
        return await self.server.start("127.0.0.1", 0)

    async def __aexit__(self, *_: object) -> None:
        await self.server.drain(1)


async def _post(port: int, body: bytes, *, declared: bool) -> bytes:
    head = b"POST /default/default HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
    if declared:
        return await _send(port, head + b"content-length: %d\r\n\r\n" % len(body) + body)
    chunks = b"".join(
        b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (body[at : at + 65536] for at in range(0, len(body), 65536))
    )
    return await _send(port, head + b"transfer-encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n")


async def _send(port: int, data: bytes) -> bytes:
    """Send bytes from a client that first writes all of them and only then reads, and return the first answer."""

    def run() -> bytes:
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            connection.sendall(data)
            answer = b""
            while True:
                piece = connection.recv(65536)
                answer += piece
                head, _, body = answer.partition(b"\r\n\r\n")
                length = next(
                    (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
                )
                if not piece or (head != answer and len(body) >= length):
                    return answer

    return await asyncio.to_thread(run)
