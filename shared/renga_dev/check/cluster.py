"""What rules look at: rendered manifests, what the handlers behind them do, and Pub/Sub's table.

Services are read here for what a cluster makes of them, and not by the reader of the local runtime, which refuses what
one machine cannot do. Whatever does not have the shape that it should is passed over: schemas tell of that.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from renga_dev.calls import ServiceName
from renga_dev.manifests import DEFAULT_NAMESPACE, Document, Fault, Manifests, read
from renga_dev.pubsub.table import Subscription

SERVING, EVENTING, SOURCES = "serving.knative.dev", "eventing.knative.dev", "sources.knative.dev"


class Identity(NamedTuple):
    """An object: API group (empty for Kubernetes' core), kind, namespace, name."""

    group: str
    kind: str
    namespace: str
    name: str


class Toleration(NamedTuple):
    """Of a taint of nodes."""

    key: str | None
    """None: of every taint."""
    operator: str
    value: str | None
    effect: str | None

    def covers(self, key: str, value: str, effect: str) -> bool:
        """Whether a pod may run in spite of this taint."""
        same_value = self.operator == "Exists" or self.value == value
        return self.key in {None, key} and same_value and self.effect in {None, effect}


class Probe(NamedTuple):
    """Of a container, as far as Knative judges it; None is what was not written."""

    name: str
    """`readinessProbe`, `livenessProbe` or `startupProbe`."""
    handlers: tuple[str, ...]
    period: int | None
    timeout: int | None
    failures: int | None
    successes: int | None
    has_port: bool
    """Whether its way to ask names a port, or asks by something else than one."""


@dataclass(frozen=True, slots=True)
class Container:
    """One container of a Service."""

    image: str
    env: Mapping[str, str | None]
    """Values; None for one that is by reference."""
    limits: Mapping[str, str]
    probes: tuple[Probe, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """A Knative Service."""

    name: ServiceName
    source: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    """Of the template."""
    function: str | None
    """`schema/parse`."""
    account: str | None
    timeout: int
    node_selector: Mapping[str, str]
    tolerations: tuple[Toleration, ...]
    fields: frozenset[str]
    """Of the pod: what was written."""
    containers: tuple[Container, ...]

    def __str__(self) -> str:
        return f"Service {self.name}"

    def env(self, name: str) -> bool:
        """Whether a variable is set, by a value or by reference."""
        return any(container.env.get(name, "") != "" for container in self.containers)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a function's handler does with what it is given."""

    function: str
    """`schema/parse`."""
    takes: frozenset[str]
    """Types; empty for a door."""
    answers: frozenset[str]
    may_be_silent: bool
    takes_dead_letters: bool = False


@dataclass(frozen=True, slots=True)
class Project:
    """What manifests do not say themselves."""

    behaviours: Mapping[str, Behaviour] = field(default_factory=dict)
    """By function."""
    begins: frozenset[str] = frozenset()
    """Types that come from outside."""
    ends: frozenset[str] = frozenset()
    """Types after which nothing is waited for: they end a run, or are said beside it."""
    subscriptions: tuple[Subscription, ...] = ()
    """Of Pub/Sub."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Everything together."""

    services: Mapping[ServiceName, Service]
    eventing: Manifests
    faults: tuple[Fault, ...]
    """What Knative Eventing would refuse."""
    objects: frozenset[Identity]
    sources: Mapping[Identity, str]
    features: Mapping[str, str]
    """Knative Serving's flags, where these manifests set any."""
    project: Project

    @property
    def pushed(self) -> tuple[Subscription, ...]:
        """Pub/Sub's subscriptions, where Pub/Sub carries the events: there is no Broker, and sinks are by variable."""
        carries = not self.eventing.brokers and any(service.env("K_SINK") for service in self.services.values())
        return self.project.subscriptions if carries else ()

    def service_of(self, subscription: Subscription) -> Service | None:
        """The Service that a subscription pushes to."""
        return next((found for name, found in self.services.items() if name.name == subscription.service), None)

    def behaviour_of(self, service: Service) -> Behaviour | None:
        """What the function of a Service does, where that is known."""
        return self.project.behaviours.get(service.function or "")

    def source(self, kind: str, namespace: str, name: str) -> str:
        """The file of an object of Knative's."""
        found = (file for one, file in self.sources.items() if one[1:] == (kind, namespace, name))
        return next(found, "manifests")


def cluster(documents: Iterable[Document], project: Project | None = None) -> Cluster:
    """Read rendered manifests."""
    found = [each for document in documents for each in _unlisted(document)]
    eventing, faults = read([each for each in found if _group(each.value) in {EVENTING, SOURCES}])
    identities = {_identity(each.value): each.source for each in found}
    services = [_service(each) for each in found if (_group(each.value), each.value["kind"]) == (SERVING, "Service")]
    return Cluster(
        services={service.name: service for service in services},
        eventing=eventing,
        faults=faults,
        objects=frozenset(identities),
        sources=identities,
        features={name: value for each in found for name, value in _features(each.value).items()},
        project=project or Project(),
    )


def _unlisted(document: Document) -> Iterator[Document]:
    value = _mapping(document.value)
    if value.get("kind") == "List":
        for item in _objects(value.get("items")):
            yield from _unlisted(Document(document.source, item))
    elif isinstance(value.get("kind"), str):
        yield document


def _group(value: Mapping[str, Any]) -> str:
    return str(value.get("apiVersion") or "").rpartition("/")[0]


def _identity(value: Mapping[str, Any]) -> Identity:
    metadata = _mapping(value.get("metadata"))
    namespace = str(metadata.get("namespace") or DEFAULT_NAMESPACE)
    return Identity(_group(value), value["kind"], namespace, str(metadata.get("name")))


def _features(value: Mapping[str, Any]) -> dict[str, str]:
    """The flags that an object sets: Knative's own ConfigMap, or what its operator makes one of."""
    if value["kind"] == "KnativeServing":
        return _texts(_at(value, "spec", "config", "features"))
    one = _identity(value)
    is_flags = (one.kind, one.namespace, one.name) == ("ConfigMap", "knative-serving", "config-features")
    return _texts(value.get("data")) if is_flags else {}


def _service(document: Document) -> Service:
    value = document.value
    pod = _at(value, "spec", "template", "spec")
    own, template = _at(value, "metadata"), _at(value, "spec", "template", "metadata")
    annotations = _texts(own.get("annotations")) | _texts(template.get("annotations"))
    timeout, account = pod.get("timeoutSeconds"), pod.get("serviceAccountName")
    _, _, namespace, name = _identity(value)
    return Service(
        name=ServiceName(namespace, name),
        source=document.source,
        labels=_texts(own.get("labels")),
        annotations=annotations,
        function=annotations.get("renga.dev/function"),
        account=account if isinstance(account, str) else None,
        timeout=timeout if isinstance(timeout, int) else 300,
        node_selector=_texts(pod.get("nodeSelector")),
        tolerations=tuple(map(_toleration, _objects(pod.get("tolerations")))),
        fields=frozenset(name for name, value in pod.items() if value not in (None, {}, [])),
        containers=tuple(map(_container, _objects(pod.get("containers")))),
    )


def _toleration(value: Mapping[str, Any]) -> Toleration:
    return Toleration(value.get("key"), value.get("operator") or "Equal", value.get("value"), value.get("effect"))


def _container(value: Mapping[str, Any]) -> Container:
    env: dict[str, str | None] = {}
    for item in _objects(value.get("env")):
        env[str(item.get("name"))] = None if item.get("valueFrom") else str(item.get("value") or "")
    probes = [
        _probe(name, value[name]) for name in ("readinessProbe", "livenessProbe", "startupProbe") if value.get(name)
    ]
    limits = _at(value, "resources", "limits")
    image = value.get("image")
    return Container(
        image=image if isinstance(image, str) else "",
        env=env,
        limits={name: str(limit) for name, limit in limits.items()},
        probes=tuple(probes),
    )


def _probe(name: str, value: Any) -> Probe:
    written = _mapping(value)
    numbers = {key: number for key, number in written.items() if isinstance(number, int)}
    handlers = tuple(
        handler for handler in ("httpGet", "tcpSocket", "exec", "grpc") if written.get(handler) is not None
    )
    return Probe(
        name,
        handlers,
        numbers.get("periodSeconds"),
        numbers.get("timeoutSeconds"),
        numbers.get("failureThreshold"),
        numbers.get("successThreshold"),
        all(handler == "exec" or _mapping(written[handler]).get("port") for handler in handlers),
    )


def _at(value: Any, *path: str) -> Mapping[str, Any]:
    for name in path:
        value = _mapping(value).get(name)
    return _mapping(value)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _texts(value: Any) -> dict[str, str]:
    return {str(name): text for name, text in _mapping(value).items() if isinstance(text, str)}
