"""An answer on its way back: from a replica, piece by piece and under the revision's clocks, or one of our own."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable

from renga.exchange import MAX_ERROR_BYTES
from renga.http.asgi import Headers
from renga.http.client import Interrupted, Response, StreamedResponse

_HOP_BY_HOP = frozenset({
    b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-connection", b"te", b"trailer", b"transfer-encoding",
    b"upgrade",
})  # fmt: skip


class Answer(ABC):
    """Status, headers (names in lower case) and a body. Close it when done with it."""

    def __init__(self, status: int, headers: Headers) -> None:
        self.status = status
        self.headers = headers

    @abstractmethod
    def chunks(self) -> AsyncIterator[bytes]:
        """The body, in pieces as they come.

        Raises:
            Interrupted: it ended before it was whole.
        """

    @abstractmethod
    def close(self) -> None:
        """Give up what was not read."""

    async def whole(self) -> Response:
        """The answer with its whole body, closed.

        Raises:
            Interrupted: it ended before it was whole.
        """
        try:
            return Response(self.status, self.headers, b"".join([chunk async for chunk in self.chunks()]))
        finally:
            self.close()


class Refusal(Answer):
    """An answer of ours, in one sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        self.body = sentence.encode()[:MAX_ERROR_BYTES].decode(errors="ignore").encode()
        length = str(len(self.body)).encode()
        super().__init__(status, [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", length)])

    async def chunks(self) -> AsyncIterator[bytes]:
        """The sentence."""
        yield self.body

    def close(self) -> None:
        """It holds nothing."""


class Passed(Answer):
    """A replica's answer; it holds a turn on the replica until it is closed."""

    def __init__(
        self,
        stream: StreamedResponse,
        *,
        idle_s: float | None,
        release: Callable[[], None],
        broken: Callable[[], Awaitable[object]],
    ) -> None:
        super().__init__(stream.status, [line for line in stream.headers if line[0] not in _HOP_BY_HOP])
        self._stream = stream
        self._idle_s = idle_s
        self._broken = broken
        self._release: Callable[[], None] | None = release

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it comes; of the revision's clocks only the idle one runs on once an answer has begun (S9)."""
        pieces = self._stream.chunks()
        while True:
            try:
                async with asyncio.timeout(self._idle_s):
                    piece = await anext(pieces, None)
            except TimeoutError:
                raise Interrupted(
                    "The answer had begun and was cut off at the revision's idleTimeoutSeconds."
                ) from None
            except Interrupted:
                await self._broken()
                raise
            if piece is None:
                return
            yield piece

    def close(self) -> None:
        """End the turn; a body that was not read to its end takes its connection with it."""
        self._stream.close()
        if self._release is not None:
            self._release()
            self._release = None
