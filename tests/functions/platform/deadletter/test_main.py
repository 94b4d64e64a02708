"""The desk over a socket: dead letters in, what it says of them out, and its routes."""

import json
import subprocess
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from hosts import Answer, Hosted
from scripted import Asked, Said, scripted

PARSE = "http://schema-parse.default.svc.cluster.local"
SUBMITTED = "dev.renga.schema.submitted.v1"
REASON = "eyJkZXRhaWwiOiAiTm8gdGV4dC4ifQ=="


def bury(desk: Hosted, event_id: str = "1", body: bytes = b'{"n": 1}', **attributes: str) -> Answer:
    """Deliver a dead letter as a Broker does."""
    failure = {"knativeerrordest": PARSE, "knativeerrorcode": "422", "knativeerrordata": REASON}
    return desk.deliver(body, **{"id": event_id, "source": "/shop", "type": SUBMITTED} | failure | attributes)


def told(answer: Answer) -> Any:
    """The JSON of a good answer."""
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


def listed(desk: Hosted, expression: str = "TRUE", **more: int) -> list[dict[str, Any]]:
    """The letters that a filter takes."""
    asked = "".join(f"&{name}={value}" for name, value in more.items())
    found: list[dict[str, Any]] = told(desk.call("GET", f"/letters?filter={quote(expression)}{asked}"))
    return found


def test_a_letter(desk: Hosted) -> None:
    """It is kept whole, and an event says who did not take what and why, in the run of the event that died."""
    answer = bury(desk, correlationid="run", causationid="0")
    said = told(answer)
    assert said == {
        "letter": listed(desk)[0]["id"],
        "event_type": SUBMITTED,
        "event_source": "/shop",
        "event_id": "1",
        "event_cause": "0",
        "dest": PARSE,
        "code": 422,
        "reason": "No text.",
    }
    assert answer.headers["ce-type"] == "dev.renga.platform.deadlettered.v1"
    assert (answer.headers["ce-correlationid"], answer.headers["ce-causationid"]) == ("run", "1")
    letter = told(desk.call("GET", f"/letters/{said['letter']}"))
    assert letter["data_base64"] == "eyJuIjogMX0="
    assert letter["attributes"]["correlationid"] == "run"


def test_a_letter_that_comes_twice(desk: Hosted) -> None:
    """A redelivery is the same letter and says the same event, by its id; another death says another."""
    first, second, after_replay, elsewhere = (
        bury(desk),
        bury(desk),
        bury(desk, rengareplays="1"),
        bury(desk, knativeerrordest="http://other.default.svc.cluster.local"),
    )
    assert first.headers["ce-id"] == second.headers["ce-id"]
    assert first.body == second.body
    assert len({answer.headers["ce-id"] for answer in (first, after_replay, elsewhere)}) == 3
    assert [letter["came"] for letter in listed(desk)] == [1, 2]


def test_what_says_so_died_itself(desk: Hosted) -> None:
    """It is kept too, in silence: who is told of deaths would cause another one."""
    assert bury(desk, type="dev.renga.platform.deadlettered.v1").status == 204
    assert len(listed(desk)) == 1


def test_no_reason_at_all(desk: Hosted) -> None:
    """What comes without a word of who did not take it is kept as well: here nothing may be lost."""
    answer = desk.deliver(b"\x00", header_content_type="application/octet-stream")
    assert (told(answer)["dest"], "code" in told(answer)) == ("", False)
    assert listed(desk, "service = ''")[0]["attributes"]["type"] == "test.asked.v1"


def test_filter_and_pages(desk: Hosted) -> None:
    """A filter asks for attributes and for what the desk knows; pages go on where one ended."""
    for number in range(5):
        bury(desk, str(number), size=str(number))
    assert [letter["attributes"]["id"] for letter in listed(desk, "size > 2")] == ["4", "3"]
    first = listed(desk, "service = 'schema-parse' AND reason LIKE 'No %'", limit=2)
    second = listed(desk, limit=9, before=first[-1]["number"])
    assert [letter["attributes"]["id"] for letter in (*first, *second)] == ["4", "3", "2", "1", "0"]
    refused = desk.call("GET", f"/letters?filter={quote('size >')}")
    assert (refused.status, b"CloudEvents SQL" in refused.body) == (422, True)


def test_marks(desk: Hosted) -> None:
    """A replay is marked by its number and what came of it; a filter then tells open letters from mended ones."""
    letter = told(bury(desk))["letter"]
    path = f"/letters/{letter}/replays/1"
    assert told(desk.call("PUT", path, '{"outcome": "well", "said": "Ja."}', content_type="application/json")) is True
    assert [found["id"] for found in listed(desk, "outcome = 'well' AND replays = 1")] == [letter]
    for body, content_type, status in (
        ('{"outcome": "fine"}', "application/json", 422),
        ('["well"]', "application/json", 415),
        ("{", "application/json", 400),
        ("outcome=well", "text/plain", 415),
    ):
        assert desk.call("PUT", path, body, content_type=content_type).status == status, body
    assert desk.call("PUT", "/letters/x/replays/1", '{"outcome": "well"}').status == 404
    assert desk.call("POST", path, "{}").headers["allow"] == "PUT"


def test_drop(desk: Hosted) -> None:
    """It is gone; when its event dies again it is there again, though the desk has seen it before."""
    letter = told(bury(desk))["letter"]
    assert desk.call("DELETE", f"/letters/{letter}").status == 200
    assert [desk.call(method, f"/letters/{letter}").status for method in ("GET", "DELETE")] == [404, 404]
    assert told(bury(desk))["letter"] == letter
    assert len(listed(desk)) == 1


def test_a_plain_call(desk: Hosted) -> None:
    """What is no event is told so."""
    assert desk.call("POST", "/", "{}", content_type="application/json").status == 400


def push(desk: Hosted, **attributes: str) -> Answer:
    """A message of the dead-letter topic, as a subscription pushes it."""
    event = {"ce_specversion": "1.0", "ce_id": "1", "ce_source": "/shop", "ce_type": SUBMITTED}
    subscription = "projects/p/subscriptions/platform-deadletter.renga-dead-letters"
    given = {"x_goog_pubsub_subscription_name": subscription, "content_type": "application/json"}
    return desk.call("POST", "/", b'{"n": 1}', **event | given | attributes)


def test_what_a_subscription_gave_up(start_desk: Callable[..., Hosted]) -> None:
    """A message that a policy forwarded tells its subscription, and is acknowledged only once the desk has said so."""
    desk = start_desk(K_SINK="http://127.0.0.1:1")
    policy = {
        "cloudpubsubdeadlettersourcesubscription": f"schema-parse.{SUBMITTED}",
        "cloudpubsubdeadlettersourcesubscriptionproject": "p",
        "cloudpubsubdeadlettersourcedeliverycount": "6",
    }
    assert push(desk, **policy).status == 503
    [letter] = listed(desk)
    attributes = letter["attributes"]
    assert (
        attributes["knativeerrordest"] == f"//pubsub.googleapis.com/projects/p/subscriptions/schema-parse.{SUBMITTED}"
    )
    assert listed(desk, "service = 'schema-parse' AND reason LIKE '%6 deliveries%'") == [letter]


def test_a_desk_whose_database_is_away(start_desk: Callable[..., Hosted]) -> None:
    """Brokers and subscriptions are asked to come again; that an attempt failed is not said, or it would go round."""
    published: list[Asked] = []

    async def take(request: Asked) -> Said:
        published.append(request)
        return Said(202, {})

    with scripted(take) as sink:
        desk = start_desk(DEADLETTER_DATABASE="postgresql://renga:secret@127.0.0.1:1/nothing", K_SINK=sink)
        for answer in (bury(desk), push(desk)):
            assert (answer.status, answer.headers["retry-after"]) == (503, "1")
            assert b"secret" not in answer.body
        assert desk.call("GET", "/letters").status == 503
        assert desk.stop() == 0
    assert published == []


@pytest.mark.connected
def test_replicas_on_postgresql(postgres_database: str, start_desk: Callable[..., Hosted]) -> None:
    """With PostgreSQL replicas share one desk."""
    here, there = (start_desk(DEADLETTER_DATABASE=postgres_database) for _ in range(2))
    letter = told(bury(here))["letter"]
    assert told(bury(there))["letter"] == letter
    assert [found["came"] for found in listed(there)] == [1]
    assert there.call("DELETE", f"/letters/{letter}").status == 200
    assert listed(here) == []


@pytest.mark.parametrize("url", ["mysql://user:secret@host/db", "nonsense"])
def test_a_wrong_setting(failed_start: Callable[..., "subprocess.CompletedProcess[bytes]"], url: str) -> None:
    """A database that no letter can be kept in is refused before the port is bound, and no password is shown."""
    started = failed_start("platform/deadletter", DEADLETTER_DATABASE=url)
    assert started.returncode == 1
    assert b"DEADLETTER_DATABASE has the scheme" in started.stderr
    assert b"secret" not in started.stderr
