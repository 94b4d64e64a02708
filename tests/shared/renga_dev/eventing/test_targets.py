"""Where Destinations lead."""

from typing import Any

import pytest

from renga_dev.calls import ServiceName
from renga_dev.eventing.targets import Target, ToBroker, ToService, ToUrl, Unresolvable, resolve
from renga_dev.manifests.model import BrokerName, Destination, Reference

A = ServiceName("default", "a")
SERVICE = Reference("serving.knative.dev/v1", "Service", "default", "a")
BROKER = Reference("eventing.knative.dev/v1", "Broker", "default", "default")
BROKER_URL = "http://broker-ingress.knative-eventing.svc.cluster.local/default/default"
BASE = "http://a.default.svc.cluster.local"


@pytest.mark.parametrize(
    ("destination", "target"),
    [
        (Destination(SERVICE), ToService(A, "/", BASE)),
        (Destination(SERVICE, "/x?y=1"), ToService(A, "/x?y=1", f"{BASE}/x?y=1")),
        (Destination(SERVICE, "x"), ToService(A, "/x", f"{BASE}/x")),
        (Destination(BROKER), ToBroker(BrokerName("default", "default"), BROKER_URL)),
        (Destination(None, BROKER_URL), ToBroker(BrokerName("default", "default"), BROKER_URL)),
        (Destination(None, f"{BASE}/x"), ToService(A, "/x", f"{BASE}/x")),
        (Destination(None, "http://a.default.svc"), ToService(A, "/", "http://a.default.svc")),
        (Destination(None, "https://example.org/x"), ToUrl("https://example.org/x")),
    ],
)
def test_resolved(manifests: Any, broker: Any, destination: Destination, target: Target) -> None:
    """References and cluster addresses are objects of this runtime, any other URL is itself."""
    assert resolve(destination, manifests([broker()])) == target


@pytest.mark.parametrize(
    ("destination", "said"),
    [
        (Destination(Reference("serving.knative.dev/v1", "Service", "default", "c")), "Service default/c"),
        (Destination(Reference("eventing.knative.dev/v1", "Broker", "default", "c")), "Broker default/c"),
        (Destination(Reference("messaging.knative.dev/v1", "Channel", "default", "c")), "Channel"),
        (Destination(BROKER, "/x"), "no paths"),
        (Destination(None, "http://c.default.svc.cluster.local/"), "Service default/c"),
        (Destination(None, "http://broker-ingress.knative-eventing.svc.cluster.local/x"), "/namespace/name"),
    ],
)
def test_unresolvable(manifests: Any, broker: Any, destination: Destination, said: str) -> None:
    """A destination that leads nowhere is named."""
    with pytest.raises(Unresolvable, match=said):
        resolve(destination, manifests([broker()]))
