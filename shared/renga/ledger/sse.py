"""Server-sent events (WHATWG HTML, section 9.2), as the ledger writes them and its readers read them."""

from collections.abc import AsyncIterator
from typing import NamedTuple

HEARTBEAT = b": still here\n\n"
"""A comment, so that whoever stands between does not take a quiet stream for a dead one."""


class ServerSentEvent(NamedTuple):
    """One event of a stream."""

    event: str
    data: str
    id: str | None = None
    """What a reader sends as `Last-Event-ID` to go on after this one."""

    def encode(self) -> bytes:
        """As it travels."""
        head = f"event: {self.event}\n" if self.id is None else f"id: {self.id}\nevent: {self.event}\n"
        data = "".join(f"data: {line}\n" for line in self.data.split("\n"))
        return f"{head}{data}\n".encode()


async def decode(chunks: AsyncIterator[bytes]) -> AsyncIterator[ServerSentEvent]:
    """The events of a stream; comments, and an event that was cut off, are left out."""
    event, data, last_id = "", list[str](), None
    async for line in _lines(chunks):
        if not line:
            if data:
                yield ServerSentEvent(event or "message", "\n".join(data), last_id)
            event, data, last_id = "", [], None
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            data.append(value)
        elif name == "event":
            event = value
        elif name == "id":
            last_id = value


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[str]:
    rest = b""
    async for chunk in chunks:
        *whole, rest = (rest + chunk).replace(b"\r\n", b"\n").split(b"\n")
        for line in whole:
            yield line.decode()
