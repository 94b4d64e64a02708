"""What subscriptions push, into real functions; and what becomes of it."""

import base64
import json
import time
from typing import Any

import pytest

from hosts import Hosted, Start
from pubsub_server import PubSubServer
from renga.deadletters import CODE, DATA, DEST
from renga.exchange import HttpRequest
from renga.pubsub.push import of_request
from renga.wire import NotAnEvent
from scripted import Asked, Said, scripted

SUBSCRIPTION = "projects/p/subscriptions/outcomes.test.asked.v1"
EVENT = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/shop", "ce-type": "test.asked.v1"}
JSON = {"content-type": "application/json"}


def wrapped(attributes: dict[str, str], data: bytes, overriding: dict[str, Any] | None = None) -> HttpRequest:
    """A push as Pub/Sub wraps it."""
    message = {"messageId": "7", "attributes": attributes, "data": base64.b64encode(data).decode()}
    body = json.dumps({"subscription": SUBSCRIPTION, "message": message | (overriding or {})}).encode()
    return HttpRequest("POST", "/", JSON, body)


def unwrapped(headers: dict[str, str], body: bytes) -> HttpRequest:
    """A push without its wrapper, with metadata."""
    return HttpRequest("POST", "/", {"x-goog-pubsub-subscription-name": SUBSCRIPTION, **headers}, body)


@pytest.mark.parametrize("shape", [wrapped, unwrapped])
def test_binary(shape: Any) -> None:
    """Wrapped or not, the attributes are the event's."""
    push = of_request(shape(EVENT | JSON | {"ce-subject": "caf%C3%A9"}, b'{"n": 1}'))
    assert push is not None
    event = push.event()
    assert (event.envelope.id, event.envelope.type, event.envelope.subject) == ("1", "test.asked.v1", "café")
    assert (event.envelope.datacontenttype, event.data) == ("application/json", b'{"n": 1}')


@pytest.mark.parametrize("shape", [wrapped, unwrapped])
def test_structured(shape: Any) -> None:
    """A structured event in a message's data is read as one."""
    body = json.dumps({"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "data": {"n": 1}}).encode()
    push = of_request(shape({"content-type": "application/cloudevents+json; charset=utf-8"}, body))
    assert push is not None
    assert push.event().data == b'{"n":1}'


def test_attributes_as_they_are() -> None:
    """Other publishers do not percent-encode: Pub/Sub then makes UTF-8 headers, which are read as such."""
    subject = "café".encode().decode("latin-1")
    push = of_request(unwrapped(EVENT | {"ce-subject": subject}, b""))
    assert push is not None
    assert push.event().envelope.subject == "café"


def test_given_up() -> None:
    """What a subscription's own policy gave up tells so as Knative's dead letters do."""
    attributes = {
        "CloudPubSubDeadLetterSourceSubscription": "schema-parse.x",
        "CloudPubSubDeadLetterSourceSubscriptionProject": "shop",
        "CloudPubSubDeadLetterSourceDeliveryCount": "5",
    }
    push = of_request(wrapped(EVENT | attributes, b""))
    assert push is not None
    extensions = push.event().envelope.extensions
    assert extensions[DEST] == "//pubsub.googleapis.com/projects/shop/subscriptions/schema-parse.x"
    assert b"5 deliveries" in base64.b64decode(str(extensions[DATA]))


@pytest.mark.parametrize(
    "body",
    [
        b'{"subscription": "weekly", "message": {"messageId": "x"}}',
        b'{"subscription": "projects/p/subscriptions/s", "message": "hello"}',
        b'["subscription", "message"]',
        b'{"subscription": "message"',
    ],
)
def test_plain_calls(body: bytes) -> None:
    """JSON that only looks a little like a push is a plain call's."""
    assert of_request(HttpRequest("POST", "/", JSON, body)) is None


@pytest.mark.parametrize("fields", [{"data": "not base64!"}, {"attributes": {"ce-id": 1}}, {"attributes": ["x"]}])
def test_unreadable(fields: dict[str, Any]) -> None:
    """A push that is broken is no event, and says why."""
    with pytest.raises(NotAnEvent, match="pushed message"):
        of_request(wrapped(EVENT, b"", fields))


@pytest.fixture
def asked(start: Start, pubsub: PubSubServer) -> Hosted:
    """A function whose sink is the emulator, and whose subscription pushes to it."""
    for topic in ("test.asked.v1", "test.counted.v1", "dev.renga.platform.attempt.failed.v1", "renga-dead-letters"):
        pubsub.topic(topic)
    hosted = start("outcomes", K_SINK=f"pubsub://{pubsub.project}", PUBSUB_EMULATOR_HOST=pubsub.host)
    retry = {"minimumBackoff": "0.1s", "maximumBackoff": "0.5s"}
    dead = {"deadLetterTopic": f"projects/{pubsub.project}/topics/renga-dead-letters", "maxDeliveryAttempts": 5}
    url = f"http://127.0.0.1:{hosted.port}/"
    pubsub.push("test.asked.v1", "outcomes.test.asked.v1", url, retryPolicy=retry, deadLetterPolicy=dead)
    return hosted


def ask(pubsub: PubSubServer, identity: str, **asked: Any) -> None:
    """Publish one event."""
    data = json.dumps(asked).encode()
    attributes = {**EVENT, "ce-id": identity, **JSON}
    pubsub.publish("test.asked.v1", data, **{name.replace("-", "_"): value for name, value in attributes.items()})


@pytest.mark.connected
def test_answers_are_published(asked: Hosted, pubsub: PubSubServer) -> None:
    """A pushed event's answers go to the topics of their types, with the run and the cause, and it is acknowledged."""
    ask(pubsub, "a", do="several", size=3)
    ask(pubsub, "b", do="answer")
    counted = pubsub.pulled("test.counted.v1", 4)
    assert len(counted) == 4
    assert sorted(each.attributes["ce-causationid"] for each in counted) == ["a", "a", "a", "b"]
    assert {each.attributes["content-type"] for each in counted} == {"application/json"}
    assert asked.process.poll() is None


@pytest.mark.connected
@pytest.mark.usefixtures("asked")
def test_nothing_to_say(pubsub: PubSubServer) -> None:
    """A function that answers nothing acknowledges: the event does not come again."""
    ask(pubsub, "quiet")
    ask(pubsub, "loud", do="answer")
    (counted,) = pubsub.pulled("test.counted.v1", 1)
    time.sleep(1)
    ask(pubsub, "again", do="answer")
    (again,) = pubsub.pulled("test.counted.v1", 1)
    assert json.loads(again.data)["handled"] <= 3
    assert json.loads(counted.data)["handled"] <= 2


@pytest.mark.connected
@pytest.mark.usefixtures("asked")
def test_rejected(pubsub: PubSubServer) -> None:
    """What a function rejects goes to the dead-letter topic once, with what went wrong, and is acknowledged."""
    ask(pubsub, "wrong", do="reject")
    (letter,) = pubsub.pulled("renga-dead-letters", 1)
    assert letter.attributes["ce-id"] == "wrong"
    assert letter.attributes[f"ce-{DEST}"].endswith("/subscriptions/outcomes.test.asked.v1")
    assert letter.attributes[f"ce-{CODE}"] == "422"
    said = json.loads(base64.b64decode(letter.attributes[f"ce-{DATA}"]))
    assert said["detail"].startswith("This will never do.")
    assert json.loads(letter.data) == {"do": "reject"}
    assert pubsub.pulled("renga-dead-letters", 1, timeout_s=2) == []


@pytest.mark.connected
@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("do", ["retry", "bug"])
def test_given_up_by_the_subscription(pubsub: PubSubServer, do: str) -> None:
    """What fails again and again is pushed again and again, and in the end the subscription buries it."""
    ask(pubsub, "unlucky", do=do)
    (letter,) = pubsub.pulled("renga-dead-letters", 1)
    assert letter.attributes["ce-id"] == "unlucky"
    assert letter.attributes["CloudPubSubDeadLetterSourceSubscription"] == "outcomes.test.asked.v1"
    failed = pubsub.pulled("dev.renga.platform.attempt.failed.v1", 5)
    assert sorted(json.loads(each.data)["attempt"] for each in failed)[:5] == [1, 2, 3, 4, 5]


def test_answers_need_a_sink(start: Start) -> None:
    """A push cannot take an answer: without a sink it is refused before the handler runs."""
    hosted = start("outcomes")
    push = {"x-goog-pubsub-subscription-name": SUBSCRIPTION, **EVENT, **JSON}
    answer = hosted.call("POST", "/", b'{"do": "answer"}', **push)
    assert answer.status == 500
    assert b"K_SINK=pubsub://" in answer.body
    assert json.loads(hosted.call("GET", "/counts/me").body) == {"me": 0}


def test_a_sink_that_is_away(start: Start) -> None:
    """Where Pub/Sub does not answer, nothing is acknowledged: neither an answer nor a dead letter is lost."""
    hosted = start("outcomes", K_SINK="pubsub://p", PUBSUB_EMULATOR_HOST="127.0.0.1:1")
    push = {"x-goog-pubsub-subscription-name": SUBSCRIPTION, **EVENT, **JSON}
    assert hosted.call("POST", "/", b'{"do": "answer"}', **push).status == 503
    assert hosted.call("POST", "/", b'{"do": "reject"}', **push | {"ce-id": "2"}).status == 503


def test_a_sink_that_never_takes_it(start: Start) -> None:
    """What Pub/Sub refuses for good is told as a problem, and no task is left with an error that nobody hears of."""

    async def script(_: Asked) -> Said:
        return Said(400, {}, b"too large")

    with scripted(script) as url:
        hosted = start("outcomes", K_SINK="pubsub://p", PUBSUB_EMULATOR_HOST=url.removeprefix("http://"))
        push = {"x-goog-pubsub-subscription-name": SUBSCRIPTION, **EVENT, **JSON}
        answer = hosted.call("POST", "/", b'{"do": "reject"}', **push)
        assert (answer.status, b"too large" in answer.body) == (500, True)
        hosted.stop()
    assert "Traceback" not in hosted.log.read_text()


def test_a_dead_letter_is_not_buried_again(start: Start) -> None:
    """Where dead letters go, one that is refused comes again: buried, it would be its own dead letter."""
    hosted = start("gravedigger", K_SINK="pubsub://p", PUBSUB_EMULATOR_HOST="127.0.0.1:1")
    push = {"x-goog-pubsub-subscription-name": SUBSCRIPTION, **EVENT, **JSON}
    assert hosted.call("POST", "/", b"{}", **push).status == 422
