"""What the runtime knows of a Knative Service, Broker, Trigger and SinkBinding. Times are seconds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal

from renga_dev.calls import ServiceName


@dataclass(frozen=True, slots=True)
class BrokerName:
    """A Broker by namespace and name."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True)
class Reference:
    """Another object, as `ref` names it; the namespace is filled in."""

    api_version: str
    kind: str
    namespace: str
    name: str

    @property
    def service(self) -> ServiceName | None:
        """The Knative Service it names, if it names one."""
        is_service = self.kind == "Service" and self.api_version.startswith("serving.knative.dev/")
        return ServiceName(self.namespace, self.name) if is_service else None

    @property
    def broker(self) -> BrokerName | None:
        """The Broker it names, if it names one."""
        is_broker = self.kind == "Broker" and self.api_version.startswith("eventing.knative.dev/")
        return BrokerName(self.namespace, self.name) if is_broker else None


@dataclass(frozen=True, slots=True)
class Destination:
    """Where events go: an object, an absolute URI, or an object with a URI relative to its address."""

    ref: Reference | None = None
    uri: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One `delivery` block as it was written; what is absent stays None."""

    retry: int | None = None
    backoff_policy: Literal["linear", "exponential"] | None = None
    backoff_delay: float | None = None
    timeout: float | None = None
    dead_letter_sink: Destination | None = None
    format: Literal["json", "binary"] | None = None


@dataclass(frozen=True, slots=True)
class Exact:
    """Every attribute has exactly this value."""

    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Prefix:
    """Every attribute starts so."""

    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Suffix:
    """Every attribute ends so."""

    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class All:
    """Every nested filter passes."""

    filters: "tuple[Filter, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one nested filter passes."""

    filters: "tuple[Filter, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """The nested filter does not pass."""

    filter: "Filter"


@dataclass(frozen=True, slots=True)
class CeSql:
    """A CloudEvents SQL expression."""

    expression: str


Filter = Exact | Prefix | Suffix | All | AnyOf | Not | CeSql


@dataclass(frozen=True, slots=True)
class Broker:
    """An `eventing.knative.dev/v1` Broker."""

    name: BrokerName
    broker_class: str
    delivery: Delivery | None
    """None where it was not written: the cluster's default applies (rule D3)."""
    asynchronous: bool
    """`messaging.knative.dev/async-handler: "true"`: accept first, deliver then (rule B5)."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """An `eventing.knative.dev/v1` Trigger."""

    namespace: str
    name: str
    broker: BrokerName
    filters: tuple[Filter, ...]
    """`spec.filters`; where it is not empty, `attributes` is not looked at (rule F1)."""
    attributes: Mapping[str, str]
    """The older `spec.filter.attributes`."""
    subscriber: Destination
    delivery: Delivery | None

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True)
class SinkBinding:
    """A `sources.knative.dev/v1` SinkBinding whose subject is a Knative Service."""

    namespace: str
    name: str
    subject: ServiceName | None
    subject_labels: Mapping[str, str]
    """Where there is no subject by name: the labels of the Services that are meant."""
    sink: Destination
    extensions: Mapping[str, str]
    """`ceOverrides.extensions`: attributes that every event sent there shall carry."""

    def binds(self, service: "Service") -> bool:
        """Whether this Service is meant."""
        if self.subject is not None:
            return self.subject == service.name
        same_namespace = self.namespace == service.name.namespace
        return same_namespace and all(service.labels.get(key) == value for key, value in self.subject_labels.items())


@dataclass(frozen=True, slots=True)
class Probe:
    """A readiness probe; without a path it only connects."""

    path: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    success_threshold: int = 1
    initial_delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Container:
    """The one container of a revision, as far as a process can stand for it."""

    image: str
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    readiness: Probe = Probe()
    slow: bool = False
    """Whether a startup probe says that its start takes its time."""


DEFAULT_BURST = 211.0
"""The cluster's default `target-burst-capacity`."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """The `autoscaling.knative.dev/*` annotations of a revision."""

    min_scale: int = 0
    max_scale: int = 0
    """0: no limit was written."""
    activation_scale: int = 1
    target: float | None = None
    """Requests in flight per replica that are aimed at, before utilization."""
    utilization: float = 0.7
    burst: float = DEFAULT_BURST
    """Requests at once; where replicas have no room for so many more, the activator takes them. -1: always."""
    window: float = 60.0
    panic_window: float = 6.0
    panic_threshold: float = 2.0
    retention: float = 0.0
    """How long the last replica stays after the decision for zero."""


@dataclass(frozen=True, slots=True)
class Service:
    """A `serving.knative.dev/v1` Service."""

    name: ServiceName
    source: str
    labels: Mapping[str, str]
    function: PurePosixPath | None
    """`renga.dev/function`: the folder below functions/, such as schema/parse."""
    container: Container
    scaling: Scaling = Scaling()
    concurrency: int = 0
    """`containerConcurrency`; 0 is no limit."""
    timeout: float = 300.0
    response_start_timeout: float | None = None
    idle_timeout: float | None = None
    progress_deadline: float = 600.0


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something in the manifests that a cluster would act on and this runtime does not."""

    source: str
    thing: str
    reason: str

    def __str__(self) -> str:
        return f"{self.source}: {self.thing}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Manifests:
    """Everything the runtime acts on."""

    services: Mapping[ServiceName, Service]
    brokers: Mapping[BrokerName, Broker]
    triggers: tuple[Trigger, ...]
    sink_bindings: tuple[SinkBinding, ...]
    skipped: tuple[Skipped, ...]
