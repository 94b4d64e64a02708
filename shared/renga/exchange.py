"""A request and its answer as data, so that one application serves every host."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import NamedTuple

from pydantic_core import from_json, to_json

MAX_ERROR_BYTES = 768
"""A longer error body crashes Knative's in-memory dispatcher when a dead-letter sink is set."""

_TITLES = {
    400: "Not understood",
    401: "Not authenticated",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "In progress",
    413: "Too large",
    415: "Media type not taken",
    422: "Rejected",
    500: "Failed",
    503: "Try again later",
}


class HttpRequest(NamedTuple):
    """A whole request; header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""
    query: str = ""


class HttpResponse(NamedTuple):
    """An answer: whole, or with a body that keeps coming."""

    status: int
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""
    stream: AsyncIterator[bytes] | None = None

    def pack(self) -> bytes:
        """Status, headers and body as bytes that can be stored."""
        return to_json([self.status, self.headers]) + b"\n" + self.body

    @classmethod
    def unpack(cls, packed: bytes) -> "HttpResponse":
        """What was packed."""
        head, _, body = packed.partition(b"\n")
        status, headers = from_json(head)
        return cls(status, [(name, value) for name, value in headers], body)


def problem(status: int, detail: str, *headers: tuple[str, str]) -> HttpResponse:
    """An error answer as problem+json (RFC 9457), cut so that the whole body keeps to MAX_ERROR_BYTES."""
    fields = {"title": _TITLES.get(status, "Error"), "status": status, "detail": detail}
    body = to_json(fields)
    while len(body) > MAX_ERROR_BYTES:
        detail = detail[: len(detail) - max(1, (len(body) - MAX_ERROR_BYTES) // 6)]
        body = to_json(fields | {"detail": f"{detail}…"})
    return HttpResponse(status, [("content-type", "application/problem+json"), *headers], body)
