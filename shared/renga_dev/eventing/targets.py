"""Where a Destination leads: a Service of this runtime, one of its Brokers, or an HTTP server somewhere else."""

from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from renga_dev.calls import ServiceName
from renga_dev.manifests.model import BrokerName, Destination, Manifests

INGRESS = "http://broker-ingress.knative-eventing.svc.cluster.local"


@dataclass(frozen=True, slots=True)
class ToService:
    """A Service of this runtime."""

    service: ServiceName
    target: str
    """Path with query."""
    url: str
    """The address that it has in a cluster."""


@dataclass(frozen=True, slots=True)
class ToBroker:
    """A Broker of this runtime."""

    broker: BrokerName
    url: str


@dataclass(frozen=True, slots=True)
class ToUrl:
    """Anything else that speaks HTTP."""

    url: str


Target = ToService | ToBroker | ToUrl


class Unresolvable(ValueError):  # noqa: N818 - says what is the case
    """A Destination that leads nowhere."""


def broker_url(broker: BrokerName) -> str:
    """The address of a Broker's ingress in a cluster."""
    return f"{INGRESS}/{broker}"


def resolve(destination: Destination, manifests: Manifests) -> Target:
    """Find the target; an address inside the cluster is understood as the object that it belongs to.

    Raises:
        Unresolvable: there is no such object, or nothing here stands for its kind.
    """
    ref = destination.ref
    if ref is None:
        return _of_url(destination.uri or "", manifests)
    if ref.service:
        base = f"http://{ref.name}.{ref.namespace}.svc.cluster.local"
        return _to_service(ref.service, urljoin(base, destination.uri or ""), manifests)
    if ref.broker:
        if destination.uri:
            raise Unresolvable(f"has the uri {destination.uri!r} below a Broker, which has no paths of its own")
        return _to_broker(ref.broker, manifests)
    raise Unresolvable(
        f"is a {ref.api_version} {ref.kind}, and only a Knative Service, a Broker or a URL can be reached"
    )


def _of_url(url: str, manifests: Manifests) -> Target:
    parts = urlsplit(url)
    host = (parts.hostname or "").removesuffix(".cluster.local")
    if not host.endswith(".svc"):
        return ToUrl(url)
    name, _, namespace = host.removesuffix(".svc").partition(".")
    if (name, namespace) == ("broker-ingress", "knative-eventing"):
        path = parts.path.strip("/").split("/")
        if len(path) != 2:
            raise Unresolvable(f"is {url}, but the path of a Broker is /namespace/name")
        return _to_broker(BrokerName(*path), manifests)
    return _to_service(ServiceName(namespace, name), url, manifests)


def _to_service(service: ServiceName, url: str, manifests: Manifests) -> ToService:
    if service not in manifests.services:
        raise Unresolvable(f"is the Service {service}, which is not declared")
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return ToService(service, target, url)


def _to_broker(broker: BrokerName, manifests: Manifests) -> ToBroker:
    if broker not in manifests.brokers:
        raise Unresolvable(f"is the Broker {broker}, which is not declared")
    return ToBroker(broker, broker_url(broker))
