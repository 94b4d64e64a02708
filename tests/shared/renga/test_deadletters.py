"""A dead letter says what went wrong, and is told apart from its event and from other letters."""

from dataclasses import replace

import pytest

from renga.deadletters import PUBSUB, Failure, death, letter_id, original, quoted, with_failure
from renga.wire import WireEvent
from renga_events.envelope import AttributeValue, Envelope

PARSE = "http://schema-parse.default.svc.cluster.local"


def event(data: bytes | None = b'{"n": 1}', **extensions: AttributeValue) -> WireEvent:
    """An event."""
    return WireEvent(Envelope("1", "/shop", "shop.sold.v1", extensions=extensions), data)


def dead(alive: WireEvent, dest: str = PARSE) -> WireEvent:
    """Its dead letter."""
    return with_failure(alive, Failure(dest, 422, quoted(b'{"detail": "No."}')))


def test_what_a_dead_letter_tells() -> None:
    """Who did not take it, the last status, and what was said, as text."""
    failure = Failure.of(dead(event()).envelope)
    assert failure is not None
    assert (failure.service, failure.code, failure.reason, failure.is_of_answer) == ("schema-parse", 422, "No.", False)
    assert Failure.of(event().envelope) is None


@pytest.mark.parametrize(
    ("dest", "service"),
    [
        (PARSE, "schema-parse"),
        (f"//{PUBSUB}/projects/p/subscriptions/schema-parse.dev.renga.schema.submitted.v1", "schema-parse"),
        ("https://hooks.example.org/notify", "hooks"),
        ("http://broker-ingress.knative-eventing.svc.cluster.local/default/default", "broker-ingress"),
        ("", ""),
    ],
)
def test_service(dest: str, service: str) -> None:
    """The Service is in a subscriber's host, or in the name of a subscription."""
    assert Failure(dest).service == service


@pytest.mark.parametrize("code", ["none", "-1", "9" * 40])
def test_a_code_that_is_none(code: str) -> None:
    """What is no number is not taken for one."""
    failure = Failure.of(event(knativeerrordest=PARSE, knativeerrorcode=code).envelope)
    assert failure is not None
    assert failure.code is None


def test_the_original() -> None:
    """It has its own extensions and nothing of what went wrong."""
    alive = event(correlationid="r", depth=3)
    letter = dead(alive)
    on_its_way = letter._replace(
        envelope=replace(letter.envelope, extensions={**letter.envelope.extensions, "knativebrokerttl": 254})
    )
    assert original(on_its_way) == alive


def test_the_same_letter() -> None:
    """One event that one function did not take is one letter, also after a transport wrote its JSON anew."""
    assert letter_id(dead(event(b'{"n": 1}'))) == letter_id(dead(event(b'{"n":1}', replayof="x")))


def test_other_letters() -> None:
    """Another function, another event, or other data under the same identity make another letter."""
    other_id = event()._replace(envelope=replace(event().envelope, id="2"))
    letters = [dead(event()), dead(event(), "http://b.default.svc.cluster.local"), dead(event(b"2")), dead(other_id)]
    assert len({letter_id(letter) for letter in letters}) == 4


def test_deaths() -> None:
    """An event dies once by one hand, and once more after each replay; what is alive has not died."""
    assert death(event()) is None
    assert death(dead(event())) == death(dead(event()))
    assert len({death(dead(event(rengareplays=number))) for number in (0, 1, 2)}) == 3
