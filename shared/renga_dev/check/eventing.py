"""Who is sent what, and what becomes of what nobody took: by Brokers and Triggers, by Pub/Sub's subscriptions."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from renga_dev.calls import ServiceName
from renga_dev.check.cluster import Cluster, Identity
from renga_dev.check.rule import Example, Found, rule
from renga_dev.manifests import Destination
from renga_dev.suggestion import did_you_mean

_LOCAL = ("networking.knative.dev/visibility", "cluster-local")
_IN_CLUSTER = ".svc.cluster.local"

_DESK = """
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: desk}
"""
_PARSE = """
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: parse}
"""
_BROKER = """
apiVersion: eventing.knative.dev/v1
kind: Broker
metadata: {name: default}
spec:
  delivery:
    retry: 5
    deadLetterSink: {ref: {apiVersion: serving.knative.dev/v1, kind: Service, name: desk}}
"""
_TRIGGER = """
apiVersion: eventing.knative.dev/v1
kind: Trigger
metadata: {name: parse}
spec:
  broker: default
  filters: [{exact: {type: a.submitted.v1}}]
  subscriber: {ref: {apiVersion: serving.knative.dev/v1, kind: Service, name: parse}}
"""
_PUSHED = """
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: parse}
spec:
  template:
    spec:
      timeoutSeconds: 60
      containers:
        - env:
            - {name: K_SINK, value: "pubsub://shop"}
            - {name: RENGA_PUSH_AUDIENCE, value: renga}
            - {name: RENGA_PUSH_EMAIL, value: push@shop.iam.gserviceaccount.com}
"""


def _stream(*documents: str) -> str:
    return "---".join(documents).lstrip()


@rule(
    "EVT-REFUSED",
    title="What Knative Eventing refuses",
    severity="error",
    rationale="The API server drops fields that it does not know, and Knative's admission refuses values that it"
    " does: a Trigger with two dialects in one filter, CloudEvents SQL that does not parse, a timeout of zero.",
    fix="Write what the message says.",
    bad=[Example(_stream(_BROKER.replace("retry: 5", "retries: 5"), _DESK))],
    good=[Example(_stream(_BROKER, _DESK))],
)
def refused(cluster: Cluster) -> Iterator[Found]:
    """Yield each fault of the reader that the local runtime has too."""
    for fault in cluster.faults:
        yield Found(fault.thing, f"{fault.path}: {fault.message}", fault.source)


@rule(
    "EVT-NOWHERE",
    title="A reference that leads nowhere",
    severity="error",
    rationale="Knative takes a Trigger whose subscriber or Broker does not exist, or is in another namespace than it"
    " says; it never becomes ready, and nothing is delivered. A dead-letter sink that does not exist loses what"
    " nobody took.",
    fix="Name an object of these manifests, or add it.",
    bad=[
        Example(_stream(_BROKER, _DESK, _TRIGGER)),
        Example(_stream(_TRIGGER, _PARSE)),
        Example(_stream(_BROKER.replace("name: desk}}", "name: dest}}"), _DESK)),
        Example(
            _stream(
                _BROKER,
                _DESK,
                _TRIGGER.replace(
                    "{ref: {apiVersion: serving.knative.dev/v1, kind: Service, name: parse}}",
                    "{uri: http://parse.default.svc.cluster.local/}",
                ),
            )
        ),
    ],
    good=[
        Example(_stream(_BROKER, _DESK, _TRIGGER, _PARSE)),
        Example(
            _stream(
                _BROKER,
                _DESK,
                _TRIGGER.replace(
                    "{ref: {apiVersion: serving.knative.dev/v1, kind: Service, name: parse}}",
                    "{uri: https://elsewhere.example.org/}",
                ),
            )
        ),
    ],
)
def nowhere(cluster: Cluster) -> Iterator[Found]:
    """Yield each Broker, subscriber, sink and dead-letter sink that is named and not there."""
    manifests = cluster.eventing
    ends: list[tuple[str, str, str, str, Destination | None]] = []
    for broker in manifests.brokers.values():
        sink = broker.delivery.dead_letter_sink if broker.delivery else None
        ends.append(("Broker", broker.name.namespace, broker.name.name, "its dead-letter sink", sink))
    for trigger in manifests.triggers:
        sink = trigger.delivery.dead_letter_sink if trigger.delivery else None
        ends.append(("Trigger", trigger.namespace, trigger.name, "its dead-letter sink", sink))
        ends.append(("Trigger", trigger.namespace, trigger.name, "its subscriber", trigger.subscriber))
        if trigger.broker not in manifests.brokers:
            known = did_you_mean(str(trigger.broker), map(str, manifests.brokers))
            message = f"its Broker {trigger.broker} is not in these manifests.{known}"
            yield Found(f"Trigger {trigger}", message, cluster.source("Trigger", trigger.namespace, trigger.name))
    for binding in manifests.sink_bindings:
        ends.append(("SinkBinding", binding.namespace, binding.name, "its sink", binding.sink))
        subject = binding.subject
        if subject is not None and subject not in cluster.services:
            known = did_you_mean(str(subject), map(str, cluster.services))
            message = f"its subject {subject} is not in these manifests.{known}"
            source = cluster.source("SinkBinding", binding.namespace, binding.name)
            yield Found(f"SinkBinding {binding.namespace}/{binding.name}", message, source)
    for kind, namespace, name, role, destination in ends:
        if destination is not None and (missing := _missing(cluster, destination)):
            source = cluster.source(kind, namespace, name)
            yield Found(f"{kind} {namespace}/{name}", f"{role} {missing}", source)


def _missing(cluster: Cluster, destination: Destination) -> str | None:
    """What is not there of a destination; of what is outside the cluster nothing is known."""
    ref = destination.ref
    if ref is None:
        host = urlsplit(destination.uri or "").hostname or ""
        if not host.endswith(_IN_CLUSTER):
            return None
        name, _, namespace = host.removesuffix(_IN_CLUSTER).partition(".")
        one = Identity("", "Service", namespace, name)
        there = one in cluster.objects or ServiceName(namespace, name) in cluster.services
        return None if there else f"is {destination.uri}, and these manifests have no Service {namespace}/{name}."
    one = Identity(ref.api_version.rpartition("/")[0], ref.kind, ref.namespace, ref.name)
    if one in cluster.objects:
        return None
    said = f"{ref.namespace}/{ref.name}"
    known = [f"{other.namespace}/{other.name}" for other in cluster.objects if other[:2] == one[:2]]
    return f"is the {ref.kind} {said}, which is not in these manifests.{did_you_mean(said, known)}"


@rule(
    "EVT-DLS-DROPPED",
    title="A Trigger that drops its Broker's dead-letter sink",
    severity="error",
    rationale="A Trigger's `delivery` replaces its Broker's whole. One that sets only `retry` has no dead-letter"
    " sink any more, although its status still shows the Broker's: what its subscriber does not take is gone.",
    fix="Repeat the Broker's deadLetterSink in the Trigger's delivery.",
    bad=[Example(_stream(_BROKER, _DESK, _PARSE, _TRIGGER + "  delivery: {retry: 10}\n"))],
    good=[
        Example(_stream(_BROKER, _DESK, _PARSE, _TRIGGER)),
        Example(
            _stream(
                _BROKER,
                _DESK,
                _PARSE,
                _TRIGGER + "  delivery:\n    retry: 10\n"
                "    deadLetterSink: {ref: {apiVersion: serving.knative.dev/v1, kind: Service, name: desk}}\n",
            )
        ),
    ],
)
def dropped(cluster: Cluster) -> Iterator[Found]:
    """Yield each Trigger with a delivery without a dead-letter sink, where its Broker has one."""
    for trigger in cluster.eventing.triggers:
        broker = cluster.eventing.brokers.get(trigger.broker)
        kept = broker.delivery.dead_letter_sink if broker and broker.delivery else None
        if kept and trigger.delivery and trigger.delivery.dead_letter_sink is None:
            message = (
                f"its own delivery has no deadLetterSink, and the one of the Broker {trigger.broker} does not count."
            )
            yield Found(f"Trigger {trigger}", message, cluster.source("Trigger", trigger.namespace, trigger.name))


@rule(
    "EVT-DLS-NONE",
    title="A Broker without a dead-letter sink",
    severity="warning",
    rationale="What a subscriber did not take after every retry is dropped, and nobody hears of it.",
    fix="Give spec.delivery a deadLetterSink: the dead-letter desk takes what is sent there.",
    bad=[Example("apiVersion: eventing.knative.dev/v1\nkind: Broker\nmetadata: {name: default}\n")],
    good=[Example(_stream(_BROKER, _DESK))],
)
def no_sink(cluster: Cluster) -> Iterator[Found]:
    """Yield each Broker whose delivery names no dead-letter sink."""
    for broker in cluster.eventing.brokers.values():
        if broker.delivery is None or broker.delivery.dead_letter_sink is None:
            source = cluster.source("Broker", broker.name.namespace, broker.name.name)
            yield Found(f"Broker {broker.name}", "what nobody takes is dropped: it has no dead-letter sink.", source)


@rule(
    "PUB-NO-SERVICE",
    title="A subscription that pushes to nobody",
    severity="error",
    rationale="Pub/Sub pushes to the address of a Service. Where it is not deployed each push is a 404: messages"
    " come again until their attempts are used up.",
    fix="Deploy the Service, or write the table anew with `renga wiring`.",
    bad=[Example(_PUSHED, subscriptions="pars: a.submitted.v1 within 70s")],
    good=[Example(_PUSHED, subscriptions="parse: a.submitted.v1 within 70s")],
)
def pushed_to_nobody(cluster: Cluster) -> Iterator[Found]:
    """Yield each subscription of the table whose Service is not in the manifests."""
    for subscription in cluster.pushed:
        if cluster.service_of(subscription) is None:
            known = did_you_mean(subscription.service, (name.name for name in cluster.services))
            message = f"it pushes to the Service {subscription.service}, which is not in these manifests.{known}"
            yield Found(f"subscription {subscription.name}", message, "events/pubsub.json")


@rule(
    "PUB-UNREACHABLE",
    title="A subscription that pushes to what is reachable from within only",
    severity="error",
    rationale="Pub/Sub pushes from outside. A Service that is cluster-local has no address there.",
    fix="Leave out the label networking.knative.dev/visibility: the component broker-knative sets it, and Pub/Sub is"
    " the broker here.",
    bad=[
        Example(
            _PUSHED.replace(
                "{name: parse}", "{name: parse, labels: {networking.knative.dev/visibility: cluster-local}}"
            ),
            subscriptions="parse: a.submitted.v1 within 70s",
        )
    ],
    good=[Example(_PUSHED, subscriptions="parse: a.submitted.v1 within 70s")],
)
def unreachable(cluster: Cluster) -> Iterator[Found]:
    """Yield each Service that is pushed to and cluster-local."""
    name, value = _LOCAL
    for service in {found.name: found for each in cluster.pushed if (found := cluster.service_of(each))}.values():
        if service.labels.get(name) == value:
            yield Found(str(service), f"its label {name} is {value}, and Pub/Sub pushes to it.", service.source)


@rule(
    "PUB-ACK",
    title="A timeout beyond the acknowledgement deadline",
    severity="error",
    rationale="Pub/Sub gives up on a push at its subscription's deadline and sends the message again, while the"
    " function is still at the first one. What takes that long never is acknowledged and ends as a dead letter.",
    fix="Make timeoutSeconds no longer than ack_deadline_seconds in events/pubsub.json: `@function(timeout_s=...)`"
    " sets both.",
    bad=[Example(_PUSHED, subscriptions="parse: a.submitted.v1 within 30s")],
    good=[Example(_PUSHED, subscriptions="parse: a.submitted.v1 within 70s")],
)
def beyond_deadline(cluster: Cluster) -> Iterator[Found]:
    """Yield each subscription whose deadline is shorter than its Service's timeout."""
    for subscription in cluster.pushed:
        service = cluster.service_of(subscription)
        deadline = subscription.ack_deadline_seconds
        if service is not None and service.timeout > deadline:
            message = f"its timeoutSeconds is {service.timeout}, and {subscription.name} waits for {deadline} s only."
            yield Found(str(service), message, service.source)


@rule(
    "PUB-OPEN",
    title="A function that takes anybody's pushes",
    severity="error",
    rationale="Knative lets everybody through who reaches a Service, and what Pub/Sub pushes to is reachable from"
    " outside: without a check of the push's token anybody can send it events.",
    fix="Set RENGA_PUSH_AUDIENCE and RENGA_PUSH_EMAIL, as the component broker-pubsub does.",
    bad=[
        Example(
            _PUSHED.replace("            - {name: RENGA_PUSH_AUDIENCE, value: renga}\n", ""),
            subscriptions="parse: a.submitted.v1 within 70s",
        )
    ],
    good=[Example(_PUSHED, subscriptions="parse: a.submitted.v1 within 70s")],
)
def open_to_all(cluster: Cluster) -> Iterator[Found]:
    """Yield each Service that is pushed to and does not check by whom."""
    for service in {found.name: found for each in cluster.pushed if (found := cluster.service_of(each))}.values():
        missing = [name for name in ("RENGA_PUSH_AUDIENCE", "RENGA_PUSH_EMAIL") if not service.env(name)]
        if missing:
            message = f"it is pushed to from outside, and {' and '.join(missing)} is not set."
            yield Found(str(service), message, service.source)
