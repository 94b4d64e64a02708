"""A proxy between Broker and functions that does what a schedule says: bytes in, bytes out, and in between the fault.

It knows of an event its run, its type and how often it came by; so of a thousand runs at a time each has its own fate.
"""

import asyncio
import contextlib
import json
import os
import signal
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from faults.schedule import Fault, Schedule

_UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_MOST_HEADER_BYTES = 256 * 1024
Hop = tuple[str, str]


class Exchange(NamedTuple):
    """One request on its way."""

    function: str
    """`schema/parse`; `default/default` is the Broker."""
    run: str
    event: str
    request: bytes
    """As it is sent on."""
    head_bytes: int

    @property
    def hop(self) -> Hop:
        """As schedules name it."""
        name = self.function.rpartition("/")[2]
        return ("sink" if self.function == "default/default" else name), self.event


class FaultProxy:
    """Leads to one runtime; `proxied` starts it."""

    def __init__(self) -> None:
        self.url = ""
        self.target = ("127.0.0.1", 0)
        """Where the runtime is."""
        self.struck: Counter[str] = Counter()
        """How often each kind of fault came about."""
        self._faults: dict[str, dict[tuple[str, str, int], Fault]] = {}
        self._arrivals: Counter[tuple[str, Hop]] = Counter()
        self._passed: dict[Hop, asyncio.Event] = defaultdict(asyncio.Event)
        self._tasks: set[asyncio.Task[None]] = set()

    def expect(self, run: str, schedule: Schedule) -> None:
        """From now on this is the fate of a run."""
        self._faults[run] = {(fault.hop, fault.event, fault.nth): fault for fault in schedule}

    @property
    def busy(self) -> int:
        """How many requests are on their way, duplicates included."""
        return len(self._tasks)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: one request."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                exchange = await _read(reader)
                answer = await self._strike(exchange, reader, writer)
                writer.write(answer)
                await writer.drain()
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _strike(self, exchange: Exchange, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        """The answer that the caller gets."""
        hop = exchange.hop
        nth = self._arrivals[exchange.run, hop]
        self._arrivals[exchange.run, hop] += 1
        fault = self._faults.get(exchange.run, {}).get((*hop, nth))
        if fault is None:
            answer = await self._forward(exchange.request)
        else:
            self.struck[fault.kind] += 1
            answer = await self._faulty(fault, exchange, reader)
        self._passed.pop(hop, asyncio.Event()).set()
        return answer

    async def _faulty(self, fault: Fault, exchange: Exchange, reader: asyncio.StreamReader) -> bytes:  # noqa: C901
        request, seconds = exchange.request, fault.ms / 1000
        match fault.kind:
            case "unavailable":
                return _UNAVAILABLE
            case "cut-request":
                half = exchange.head_bytes + (len(request) - exchange.head_bytes) // 2
                await self._forward(request[:half], ends=True)
                return b""
            case "delay":
                await asyncio.sleep(seconds)
            case "reorder":
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._passed[exchange.hop].wait(), seconds)
            case "duplicate":
                answer, _ = await asyncio.gather(self._forward(request), self._forward(request))
                return answer
            case "kill":
                return await self._killed(exchange, seconds)
        answer = await self._forward(request)
        match fault.kind:
            case "drop-ack":
                return b""
            case "cut-answer":
                return answer[: len(answer) // 2]
            case "stall":
                await reader.read()
                return b""
            case "late-duplicate":
                task = asyncio.get_running_loop().create_task(self._later(request, seconds))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        return answer

    async def _later(self, request: bytes, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._forward(request)

    async def _killed(self, exchange: Exchange, seconds: float) -> bytes:
        answer = asyncio.ensure_future(self._forward(exchange.request))
        await asyncio.sleep(seconds)
        said = await self._forward(b"GET /-/status HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        for service in json.loads(said.partition(b"\r\n\r\n")[2] or b'{"services": []}')["services"]:
            if service["function"] == exchange.function:
                for replica in service["replicas"]:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(replica["pid"], signal.SIGKILL)
        return await answer

    async def _forward(self, request: bytes, *, ends: bool = False) -> bytes:
        """The whole answer of the runtime; empty where it gave none."""
        try:
            reader, writer = await asyncio.open_connection(*self.target)
        except OSError:
            return b""
        try:
            writer.write(request)
            await writer.drain()
            return b"" if ends else await reader.read()
        except OSError:
            return b""
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Exchange:
    """One request of our own client: with a length, and lines that need no care."""
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head[:-4].decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    body = await reader.readexactly(int(headers.pop("content-length", "0")))
    path = first.split()[1]
    headers |= {"host": "localhost", "connection": "close", "content-length": str(len(body))}
    sent = "\r\n".join([first, *(f"{name}: {value}" for name, value in headers.items()), "", ""]).encode("latin-1")
    run = headers.get("ce-correlationid") or headers.get("ce-id", "")
    event = headers.get("ce-type", "").removeprefix("dev.renga.schema.").removesuffix(".v1")
    return Exchange("/".join(path.split("/")[1:3]), run, event, sent + body, len(sent))


@contextmanager
def proxied() -> Iterator[FaultProxy]:
    """A proxy on a thread of its own; give it its target before anything comes."""
    proxy = FaultProxy()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="fault-proxy")
    thread.start()

    async def start() -> asyncio.Server:
        return await asyncio.start_server(proxy.serve, "127.0.0.1", 0, limit=_MOST_HEADER_BYTES, backlog=1024)

    async def end(server: asyncio.Server) -> None:
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    server = asyncio.run_coroutine_threadsafe(start(), loop).result(60)
    proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(end(server), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(60)
        loop.close()
