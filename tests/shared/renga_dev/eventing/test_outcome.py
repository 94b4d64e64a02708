"""Which answers mean what: rules D2, D7, D9."""

import base64
from typing import TYPE_CHECKING, Any

import pytest

from renga.deadletters import Failure
from renga.http.client import Response
from renga_dev.eventing.outcome import NotTaken, Taken, failure, read_answer
from renga_dev.eventing.policy import Profile

if TYPE_CHECKING:
    from tests.shared.renga_dev.eventing.conftest import WorldMaker

URL = "http://a.default.svc.cluster.local"
EVENT = [(b"ce-specversion", b"1.0"), (b"ce-id", b"2"), (b"ce-source", b"/s"), (b"ce-type", b"t")]
STRUCTURED = [(b"content-type", b"application/cloudevents+json; charset=utf-8")]
GOOD = b'{"specversion":"1.0","id":"2","source":"/s","type":"t","data":{}}'


@pytest.mark.rule("D2")
@pytest.mark.parametrize(
    ("status", "attempts"),
    [
        *((status, 1) for status in (200, 201, 202, 204, 299, 300, 301, 302, 304, 307)),
        *((status, 1) for status in (400, 401, 403, 405, 410, 413, 415, 422, 499)),
        *((status, 3) for status in (404, 408, 409, 429, 500, 501, 502, 503, 504, 599)),
    ],
)
async def test_status(world: "WorldMaker", trigger: Any, status: int, attempts: int) -> None:
    """2xx is success, six kinds of answer are worth another attempt, the rest is final."""
    async with world(trigger(delivery={"retry": 2}), answers={"a": lambda _: Response(status, [], b"")}) as w:
        await w.publish()
        await w.settled()
        records = await w.eventing.deliveries()
    assert len(w.got("a")) == attempts
    assert [(record.state, record.status) for record in records] == [("done" if status < 300 else "lost", status)]


@pytest.mark.rule("D2")
async def test_unreachable_subscriber_is_retried(world: "WorldMaker", trigger: Any) -> None:
    """No connection is worth another attempt."""
    async with world(trigger("t", {"uri": "http://127.0.0.1:1/"}, delivery={"retry": 2})) as w:
        await w.publish()
        await w.settled()
    assert [attempt.meaning for attempt in w.attempts] == ["retry", "retry", "lost"]


@pytest.mark.rule("D7")
@pytest.mark.parametrize(
    ("headers", "body", "outcome"),
    [
        ([], b"", "done"),
        ([(b"content-type", b"text/plain")], b"", "done"),
        ([], b"OK", "failed"),
        ([(b"content-type", b"application/json")], b"{}", "failed"),
        (EVENT, b"", "reply"),
        (EVENT, b"{}", "reply"),
        (EVENT[1:], b"{}", "failed"),
        (EVENT[:2], b"{}", "failed"),
        (STRUCTURED, GOOD, "reply"),
        (STRUCTURED, b"{", "failed"),
        (STRUCTURED, b"", "failed"),
        ([(b"content-type", b"application/cloudevents-batch+json")], b"[]", "failed"),
    ],
)
@pytest.mark.parametrize("status", [200, 202])
def test_success_with_a_body(headers: list[tuple[bytes, bytes]], body: bytes, outcome: str, status: int) -> None:
    """2xx is done when empty, a reply when it is an event, and a failure worth a retry when it is anything else."""
    found = read_answer(Response(status, headers, body), replies=True)
    if outcome == "failed":
        assert isinstance(found, NotTaken)
        assert (found.status, found.retryable) == (502, True)
    else:
        assert isinstance(found, Taken)
        assert (found.status, found.reply is not None) == (status, outcome == "reply")


@pytest.mark.rule("D9")
@pytest.mark.parametrize(
    ("profile", "body", "kept"), [("mt", 2000, 768), ("mt", 768, 768), ("kafka", 2000, 1024), ("kafka", 10, 10)]
)
def test_error_data_is_capped(profile: Profile, body: int, kept: int) -> None:
    """Go keeps 1024 characters of base64, Kafka's dispatcher the base64 of 1024 bytes."""
    outcome = NotTaken(500, "answered 500", retryable=True, body=b"x" * body)
    assert failure(outcome, URL, profile) == Failure(URL, 500, base64.b64encode(b"x" * kept).decode())


@pytest.mark.rule("D9")
@pytest.mark.parametrize(
    ("profile", "told"),
    [("mt", Failure(URL, 500, base64.b64encode(b"dispatch error: no route").decode())), ("kafka", Failure(URL))],
)
def test_unreachable_subscriber_in_a_dead_letter(profile: Profile, told: Failure) -> None:
    """Where no answer came Go says 500 and why, and Kafka's dispatcher only whom it could not reach."""
    assert failure(NotTaken(None, "no route", retryable=True), URL, profile) == told


@pytest.mark.rule("D9")
def test_empty_error_body_is_no_data() -> None:
    """An answer without a body adds no error data."""
    assert failure(NotTaken(503, "answered 503", retryable=True), URL, "mt") == Failure(URL, 503, None)
