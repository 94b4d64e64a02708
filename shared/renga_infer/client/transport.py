"""How the client's requests get to the service; aiohttp unless its user brings another way."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    import aiohttp


class NotSent(ConnectionError):  # noqa: N818 - says what is the case
    """There was no connection: the service did not see the request."""


class AnswerLost(ConnectionError):  # noqa: N818 - likewise
    """The connection ended before the answer was whole: the service may have computed it."""


class Answer(NamedTuple):
    """A whole answer; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport(Protocol):
    """Sends one request and reads its whole answer, over connections that it keeps."""

    async def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float) -> Answer:
        """The answer, whatever its status.

        Raises:
            NotSent: there was no connection.
            AnswerLost: the connection ended before the answer was whole.
            TimeoutError: there was no whole answer in time.
        """
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


class AiohttpTransport:
    """The transport of the extra `infer-client`."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float) -> Answer:
        """See `Transport`."""
        import aiohttp

        if self._session is None:
            # No limit: aiohttp hands a free connection to whoever comes first, and those who wait for one may starve.
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), auto_decompress=False)
        try:
            async with (
                asyncio.timeout(timeout_s),
                self._session.request(
                    method, url, headers=headers, data=body or None, timeout=aiohttp.ClientTimeout()
                ) as response,
            ):
                names = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status, names, await response.read())
        except aiohttp.ClientConnectorError as error:
            raise NotSent(str(error)) from None
        except aiohttp.ClientError as error:
            raise AnswerLost(str(error) or type(error).__name__) from None

    async def close(self) -> None:
        """See `Transport`."""
        if self._session is not None:
            await self._session.close()
            self._session = None
