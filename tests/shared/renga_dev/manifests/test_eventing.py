"""Brokers, Triggers and SinkBindings from YAML, with the admission rules of Knative Eventing."""

import subprocess
import sys
from typing import Any

import pytest

from renga_dev.calls import ServiceName
from renga_dev.manifests import (
    All,
    AnyOf,
    BrokerName,
    CeSql,
    Delivery,
    Destination,
    Document,
    Exact,
    Filter,
    InvalidManifests,
    Manifests,
    Not,
    Prefix,
    Reference,
    Suffix,
    load,
)

URL = {"uri": "http://example.org/x"}
SERVICE = {"apiVersion": "serving.knative.dev/v1", "kind": "Service"}


def eventing(kind: str, name: str, spec: Any, **annotations: str) -> dict[str, Any]:
    """An object of eventing.knative.dev."""
    metadata = {"name": name, "annotations": annotations}
    return {"apiVersion": "eventing.knative.dev/v1", "kind": kind, "metadata": metadata, "spec": spec}


def triggered(**spec: Any) -> Manifests:
    """A Broker and a Trigger with some fields of its own."""
    trigger = eventing("Trigger", "t", {"broker": "default", "subscriber": URL, **spec})
    return load([Document("x.yaml", value) for value in (eventing("Broker", "default", None), trigger)])


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({"exact": {"type": "a", "source": "b"}}, Exact({"type": "a", "source": "b"})),
        ({"prefix": {"type": "a"}}, Prefix({"type": "a"})),
        ({"suffix": {"type": ""}}, Suffix({"type": ""})),
        ({"cesql": "EXISTS a"}, CeSql("EXISTS a")),
        ({"not": {"exact": {"a": "b"}}}, Not(Exact({"a": "b"}))),
        (
            {"all": [{"any": [{"exact": {"a": "b"}}, {"prefix": {"c": "d"}}]}, {"cesql": "TRUE"}]},
            All((AnyOf((Exact({"a": "b"}), Prefix({"c": "d"}))), CeSql("TRUE"))),
        ),
        ({"all": []}, All(())),
    ],
)
def test_filters_of_every_dialect(written: dict[str, Any], read: Filter) -> None:
    """Each dialect has its own type, and they nest."""
    (trigger,) = triggered(filters=[written]).triggers
    assert trigger.filters == (read,)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({}, Delivery()),
        (
            {"retry": 5, "backoffPolicy": "linear", "backoffDelay": "PT0.2S", "timeout": "PT1M", "format": "json"},
            Delivery(5, "linear", 0.2, 60.0, None, "json"),
        ),
        ({"retry": 0, "backoffDelay": "P1DT2H"}, Delivery(retry=0, backoff_delay=93600.0)),
        ({"deadLetterSink": URL}, Delivery(dead_letter_sink=Destination(None, "http://example.org/x"))),
    ],
)
def test_delivery(written: dict[str, Any], read: Delivery) -> None:
    """What is absent stays absent; periods become seconds."""
    (trigger,) = triggered(delivery=written).triggers
    assert trigger.delivery == read


@pytest.mark.rule("F7")
@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"filters": [{"exact": {"a": "b"}, "prefix": {"a": "b"}}]}, "filters[0]: has exact, prefix, but must have"),
        ({"filters": [{}]}, "filters[0]: is empty, but must have exactly one dialect"),
        ({"filters": [{"exakt": {"a": "b"}}]}, "filters[0].exakt: is no known field, did you mean 'exact'?"),
        ({"filters": [{"exact": {"Type": "b"}}]}, "filters[0].exact.Type: is no attribute name"),
        ({"filters": [{"not": {"prefix": {"a-b": "c"}}}]}, "filters[0].not.prefix.a-b: is no attribute name"),
        ({"filters": [{"any": [{"suffix": {"1a": "c"}}]}]}, "filters[0].any[0].suffix.1a: is no attribute name"),
        ({"filters": [{"exact": {"a": 1}}]}, "filters[0].exact.a: is 1, but must be text"),
        (
            {"filters": [{"not": {"cesql": "type = 'a'\nAND AND"}}]},
            "Trigger default/t: spec.filters[0].not.cesql: is no CloudEvents SQL: line 2, column 5: found 'AND'",
        ),
        (
            {"filters": [{"cesql": ""}]},
            "filters[0].cesql: is no CloudEvents SQL: line 1, column 1: the expression is empty",
        ),
        ({"filters": [{"cesql": 1}]}, "filters[0].cesql: is 1, but must be text"),
        ({"filter": {"attributes": {"_a": "b"}}}, "filter.attributes._a: is no attribute name"),
        ({"broker": None}, "broker: either broker or brokerRef is required"),
        ({"brokerRef": {"name": "default"}}, "broker: either broker or brokerRef is required, and not both"),
        ({"broker": "defualt"}, "names the Broker default/defualt, which is not declared, did you mean"),
        ({"subscriber": None}, "subscriber: is required"),
        ({"subscriber": {}}, "subscriber: must have a ref or a uri"),
        ({"subscriber": {"uri": "/x"}}, "subscriber.uri: is '/x', but without a ref it must be an absolute"),
        ({"subscriber": {"ref": {**SERVICE, "name": "x"}}}, "names the Service default/x, which is not declared"),
        ({"subscriber": {"ref": {"kind": "Service", "name": "x"}}}, "subscriber.ref.apiVersion: is required"),
        ({"delivery": {"retry": -1}}, "delivery.retry: is -1, but must be at least 0"),
        ({"delivery": {"backoffPolicy": "exponental"}}, "but must be one of linear, exponential, did you mean"),
        ({"delivery": {"backoffDelay": "0.2s"}}, "must be an ISO 8601 period such as PT0.2S"),
        ({"delivery": {"backoffDelay": "P"}}, "must be an ISO 8601 period"),
        ({"delivery": {"backoffDelay": "P1M"}}, "must be an ISO 8601 period"),
        ({"delivery": {"timeout": "PT0S"}}, "delivery.timeout: must be more than zero"),
        ({"delivery": {"retryAfterMax": "PT1S"}}, "retryAfterMax: is refused unless"),
        ({"delivery": {"deadLetterSink": {"ref": {**SERVICE, "name": "x"}}}}, "deadLetterSink.ref: names the Service"),
    ],
)
def test_what_a_cluster_would_refuse_is_named(spec: dict[str, Any], said: str) -> None:
    """Admission happens before anything runs, and names the place."""
    with pytest.raises(InvalidManifests) as invalid:
        triggered(**spec)
    assert said in str(invalid.value)
    assert str(invalid.value).startswith("x.yaml: Trigger default/t: spec.")


def test_a_broker_in_another_namespace_by_reference() -> None:
    """BrokerRef names it; a bare broker is of the Trigger's own namespace."""
    broker = eventing("Broker", "b", {"delivery": {"retry": 1}}, **{"messaging.knative.dev/async-handler": "true"})
    broker["metadata"]["namespace"] = "other"
    ref = {"apiVersion": "eventing.knative.dev/v1", "kind": "Broker", "name": "b", "namespace": "other"}
    trigger = eventing("Trigger", "t", {"brokerRef": ref, "subscriber": URL})
    manifests = load([Document("x.yaml", broker), Document("x.yaml", trigger)])
    name = BrokerName("other", "b")
    assert manifests.triggers[0].broker == name
    assert manifests.brokers[name].asynchronous
    assert manifests.brokers[name].delivery == Delivery(retry=1)


@pytest.mark.parametrize(
    ("subject", "bound"),
    [
        ({"name": "s"}, True),
        ({"selector": {"matchLabels": {"a": "b"}}}, True),
        ({"selector": {"matchLabels": {"a": "c"}}}, False),
    ],
)
def test_a_sink_binding_finds_its_services(subject: dict[str, Any], bound: bool) -> None:
    """By name or by labels."""
    container = {"containers": [{"image": "x"}]}
    service = {**SERVICE, "metadata": {"name": "s", "labels": {"a": "b"}}, "spec": {"template": {"spec": container}}}
    binding = {
        "apiVersion": "sources.knative.dev/v1",
        "kind": "SinkBinding",
        "metadata": {"name": "x"},
        "spec": {"subject": {**SERVICE, **subject}, "sink": URL, "ceOverrides": {"extensions": {"tenant": "acme"}}},
    }
    manifests = load([Document("x.yaml", service), Document("x.yaml", binding)])
    (found,) = manifests.sink_bindings
    assert found.binds(manifests.services[ServiceName("default", "s")]) is bound
    assert found.extensions == {"tenant": "acme"}


def test_other_kinds_are_listed_and_lists_are_opened() -> None:
    """What the runtime does not know is named with its reason; a List is its items."""
    items = [
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "plain"}},
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}},
        # What every machine has in some way is not listed.
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}},
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "a"}},
        eventing("Broker", "default", None),
    ]
    manifests = load([Document("x.yaml", {"apiVersion": "v1", "kind": "List", "items": items})])
    assert [str(skipped) for skipped in manifests.skipped] == [
        "x.yaml: Service default/plain: v1 Service is not acted on",
        "x.yaml: Deployment default/d: apps/v1 Deployment is not acted on",
    ]
    assert list(manifests.brokers) == [BrokerName("default", "default")]


def test_the_same_name_twice_is_a_fault() -> None:
    """The second would silently replace the first."""
    broker = Document("x.yaml", eventing("Broker", "default", None))
    with pytest.raises(InvalidManifests, match=r"Broker default/default: metadata\.name: is declared twice"):
        load([broker, broker])


def test_references_know_services_and_brokers_by_group() -> None:
    """A core v1 Service is no Knative Service."""
    assert Reference("serving.knative.dev/v1", "Service", "a", "b").service == ServiceName("a", "b")
    assert Reference("v1", "Service", "a", "b").service is None
    assert Reference("eventing.knative.dev/v1", "Broker", "a", "b").broker == BrokerName("a", "b")


@pytest.mark.parametrize(("filters", "imported"), [([{"exact": {"type": "a"}}], False), ([{"cesql": "TRUE"}], True)])
def test_the_parser_of_cesql_is_imported_where_a_trigger_needs_it(filters: list[Any], imported: bool) -> None:
    """Manifests without an expression are read and routed without its parser."""
    probe = (
        "import sys; import renga_dev.eventing; from renga_dev.manifests import Document, load;"
        "from renga_dev.eventing.filters import compile_trigger;"
        f"spec = dict(broker='default', subscriber={URL!r}, filters={filters!r});"
        "of = lambda kind, name, spec: Document('x', dict(apiVersion='eventing.knative.dev/v1', kind=kind,"
        " metadata=dict(name=name), spec=spec));"
        "read = load([of('Broker', 'default', {}), of('Trigger', 't', spec)]);"
        "compile_trigger(read.triggers[0]);"
        "print('lark' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(imported)
