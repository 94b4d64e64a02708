"""What an answer, or the lack of one, means for a delivery (rules D2, D7, D9)."""

from dataclasses import dataclass

from renga.deadletters import MOST_DATA_BYTES, Failure, quoted
from renga.http.client import Response
from renga.wire import STRUCTURED, NotAnEvent, WireEvent, decode
from renga_dev.eventing.ingress import passed_through
from renga_dev.eventing.policy import Profile

_RETRIED_BELOW_500 = frozenset({404, 408, 409, 429})
BAD_REPLY = 502
KAFKA_DATA_BYTES = 1024


@dataclass(frozen=True, slots=True)
class Taken:
    """The subscriber has it; perhaps it answered with an event."""

    status: int
    reply: WireEvent | None = None
    headers: tuple[tuple[str, str], ...] = ()
    """Those that go with the reply."""


@dataclass(frozen=True, slots=True)
class NotTaken:
    """The attempt failed."""

    status: int | None
    """None where no answer came."""
    error: str
    retryable: bool
    body: bytes = b""


def read_answer(response: Response, *, replies: bool) -> Taken | NotTaken:
    """Classify an answer; `replies` is whether an event in it is wanted: a dead-letter sink's is only a status."""
    status = response.status
    if not 200 <= status < 300:
        retryable = status >= 500 or status in _RETRIED_BELOW_500
        return NotTaken(status, f"answered {status}", retryable, response.body)
    if not replies:
        return Taken(status)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in response.headers}
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if "ce-specversion" not in headers and media_type != STRUCTURED:
        if not response.body:
            return Taken(status)
        error = f"answered {status} with a body that is no CloudEvent: an answer is empty or an event"
        return NotTaken(BAD_REPLY, error, retryable=True, body=error.encode())
    try:
        reply = decode(headers, response.body)
    except NotAnEvent as fault:
        error = f"answered {status} with a malformed event: {fault}"
        return NotTaken(BAD_REPLY, error, retryable=True, body=error.encode())
    return Taken(status, reply, passed_through(headers.items()))


def failure(outcome: NotTaken, dest: str, profile: Profile) -> Failure:
    """What the dead letter will say."""
    if outcome.status is None:
        if profile == "kafka":
            return Failure(dest)
        return Failure(dest, 500, quoted(f"dispatch error: {outcome.error}".encode()))
    limit = MOST_DATA_BYTES if profile == "mt" else KAFKA_DATA_BYTES
    return Failure(dest, outcome.status, quoted(outcome.body, limit))
