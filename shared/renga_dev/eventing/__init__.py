"""Brokers and Triggers on a laptop: Knative's delivery rules over an event log that survives being killed."""

from renga.deadletters import Failure
from renga_dev.eventing.attempts import Attempt, Meaning, Observer
from renga_dev.eventing.engine import Eventing
from renga_dev.eventing.ingress import Refused
from renga_dev.eventing.log import LogVersion, Retention
from renga_dev.eventing.policy import Profile
from renga_dev.eventing.records import DeliveryRecord, State
from renga_dev.eventing.routes import Unroutable

__all__ = [
    "Attempt", "DeliveryRecord", "Eventing", "Failure", "LogVersion", "Meaning", "Observer", "Profile", "Refused",
    "Retention", "State", "Unroutable",
]  # fmt: skip
