"""The table of topics and subscriptions."""

from pathlib import Path

import pytest

from renga.contract import Deployment
from renga.service import Service
from renga_dev.pubsub.table import PATH, NoTable, as_json, read, table
from renga_dev.wiring.discovery import DEAD_LETTERS, EVERYTHING, Declared, Function, Standing


def function(name: str, *accepts: str, emits: tuple[str, ...] = (), timeout_s: int = 60) -> Function:
    """A function that takes these types and answers with those."""
    declared = tuple(Declared(ce_type, "shop.events") for ce_type in accepts)
    answers = tuple(Declared(ce_type, "shop.events") for ce_type in emits)
    deployment = Deployment(timeout_s=timeout_s)
    return Function(name, "handle", "Test.", declared, answers, False, None, (), deployment)


TYPES = ["shop.sold.v1", "shop.paid.v1"]


def test_one_subscription_per_type_and_consumer() -> None:
    """Each type is a topic; each consumer has a subscription of its own, named after both."""
    found = table([function("shop/ship", *TYPES), function("shop/thank", "shop.sold.v1")], TYPES)
    assert found.topics == ("shop.paid.v1", "shop.sold.v1")
    assert [(each.name, each.topic, each.function) for each in found.subscriptions] == [
        ("shop-ship.shop.paid.v1", "shop.paid.v1", "shop/ship"),
        ("shop-ship.shop.sold.v1", "shop.sold.v1", "shop/ship"),
        ("shop-thank.shop.sold.v1", "shop.sold.v1", "shop/thank"),
    ]
    assert {each.max_delivery_attempts for each in found.subscriptions} == {6}


def test_who_hears_everything() -> None:
    """It has every topic."""
    found = table([function("platform/ledger", EVERYTHING)], TYPES).subscriptions
    assert [(each.topic, each.max_delivery_attempts) for each in found] == [("shop.paid.v1", 11), ("shop.sold.v1", 11)]


def test_who_keeps_dead_letters() -> None:
    """It has the dead letters and nothing else, and nobody buries them a second time."""
    found = table([function("platform/desk", DEAD_LETTERS)], TYPES).subscriptions
    assert [(each.topic, each.max_delivery_attempts) for each in found] == [("renga-dead-letters", None)]


FAILED, DEAD = "dev.renga.platform.attempt.failed.v1", "renga-dead-letters"


@pytest.mark.parametrize(
    ("accepts", "emits", "topics"),
    [
        (("shop.sold.v1",), ("shop.paid.v1",), (FAILED, DEAD, "shop.paid.v1")),
        ((), ("shop.sold.v1",), (FAILED, "shop.sold.v1")),
        ((EVERYTHING,), (), (DEAD,)),
        ((DEAD_LETTERS,), ("shop.lost.v1",), (DEAD, "shop.lost.v1")),
    ],
    ids=["takes and answers", "a door", "hears everything", "keeps dead letters"],
)
def test_who_publishes_what(accepts: tuple[str, ...], emits: tuple[str, ...], topics: tuple[str, ...]) -> None:
    """A function may publish its answers, that it failed, and what it rejects of the events that wake it."""
    (found,) = table([function("shop/ship", *accepts, emits=emits)], TYPES).publishers
    assert (found.service, found.topics) == ("shop-ship", topics)


@pytest.mark.parametrize(("timeout_s", "deadline"), [(1, 11), (60, 70), (600, 600)])
def test_deadline(timeout_s: int, deadline: int) -> None:
    """A push is waited for as long as its function may take, and takes to start, within what Pub/Sub allows."""
    (found,) = table([function("a/b", "shop.sold.v1", timeout_s=timeout_s)], TYPES).subscriptions
    assert found.ack_deadline_seconds == deadline


def test_a_type_that_is_no_topic() -> None:
    """A type that Pub/Sub cannot have is named before anything is written."""
    with pytest.raises(ValueError, match=r"google\.x"):
        table([], ["google.x"])


def test_services_beside_the_functions() -> None:
    """They say and hear nothing, and are named for whoever makes places for images."""
    inference = Standing("shop/inference", "Test.", Service(("serve",), "/ready", "/live"))
    found = table([], TYPES, [inference])
    assert (found.services, found.publishers, found.subscriptions) == (("shop-inference",), (), ())


def test_as_committed(tmp_path: Path) -> None:
    """What was written is what is read; what is missing or broken says how to mend it."""
    made = table([function("shop/ship", *TYPES)], TYPES)
    with pytest.raises(NoTable, match="renga wiring"):
        read(tmp_path)
    path = tmp_path / PATH
    path.parent.mkdir()
    path.write_text(as_json(made))
    assert read(tmp_path) == made
    path.write_text('{"topics": []}')
    with pytest.raises(NoTable, match="subscriptions"):
        read(tmp_path)
