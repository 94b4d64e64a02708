"""The contract of a hosted function, held by every host that can serve it."""

import json
import os
import time
from pathlib import Path

import pytest

from hosts import HOSTS, PATIENCE_S, Collector, Hosted, Start, held

ASKED = {"type": "test.asked.v1"}


@pytest.fixture(scope="module", params=HOSTS)
def hosted(request: pytest.FixtureRequest, start: Start) -> Hosted:
    """The sample function under one host, with no sink."""
    return start("outcomes", request.param)


@pytest.fixture(params=HOSTS)
def hosted_with_sink(request: pytest.FixtureRequest, start: Start, sink: Collector) -> Hosted:
    """The sample function under one host, with a sink."""
    return start("outcomes", request.param, K_SINK=sink.url)


def do(action: str, **more: object) -> str:
    """Data that tells the sample what to do."""
    return json.dumps({"do": action, **more})


def test_nothing_to_say(hosted: Hosted) -> None:
    """A handler that returns None is done: 204 and an empty body, which a broker takes as success."""
    answer = hosted.deliver(do("nothing"))
    assert (answer.status, answer.body) == (204, b"")


def test_an_answer_is_the_response(hosted: Hosted) -> None:
    """Without a sink an answer is the response: a binary CloudEvent that names its cause, run and trace."""
    trace = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    answer = hosted.deliver(
        do("answer", about="x1"), id="e1", correlationid="run-1", traceparent=trace, tracestate="v=1"
    )
    assert answer.status == 200
    assert answer.headers["ce-type"] == "test.counted.v1"
    assert answer.headers["ce-source"] == "/functions/suite/outcomes"
    assert answer.headers["ce-correlationid"] == "run-1"
    assert answer.headers["ce-causationid"] == "e1"
    assert answer.headers["ce-traceparent"].startswith("00-" + "a" * 32)
    assert answer.headers["ce-traceparent"] != trace
    assert answer.headers["ce-tracestate"] == "v=1"
    assert answer.headers["ce-rengaattempt"] == "1"
    assert answer.headers["content-type"] == "application/json"
    assert json.loads(answer.body)["handled"] >= 1


def test_structured_mode(hosted: Hosted) -> None:
    """A structured event means the same as a binary one."""
    event = {"specversion": "1.0", "id": os.urandom(4).hex(), "source": "/t", **ASKED, "data": {"do": "answer"}}
    answer = hosted.call("POST", "/", json.dumps(event), content_type="application/cloudevents+json; charset=utf-8")
    assert answer.status == 200
    assert answer.headers["ce-causationid"] == event["id"]


def test_several_answers_without_a_sink(hosted: Hosted) -> None:
    """Several answers and no sink: a batch for a plain sender, a bug for a broker that can take only one."""
    batch = hosted.deliver(do("several", size=3))
    assert batch.status == 200
    assert [event["data"]["handled"] for event in json.loads(batch.body)] == [0, 1, 2]
    assert hosted.deliver(do("several", size=3), header_prefer="reply").status == 500


def test_reject(hosted: Hosted) -> None:
    """Reject is 422 problem+json, however long its reason at most 768 bytes."""
    answer = hosted.deliver(do("reject", size=3000))
    assert answer.status == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.body) <= 768
    assert json.loads(answer.body)["detail"].startswith("This will never do.")


def test_retry(hosted: Hosted) -> None:
    """Retry is 503 with Retry-After."""
    answer = hosted.deliver(do("retry"))
    assert (answer.status, answer.headers["retry-after"]) == (503, "7")


def test_a_bug_shows_nothing(hosted: Hosted) -> None:
    """A bug is 500; its body tells neither the message nor a traceback."""
    answer = hosted.deliver(do("bug"))
    assert answer.status == 500
    assert b"secret" not in answer.body
    assert b"Traceback" not in answer.body
    assert b"ZeroDivisionError" in answer.body


def test_seen_before(hosted: Hosted) -> None:
    """The same source and id are handled once and answered alike."""
    first = hosted.deliver(do("answer"), id="twice")
    second = hosted.deliver(do("answer"), id="twice")
    other = hosted.deliver(do("answer"), id="twice", source="/elsewhere")
    assert second == first._replace(headers=second.headers)
    assert second.headers["ce-id"] == first.headers["ce-id"]
    assert other.body != first.body


def test_a_failed_attempt_is_not_remembered(hosted: Hosted) -> None:
    """After a failure the same event is handled again, and the next attempt is counted."""
    assert hosted.deliver(do("retry"), id="again").status == 503
    answer = hosted.deliver(do("answer"), id="again")
    assert (answer.status, answer.headers["ce-rengaattempt"]) == (200, "2")


def test_in_progress(hosted: Hosted, tmp_path: Path) -> None:
    """While an event is handled, a second delivery of it is told to come back: 409."""
    with held(hosted, tmp_path / "go", id="slow") as first:
        again = hosted.deliver(do("wait", about=str(tmp_path / "go")), id="slow")
    assert (again.status, first.result().status) == (409, 200)


def test_unknown_type(hosted: Hosted) -> None:
    """An event that the function does not take is rejected by name, not retried."""
    answer = hosted.deliver(type="test.other.v1")
    assert answer.status == 422
    assert b"test.asked.v1" in answer.body
    assert b"test.other.v1" in answer.body


def test_data_that_does_not_fit(hosted: Hosted) -> None:
    """Data that breaks the type is rejected, with the field."""
    answer = hosted.deliver('{"size": "large"}')
    assert answer.status == 422
    assert b"size: input should be a valid integer" in answer.body


def test_malformed_events(hosted: Hosted) -> None:
    """What claims to be an event and is none is 400 with every fault named."""
    missing = hosted.call("POST", "/", b"", ce_specversion="1.0", ce_type="test.asked.v1")
    assert missing.status == 400
    assert b"no id; no source" in missing.body
    lying = hosted.call("POST", "/", b"{not json", content_type="application/cloudevents+json")
    assert lying.status == 400
    assert b"not JSON" in lying.body
    deep = hosted.call("POST", "/", b"[" * 200_000, content_type="application/cloudevents+json")
    assert deep.status == 400


def test_plain_json(hosted: Hosted) -> None:
    """A plain JSON call answers with plain JSON, and names its run."""
    answer = hosted.call("POST", "/", do("answer"), content_type="application/json")
    assert answer.status == 200
    assert "ce-type" not in answer.headers
    assert answer.headers["renga-run"]
    assert set(json.loads(answer.body)) == {"handled"}
    several = hosted.call("POST", "/", do("several", size=2), content_type="application/json")
    assert json.loads(several.body) == [{"handled": 0}, {"handled": 1}]
    assert hosted.call("POST", "/", do("nothing"), content_type="application/json").status == 204


def test_plain_text(hosted: Hosted) -> None:
    """A text body fills the type's text field and query parameters the rest; a byte-order mark is no text."""
    answer = hosted.call("POST", "/?do=answer&size=4", b"\xef\xbb\xbfhello", content_type="text/plain; charset=utf-8")
    assert answer.status == 200
    assert json.loads(answer.body)["filler"] == "xxx"
    assert hosted.call("POST", "/", b"\xff\xfe\x00", content_type="text/plain").status == 422


def test_plain_errors(hosted: Hosted) -> None:
    """Plain calls that cannot be read say why, each with its own status."""
    assert hosted.call("POST", "/", b"{", content_type="application/json").status == 400
    assert hosted.call("POST", "/", b"a=b", content_type="application/x-www-form-urlencoded").status == 415
    assert hosted.call("POST", "/", do("answer", size="many"), content_type="application/json").status == 422
    assert hosted.call("GET", "/").status == 405
    assert hosted.call("GET", "/nowhere").status == 404
    assert hosted.call("POST", "/", do("reject"), content_type="application/json").status == 422


def test_idempotency_key(hosted: Hosted) -> None:
    """A plain call with an Idempotency-Key is handled once."""
    headers = {"content_type": "application/json", "idempotency_key": "k-1"}
    first = hosted.call("POST", "/", do("answer"), **headers)
    assert hosted.call("POST", "/", do("answer"), **headers).body == first.body
    assert first.headers["renga-run"] == "k-1"


def test_a_reused_identity(hosted: Hosted) -> None:
    """The id of an event that was handled, with other data, is refused: the stored answer is another event's."""
    assert hosted.deliver(do("answer"), id="reused").status == 200
    answer = hosted.deliver(do("answer", size=2), id="reused")
    assert answer.status == 422
    assert "an id of its own" in json.loads(answer.body)["detail"]


def test_routes(hosted: Hosted) -> None:
    """Routes take arguments from path and query, check them, and know what is not there."""
    assert set(json.loads(hosted.call("GET", "/counts/all?times=0").body)) == {"all"}
    assert hosted.call("GET", "/counts/all?times=many").status == 422
    assert hosted.call("GET", "/counts/nobody").status == 404
    assert hosted.call("POST", "/counts/all").status == 405


def test_streams(hosted: Hosted) -> None:
    """A stream arrives whole and as server-sent events."""
    answer = hosted.call("GET", "/ticks?count=4")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.body == b"data: 0\n\ndata: 1\n\ndata: 2\n\ndata: 3\n\n"


def test_health(hosted: Hosted) -> None:
    """Liveness and readiness have their paths."""
    assert hosted.call("GET", "/health/live").status == 200
    assert hosted.call("GET", "/health/ready").status == 200


def test_answers_go_to_the_sink(hosted_with_sink: Hosted, sink: Collector) -> None:
    """With a sink, an answer is published and the delivery acknowledged; a broker that asks gets its reply instead."""
    assert hosted_with_sink.deliver(do("answer")).status == 204
    assert len(sink.of_type("test.counted.v1")) == 1
    assert hosted_with_sink.deliver(do("answer"), header_prefer="reply").status == 200
    assert len(sink.of_type("test.counted.v1")) == 1
    assert hosted_with_sink.deliver(do("several", size=3), header_prefer="reply").status == 204
    assert len(sink.of_type("test.counted.v1")) == 4


def test_a_sink_that_is_away(hosted_with_sink: Hosted, sink: Collector) -> None:
    """While the sink refuses, the event is to be delivered again; then the very same answer is published."""
    sink.answer(500)
    assert hosted_with_sink.deliver(do("answer"), id="kept").status == 503
    sink.answer(202)
    assert hosted_with_sink.deliver(do("answer"), id="kept").status == 204
    assert len({headers["ce-id"] for headers in sink.of_type("test.counted.v1")}) == 1


def test_failed_attempts_are_told(hosted_with_sink: Hosted, sink: Collector) -> None:
    """A failed attempt is published for those who follow the run."""
    hosted_with_sink.deliver(do("retry"), id="unlucky", correlationid="run-9")
    hosted_with_sink.deliver(do("nothing"))
    deadline = time.monotonic() + PATIENCE_S
    while not sink.received and time.monotonic() < deadline:
        time.sleep(0.01)  # The answer does not wait for the telling.
    failed = [(headers, json.loads(body)) for headers, body in sink.received]
    assert len(failed) == 1
    headers, data = failed[0]
    assert headers["ce-type"] == "dev.renga.platform.attempt.failed.v1"
    assert headers["ce-correlationid"] == "run-9"
    assert (data["function"], data["outcome"], data["status"]) == ("suite/outcomes", "retry", 503)
    assert data["reason"] == "The shelf is empty."


@pytest.mark.parametrize("host", HOSTS)
def test_a_door_publishes(host: str, start: Start, sink: Collector) -> None:
    """A function that no event wakes takes plain HTTP, publishes its answer and shows it; events are not for it."""
    door = start("door", host, K_SINK=sink.url)
    answer = door.call("POST", "/", '{"of": "rain"}', content_type="application/json")
    assert (answer.status, json.loads(answer.body)) == (200, {"of": "rain"})
    (published,) = sink.of_type("test.granted.v1")
    assert published["ce-correlationid"] == answer.headers["renga-run"]
    assert published["ce-subject"] == "rain"
    assert door.deliver('{"of": "snow"}').status == 422
