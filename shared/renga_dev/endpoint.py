"""Where the runtime is that a command talks to, and how it is talked to: said once, for every command."""

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from renga.http.client import Client, Origin, Response, StreamedResponse, Unreachable

DEFAULT_URL = "http://127.0.0.1:8080"
STATE = Path(".renga")
"""The state directory of a project's runtime, below the project's folder."""
LEDGER = "platform/ledger"
STATUS_PATH = "/-/status"
"""No namespace and no suite is called `-`."""
TOKEN = "RENGA_TOKEN"  # noqa: S105 - the variable's name
"""The variable of a bearer token, for a runtime, a desk and functions that ask who calls."""
VIA = "RENGA_VIA"
"""The variable of `HOST:PORT` that every connection is made to, whatever host a URL names: a cluster's ingress, where
its domain means nothing here. Host headers stay as they are."""
SERVICE = "{service}"
"""In a URL, what the Service's name takes the place of: in a cluster each function has an address of its own."""


class NoRuntime(Exception):  # noqa: N818 - says what is the case
    """Nothing answers where a runtime should."""


class Refused(Exception):  # noqa: N818 - likewise
    """The runtime or a function answered, but not with what was asked for.

    Attributes:
        status: the HTTP status.
        detail: the answer's own sentence.
    """

    def __init__(self, what: str, status: int, detail: str) -> None:
        self.status = status
        self.detail = detail
        super().__init__(f"{what}: {detail}")


def find(at: str | None, folder: Path | None = None) -> str:
    """The URL of the runtime: what was given, else RENGA_URL, else the running one of this project, else the default.

    What was given may name the functions of a cluster: `https://{service}.functions.example.org`.

    Args:
        at: the URL that the user gave.
        folder: where to look for a project, upwards; the current folder by default.

    Raises:
        ValueError: a URL was given that is none, or RENGA_VIA does not go with it.
    """
    given = at or os.environ.get("RENGA_URL")
    if given:
        routed(given, os.environ.get(VIA))
        return given.rstrip("/")
    start = (folder or Path.cwd()).resolve()
    for candidate in (start, *start.parents):
        url = announced(candidate / STATE)
        if url:
            return url
    return DEFAULT_URL


def announced(state: Path) -> str | None:
    """The URL that a runtime wrote into its state directory."""
    try:
        url = json.loads((state / "runtime.json").read_text())["url"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return url if isinstance(url, str) else None


def authorization() -> list[tuple[str, str]]:
    """The header that says who calls; none where RENGA_TOKEN is not set.

    It is for addresses that the user names, never for one that came with an event.
    """
    token = os.environ.get(TOKEN, "").strip()
    return [("authorization", f"Bearer {token}")] if token else []


def routed(url: str, via: str | None) -> tuple[str, list[tuple[str, str]]]:
    """What to ask for, and the headers that takes besides, where connections are made to another address.

    Args:
        url: what is meant.
        via: `HOST:PORT`; None or empty: where the URL says.

    Raises:
        ValueError: it is no URL; or the other address is none, or cannot show a certificate for it.
    """
    origin, target = Origin.of(url)
    if not via:
        return url, []
    host, _, port = via.rpartition(":")
    if not host or not port.isdigit():
        raise ValueError(f"{VIA}={via} is no address such as 10.0.0.7:80.")
    if origin.tls:
        raise ValueError(f"{VIA}={via} leads to where nobody has the certificate of {url}: it is for http.")
    return f"http://{via}{target}", [("host", origin.authority)]


class Endpoint:
    """A runtime at a URL, or the functions of a cluster. Use it within one event loop, and close it.

    Args:
        url: of the runtime; or an address with `{service}` in it.
        via: see `VIA`; by default what that variable says.
    """

    def __init__(self, url: str, via: str | None = None) -> None:
        self.url = url
        self.client = Client()
        self._via = os.environ.get(VIA) if via is None else via

    def of(self, function: str, *path: str) -> str:
        """The URL of a function such as `schema/submit`, or of what is below it; each part is quoted."""
        if SERVICE in self.url:
            parts = [self.url.replace(SERVICE, function.replace("/", "-")), *(quote(part, safe="/") for part in path)]
            return "/".join(parts) if path else f"{parts[0]}/"
        return "/".join([self.url, *(quote(part, safe="/") for part in (function, *path))])

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: list[tuple[str, str]] | None = None,
        body: bytes = b"",
        timeout_s: float = 60.0,
    ) -> Response:
        """One exchange.

        Raises:
            NoRuntime: nobody listens there.
            ConnectionError: the connection ended before the answer.
            TimeoutError: no answer in time.
        """
        where, host = routed(url, self._via)
        given = [*host, *(headers or ()), *authorization()]
        try:
            return await self.client.request(method, where, headers=given, body=body, timeout_s=timeout_s)
        except Unreachable:
            raise self.away() from None

    async def stream(self, url: str, *, headers: list[tuple[str, str]]) -> StreamedResponse:
        """GET something that keeps coming; the caller closes it.

        Raises:
            Unreachable: nobody listens there.
            Interrupted: the connection ended before the answer began.
        """
        where, host = routed(url, self._via)
        return await self.client.stream("GET", where, headers=[*host, *headers, *authorization()])

    def away(self) -> NoRuntime:
        """The error that says so."""
        if self._via:
            return NoRuntime(f"Nothing answers at {self._via}, which {VIA} names as the way to {self.url}.")
        return NoRuntime(f"No runtime answers at {self.url}: start one with `renga up`, or name another with --at URL.")

    def close(self) -> None:
        """Close the connections."""
        self.client.close()


async def status(runtime: Endpoint) -> dict[str, Any]:
    """What a runtime says of itself: see `renga_dev.runtime.Runtime.status`.

    Raises:
        NoRuntime: nobody listens there.
        Refused: something else does.
    """
    answer = await runtime.request("GET", runtime.url + STATUS_PATH)
    if answer.status != 200 or not (answer.header("content-type") or "").startswith("application/json"):
        raise Refused(f"What listens at {runtime.url} is no runtime of `renga up`", answer.status, detail(answer))
    told: dict[str, Any] = json.loads(answer.body)
    return told


def detail(response: Response) -> str:
    """What an error answer says: a problem's detail, or its text."""
    text = response.body.decode(errors="replace").strip()
    try:
        problem = json.loads(text)
    except ValueError:
        return text[:1000] or f"status {response.status}"
    return str(problem.get("detail") or text) if isinstance(problem, dict) else text
