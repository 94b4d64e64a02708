"""The topics and subscriptions of a project: what Terraform makes in a cloud and `renga up` in the emulator.

Fields are named as the Terraform resources `google_pubsub_topic` and `google_pubsub_subscription` name them.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from renga.faults import faults
from renga.pubsub.message import DEAD_LETTERS, topic_of
from renga_dev.wiring.discovery import Function, Standing

PATH = "events/pubsub.json"

_SHORTEST_DEADLINE_S, _LONGEST_DEADLINE_S = 10, 600
_STARTING_S = 10
"""A push waits for a function that is asleep, and its time counts meanwhile."""
_ATTEMPTS, _PATIENT_ATTEMPTS = 6, 11
"""As on Knative: five retries, and ten of what hears everything. Pub/Sub takes 5 to 100."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RetryPolicy(_Part):
    """How long an unacknowledged message waits."""

    minimum_backoff: str = "1s"
    maximum_backoff: str = "60s"


class Subscription(_Part):
    """One push subscription."""

    name: str
    """`SERVICE.TOPIC`: what comes before the first dot is whose it is."""
    topic: str
    service: str
    """The Knative Service that it pushes to."""
    function: str
    """`schema/parse`."""
    ack_deadline_seconds: int
    retry_policy: RetryPolicy = RetryPolicy()
    max_delivery_attempts: int | None = None
    """After these it goes to `dead_letter_topic`; None: it is pushed until it expires."""
    expiration_ttl: Literal[""] = ""
    """Never; Pub/Sub itself would drop an idle subscription after a month, and all that is in it."""


class Publisher(_Part):
    """What one function may publish."""

    service: str
    """The Knative Service, and the Kubernetes service account that it runs as."""
    function: str
    """`schema/parse`."""
    topics: tuple[str, ...]


class Table(_Part):
    """Everything of a project."""

    topics: tuple[str, ...]
    dead_letter_topic: str = DEAD_LETTERS
    publishers: tuple[Publisher, ...]
    subscriptions: tuple[Subscription, ...]
    services: tuple[str, ...] = ()
    """The Knative Services beside the functions. They say and hear nothing; a cloud has a place for their images."""


class NoTable(ValueError):  # noqa: N818 - says what is the case
    """A project has no such table, or one that cannot be read."""


def table(functions: Iterable[Function], types: Iterable[str], standing: Iterable[Standing] = ()) -> Table:
    """The table that follows from the annotations.

    There is one topic per event type, one subscription per type and consumer, one publisher per function that speaks.

    Raises:
        ValueError: a type cannot be a topic.
    """
    functions, topics = tuple(functions), tuple(sorted(map(topic_of, types)))
    found: list[Subscription] = []
    publishers: list[Publisher] = []
    for function in functions:
        consumed = topics if function.hears_everything else sorted(map(topic_of, function.consumes))
        attempts = _PATIENT_ATTEMPTS if function.hears_everything else _ATTEMPTS
        found += [_subscription(function, topic, attempts) for topic in consumed]
        if function.takes_dead_letters:
            # What it cannot keep stays in its subscription and comes again.
            found.append(_subscription(function, DEAD_LETTERS, None))
        said = {topic_of(ce_type) for ce_type in function.says}
        # What is woken by events buries what it rejects.
        said |= {DEAD_LETTERS} if function.accepts else set()
        if said:
            publishers.append(Publisher(service=function.service, function=function.name, topics=tuple(sorted(said))))
    services = tuple(each.service for each in standing)
    return Table(topics=topics, publishers=tuple(publishers), subscriptions=tuple(found), services=services)


def as_json(found: Table) -> str:
    """The table as it is committed."""
    return found.model_dump_json(indent=2) + "\n"


def read(project: Path) -> Table:
    """The committed table of a project.

    Raises:
        NoTable: there is none, or it cannot be read.
    """
    path = project / PATH
    try:
        return Table.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise NoTable(f"{path} is not there: `renga wiring` writes it.") from None
    except ValidationError as error:
        raise NoTable(f"{path} is no table of topics: {faults(error)}. `renga wiring` writes it anew.") from None


def _subscription(function: Function, topic: str, attempts: int | None) -> Subscription:
    deadline = min(max(function.deployment.timeout_s + _STARTING_S, _SHORTEST_DEADLINE_S), _LONGEST_DEADLINE_S)
    return Subscription(
        name=f"{function.service}.{topic}",
        topic=topic,
        service=function.service,
        function=function.name,
        ack_deadline_seconds=deadline,
        max_delivery_attempts=attempts,
    )
