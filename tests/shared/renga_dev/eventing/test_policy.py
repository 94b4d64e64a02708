"""Attempts, waits and which delivery block holds: rules D3-D6."""

from typing import Any

import pytest

from renga_dev.eventing.policy import Policy, Profile, policy_of

FIVE = range(1, 6)


@pytest.mark.rule("D3")
@pytest.mark.parametrize(
    ("broker_delivery", "trigger_delivery", "attempts"),
    [(None, None, 11), ({}, None, 1), ({"retry": 2}, None, 3), ({"retry": 2}, {}, 1), ({"retry": 2}, {"retry": 4}, 5)],
)
def test_attempts(
    *, manifests: Any, broker: Any, trigger: Any, broker_delivery: Any, trigger_delivery: Any, attempts: int
) -> None:
    """One attempt and `retry` more; a Broker without a delivery block has the cluster's ten."""
    read = manifests([broker(delivery=broker_delivery), trigger(delivery=trigger_delivery)])
    policy = policy_of(read.triggers[0], next(iter(read.brokers.values())), "mt")
    assert next(failed for failed in range(1, 99) if not policy.may_retry(failed)) == attempts


@pytest.mark.rule("D3")
def test_default_of_a_broker(manifests: Any, broker: Any, trigger: Any) -> None:
    """The cluster's default waits 0.2 s and doubles: 204.6 s over all eleven attempts."""
    read = manifests([broker(), trigger()])
    policy = policy_of(read.triggers[0], next(iter(read.brokers.values())), "mt")
    assert sum(policy.wait_s(failed) for failed in range(1, 11)) == pytest.approx(204.6)


@pytest.mark.rule("D4")
@pytest.mark.parametrize(
    ("profile", "backoff", "waits"),
    [
        ("mt", "exponential", [1, 2, 4, 8, 16]),
        ("mt", "linear", [0, 1, 2, 3, 4]),
        ("mt", None, [0, 0, 0, 0, 0]),
        ("kafka", "exponential", [2, 4, 8, 16, 32]),
        ("kafka", "linear", [1, 2, 3, 4, 5]),
        ("kafka", None, [2, 4, 8, 16, 32]),
    ],
)
def test_waits(profile: Profile, backoff: Any, waits: list[int]) -> None:
    """The two dispatchers count differently: Go from nought, Kafka's from one."""
    policy = Policy(profile, retry=5, backoff=backoff, delay_s=1.0)
    assert [policy.wait_s(failed) for failed in FIVE] == waits


def test_wait_after_very_many_attempts_is_a_number() -> None:
    """The wait has no cap, and yet does not overflow."""
    assert Policy("mt", retry=5000, backoff="exponential", delay_s=1.0).wait_s(5000) > 1e18


@pytest.mark.rule("D5")
@pytest.mark.parametrize(
    ("profile", "written", "seconds"),
    [("mt", None, None), ("mt", "PT1M30S", 90.0), ("kafka", None, 600.0), ("kafka", "PT0.5S", 0.5)],
)
def test_timeout(
    *, manifests: Any, broker: Any, trigger: Any, profile: Profile, written: str | None, seconds: float | None
) -> None:
    """Timeouts are ISO 8601 periods; without one Go waits for ever and Kafka's dispatcher ten minutes."""
    read = manifests([broker(delivery={"timeout": written} if written else {}), trigger()])
    assert policy_of(read.triggers[0], next(iter(read.brokers.values())), profile).timeout_s == seconds


@pytest.mark.rule("D6")
def test_delivery_of_a_trigger_replaces_the_brokers_whole(manifests: Any, broker: Any, trigger: Any) -> None:
    """Nothing of the Broker's block is left where the Trigger has one: not even the dead-letter sink."""
    whole = {"retry": 3, "backoffPolicy": "linear", "backoffDelay": "PT1S", "timeout": "PT5S", "deadLetterSink": "sink"}
    read = manifests([broker(delivery=whole), trigger(delivery={"retry": 1})])
    assert policy_of(read.triggers[0], next(iter(read.brokers.values())), "mt") == Policy("mt", retry=1)
