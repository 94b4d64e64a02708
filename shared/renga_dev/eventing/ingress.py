"""The HTTP face of the Brokers (rules B1-B7): a request to an event, or to a refusal with its status."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from renga.exchange import MAX_ERROR_BYTES
from renga.http.client import Response
from renga.wire import NotAnEvent, WireEvent, decode
from renga_dev.calls import Request
from renga_dev.manifests.model import BrokerName
from renga_events.envelope import AttributeValue

ARRIVAL_TIME = "knativearrivaltime"
TTL = "knativebrokerttl"
MAX_TTL = 255

_PASSED = frozenset({"x-request-id", "retry-after"})
_PASSED_PREFIXES = ("knative-", "x-b3-")
_ALLOW = (b"allow", b"POST, OPTIONS")
_WEB_HOOK = [(b"webhook-allowed-origin", b"*"), (b"webhook-allowed-rate", b"*")]
_TEXT = (b"content-type", b"text/plain; charset=utf-8")


class Refused(ValueError):  # noqa: N818 - says what is the case
    """An event or request that a Broker does not take.

    Attributes:
        status: the HTTP status that says so.
    """

    def __init__(self, status: int, sentence: str) -> None:
        self.status = status
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A well-formed event on its way into a Broker, which may not exist."""

    broker: BrokerName
    event: WireEvent
    headers: tuple[tuple[str, str], ...]


def read(request: Request) -> Incoming | Response:
    """The event of a request, or the answer to a request that needs none.

    Raises:
        Refused: with 404 or 400 for the path, 405 for the method, 400 for the event.
    """
    if request.method == "OPTIONS":
        return Response(200, [_ALLOW, *_WEB_HOOK], b"")
    if request.method != "POST":
        raise Refused(405, f"{request.method} is not for a Broker: publish with POST.")
    path = request.target.partition("?")[0]
    if path == "/":
        raise Refused(404, "There is nothing at /: publish with POST to /{namespace}/{broker}.")
    segments = path.removesuffix("/").split("/")
    if len(segments) != 3:
        raise Refused(400, f"{path[:200]} is no path of a Broker: publish with POST to /{{namespace}}/{{broker}}.")
    headers = dict(request.headers)
    try:
        event = decode(headers, request.body)
    except NotAnEvent as fault:
        raise Refused(400, str(fault)) from None
    return Incoming(BrokerName(segments[1], segments[2]), event, passed_through(request.headers))


def accepted() -> Response:
    """202 and nothing else (rule B4)."""
    return Response(202, [_ALLOW], b"")


def refusal(status: int, sentence: str) -> Response:
    """A status and its reason in one sentence."""
    return Response(status, [_ALLOW, _TEXT], sentence.encode("utf-8", "replace")[:MAX_ERROR_BYTES])


def passed_through(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The headers that a Broker hands on; names are in lower case (rule B7)."""
    return tuple((name, value) for name, value in headers if name in _PASSED or name.startswith(_PASSED_PREFIXES))


def admit(event: WireEvent, arrived: float) -> tuple[WireEvent, int]:
    """Stamp an event with its arrival and take its TTL off it (rule B6); returns the event and the TTL that is left.

    Raises:
        Refused: with 400, the TTL is used up.
    """
    extensions = dict(event.envelope.extensions)
    ttl = _ttl(extensions.pop(TTL, None))
    if ttl <= 0:
        raise Refused(400, f"The event has passed too many Brokers: its {TTL} is used up.")
    time = datetime.fromtimestamp(arrived, UTC).isoformat().removesuffix("+00:00") + "Z"
    return with_extensions(event, extensions | {ARRIVAL_TIME: time}), ttl


def _ttl(value: AttributeValue | None) -> int:
    """What is left after this passage; a value that is no number reads as none."""
    try:
        return MAX_TTL if value is None or isinstance(value, bool) else max(int(value) - 1, 0)
    except ValueError:
        return MAX_TTL


def with_extensions(event: WireEvent, extensions: Mapping[str, AttributeValue]) -> WireEvent:
    """The same event with exactly these extensions."""
    return WireEvent(replace(event.envelope, extensions=dict(extensions)), event.data)
