"""How often, how far apart and in which form an event is delivered (rules D3-D6), by delivery profile."""

from dataclasses import dataclass
from typing import Literal

from renga_dev.manifests.model import Broker, Delivery, Destination, Trigger

Profile = Literal["mt", "kafka"]
"""`mt`: the default Broker on in-memory channels. `kafka`: the Broker for Apache Kafka."""

DEFAULT_BROKER_DELIVERY = Delivery(retry=10, backoff_policy="exponential", backoff_delay=0.2)
"""What the cluster's defaults give a Broker that has no `spec.delivery`."""
KAFKA_TIMEOUT_S = 600.0
_MAX_DOUBLINGS = 62


@dataclass(frozen=True, slots=True)
class Policy:
    """One Trigger's delivery in full."""

    profile: Profile
    retry: int = 0
    backoff: Literal["linear", "exponential"] | None = None
    delay_s: float = 0.0
    timeout_s: float | None = None
    """Of each attempt; None is no limit."""
    structured: bool = False
    """JSON format instead of binary mode."""
    dead_letter_sink: Destination | None = None

    def may_retry(self, failed: int) -> bool:
        """Whether another attempt follows `failed` failed ones."""
        return failed <= self.retry

    def wait_s(self, failed: int) -> float:
        """Seconds between the `failed`-th failed attempt, counted from 1, and the next one (rule D4)."""
        doublings = failed - 1 if self.profile == "mt" else failed
        if self.backoff == "linear":
            return self.delay_s * doublings
        # In Go no policy is no wait; to the Kafka dispatcher, exponential is what an unset policy reads as.
        if self.backoff is None and self.profile == "mt":
            return 0.0
        return self.delay_s * 2.0 ** min(doublings, _MAX_DOUBLINGS)


def policy_of(trigger: Trigger, broker: Broker, profile: Profile) -> Policy:
    """The delivery of a Trigger: its own block, which replaces the Broker's whole, or the Broker's (rules D3, D6)."""
    delivery = trigger.delivery or broker.delivery or DEFAULT_BROKER_DELIVERY
    return Policy(
        profile=profile,
        retry=delivery.retry or 0,
        backoff=delivery.backoff_policy,
        delay_s=delivery.backoff_delay or 0.0,
        timeout_s=delivery.timeout or (KAFKA_TIMEOUT_S if profile == "kafka" else None),
        structured=delivery.format == "json",
        dead_letter_sink=delivery.dead_letter_sink,
    )
