"""Knative's contract as a table: what is set up, what is sent and what must be seen, without a word about who runs it.

Files of rows are YAML. A string that begins with `at:` in a spec is the address of a receiver of that row. Where
Brokers differ by class, `kafka` holds what is different for the Broker for Apache Kafka; where the laptop differs from
Knative on purpose, `knative` holds what Knative shows in its place.
"""

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict

from contract.receiver import Answer, AttributeValue

Profile = Literal["mt", "kafka"]
Engine = Literal["laptop", "knative"]
Json = dict[str, Any]
CASES = Path(__file__).parents[2] / "contract" / "cases"
EVENT: dict[str, AttributeValue] = {"specversion": "1.0", "source": "/contract", "type": "asked.v1"}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Reply(_Part):
    """What a request must be answered with."""

    status: int = 202
    headers: dict[str, str | None] = {}
    """Exact, or `/regular expression/`; None: it must not be there."""
    body: str | None = None
    """Likewise; None: it does not matter."""
    took_s: tuple[float, float] | None = None
    """The least and the most seconds."""


class Sent(_Part):
    """One request to the Broker: an event unless `raw`."""

    method: str = "POST"
    path: str = "/{namespace}/{broker}"
    event: dict[str, AttributeValue | None] = {}
    """Attributes over those of EVENT and an id of its own; None takes one away."""
    mode: Literal["binary", "structured", "raw"] = "binary"
    headers: dict[str, str] = {}
    data: str = '{"n": 1}'
    after: str = ""
    """A receiver that has heard all that was sent before."""
    answered: Reply = Reply()


class Seen(_Part):
    """What a receiver must have got in the end."""

    times: int = 1
    waits_s: list[tuple[float, float]] = []
    """Between one request and the next: the least and the most seconds."""
    headers: dict[str, str | None] = {}
    """Of every request, as in Reply."""
    body: str | None = None
    order: list[str] = []
    """The ids of the events, request by request."""


class Row(_Part):
    """One rule, or one side of one, of eventing."""

    id: str
    rule: str
    """`D7`, as the reference numbers them."""
    says: str
    """One sentence."""
    broker: Json = {"delivery": {"retry": 0}}
    """Its spec."""
    annotations: dict[str, str] = {}
    """The Broker's."""
    triggers: dict[str, Json] = {"handler": {}}
    """Specs by name, without Broker; the subscriber is the receiver of that name unless the spec has one."""
    answers: dict[str, list[Answer]] = {}
    """Scripts by receiver; one without answers 200 and nothing."""
    send: list[Sent] = [Sent()]
    seen: dict[str, Seen] = {}
    """By receiver."""
    kafka: Json = {}
    knative: Json = {}

    def under(self, profile: Profile, engine: Engine = "laptop") -> "Row":
        """The row as it holds there."""
        content = self.model_dump(exclude={"kafka", "knative"}, exclude_unset=True)
        if profile == "kafka":
            content = _over(content, self.kafka)
        if engine == "knative":
            content = _over(content, self.knative)
        return Row.model_validate(content)

    def manifests(self, namespace: str, at: str) -> list[Json]:
        """The row's Broker and Triggers; `at` is the receiver's URL."""
        broker = {"name": self.id, "namespace": namespace, "annotations": self.annotations}
        objects = [{"apiVersion": "eventing.knative.dev/v1", "kind": "Broker", "metadata": broker, "spec": self.broker}]
        for name, spec in self.triggers.items():
            whole = {"broker": self.id, "subscriber": {"uri": f"at:{name}"}} | spec
            metadata = {"name": f"{self.id}-{name}".lower(), "namespace": namespace}
            trigger = {"apiVersion": "eventing.knative.dev/v1", "kind": "Trigger", "metadata": metadata, "spec": whole}
            objects.append(trigger)
        return [_addressed(item, f"{at}/{self.id}/") for item in objects]


class Call(_Part):
    """Requests to a Service, all at once, or a wait before the next."""

    path: str = ""
    """Of the workload; empty: no request."""
    times: int = 1
    until: bool = False
    """Made again and again, until it is answered so."""
    headers: dict[str, str] = {}
    after_s: float = 0.0
    """Before it is made."""
    asleep: bool = False
    """After as much longer as whoever runs it takes to stop what is idle."""
    statuses: dict[int, int] = {200: 1}
    """How many answers have which status."""
    looks: dict[str, str | None] = {}
    """What the workload saw, by dotted path, as in Reply's headers."""
    body: str | None = None
    process: Literal["same", "other", "several"] | None = None
    """Who answered, beside the call before; `several`: not all the same."""
    took_s: tuple[float, float] | None = None
    """Of the slowest."""


class ServingRow(_Part):
    """One rule, or one side of one, of serving."""

    id: str
    rule: str
    says: str
    template: Json = {}
    """Of the revision's spec, beside the container."""
    container: Json = {}
    env: dict[str, str] = {}
    annotations: dict[str, str] = {}
    """Autoscaling's, without their prefix."""
    calls: list[Call]
    knative: Json = {}
    """What stands in the place of the fields above there."""
    why: str = ""
    """The laptop is another on purpose."""

    def under(self, engine: Engine) -> "ServingRow":
        """The row as it holds there."""
        return ServingRow.model_validate(self.model_dump() | (self.knative if engine == "knative" else {}))

    def manifest(self, namespace: str, container: Json) -> Json:
        """The row's Service; `container` is the workload's image, and its command where that is needed."""
        notes = {f"autoscaling.knative.dev/{name}": value for name, value in self.annotations.items()}
        env = [{"name": name, "value": value} for name, value in self.env.items()]
        spec = {"containers": [container | {"env": env} | self.container], **self.template}
        return {
            "apiVersion": "serving.knative.dev/v1",
            "kind": "Service",
            "metadata": {"name": self.id, "namespace": namespace},
            "spec": {"template": {"metadata": {"annotations": notes}, "spec": spec}},
        }


class AdmissionRow(_Part):
    """Manifests that a cluster refuses."""

    id: str
    rule: str = "F7"
    says: str
    objects: list[Json]
    refused: str
    """What the refusal must name."""


def events() -> list[Row]:
    """The rows of eventing."""
    return [Row.model_validate(row) for name in ("ingress", "filters", "delivery") for row in _read(name)]


def serving() -> list[ServingRow]:
    """The rows of serving."""
    return [ServingRow.model_validate(row) for row in _read("serving")]


def admission() -> list[AdmissionRow]:
    """The rows about what is refused before anything runs."""
    return [AdmissionRow.model_validate(row) for row in _read("admission")]


def _read(name: str) -> list[Json]:
    found: list[Json] = yaml.safe_load((CASES / f"{name}.yaml").read_text())
    return found


def _over(content: Any, change: Any) -> Any:
    """Maps are merged, and so are lists of the same length, item by item; anything else is replaced."""
    if isinstance(content, dict) and isinstance(change, dict):
        return content | {name: _over(content.get(name), value) for name, value in change.items()}
    if isinstance(content, list) and isinstance(change, list) and len(content) == len(change):
        return [_over(item, other) for item, other in zip(content, change, strict=True)]
    return change


def _addressed(value: Any, base: str) -> Any:
    if isinstance(value, dict):
        return {name: _addressed(item, base) for name, item in value.items()}
    if isinstance(value, list):
        return [_addressed(item, base) for item in value]
    return base + value[3:] if isinstance(value, str) and value.startswith("at:") else value
