"""What keeps `renga up` from starting."""

from typing import Any

import pytest

from renga_dev.eventing.policy import Profile
from renga_dev.eventing.routes import Routes, Unroutable
from renga_dev.manifests import BrokerName

CHANNEL = {"ref": {"apiVersion": "messaging.knative.dev/v1", "kind": "Channel", "name": "c"}}


def test_every_trigger_that_cannot_be_served_is_named(manifests: Any, broker: Any, trigger: Any) -> None:
    """One error names each Trigger and its reason: a subscriber, a dead-letter sink."""
    documents = [
        broker(),
        trigger("good"),
        trigger("lost", CHANNEL),
        trigger("careless", delivery={"deadLetterSink": CHANNEL}),
    ]
    with pytest.raises(Unroutable) as caught:
        Routes(manifests(documents), "mt", lambda _: 1)
    lines = str(caught.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "Trigger default/lost",
        "Trigger default/careless",
    ]
    assert "subscriber" in lines[0]
    assert "dead-letter sink" in lines[1]


@pytest.mark.parametrize(
    ("profile", "asynchronous", "synchronous"),
    [("mt", True, False), ("mt", False, True), ("kafka", True, False), ("kafka", False, False)],
)
def test_which_brokers_are_synchronous(
    manifests: Any, broker: Any, profile: Profile, asynchronous: bool, synchronous: bool
) -> None:
    """Only the default Broker without the annotation is."""
    routes = Routes(manifests([broker(asynchronous=asynchronous)]), profile, lambda _: 1)
    assert routes.brokers[BrokerName("default", "default")].synchronous is synchronous


def test_triggers_with_one_subscriber_share_its_lane(manifests: Any, broker: Any, trigger: Any) -> None:
    """What leads to one Service is bounded together, and what leads elsewhere is not."""
    documents = [broker(), trigger("one", "a"), trigger("two", "a"), trigger("three", "b")]
    outlets = Routes(manifests(documents), "mt", lambda _: 1).outlets
    one, two, three = (outlets[f"default/{name}", False] for name in ("one", "two", "three"))
    assert one.lane is two.lane
    assert one.lane is not three.lane
