"""What becomes of an event: types that nobody takes, types that nobody says, and chains that go round."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from renga_dev.calls import ServiceName
from renga_dev.check.cluster import Behaviour, Cluster
from renga_dev.check.rule import Example, Found, rule
from renga_dev.manifests import All, AnyOf, Exact, Filter, Not, Prefix, Suffix, Trigger
from renga_dev.suggestion import did_you_mean
from renga_dev.wiring.discovery import EVERYTHING
from renga_events.platform import AttemptFailed

_SERVICES = """
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: suite-one, annotations: {renga.dev/function: suite/one}}
---
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: suite-two, annotations: {renga.dev/function: suite/two}}
---
apiVersion: eventing.knative.dev/v1
kind: Trigger
metadata: {name: one}
spec:
  broker: default
  filters: [{exact: {type: a.v1}}]
  subscriber: {ref: {apiVersion: serving.knative.dev/v1, kind: Service, name: suite-one}}
---
apiVersion: eventing.knative.dev/v1
kind: Trigger
metadata: {name: two}
spec:
  broker: default
  filters: [{exact: {type: b.v1}}]
  subscriber: {ref: {apiVersion: serving.knative.dev/v1, kind: Service, name: suite-two}}
""".lstrip()
_PUSHED = """
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: suite-one, annotations: {renga.dev/function: suite/one}}
spec: {template: {spec: {containers: [{env: [{name: K_SINK, value: "pubsub://shop"}]}]}}}
""".lstrip()
_LISTENER = """
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: platform-ledger, annotations: {renga.dev/function: platform/ledger}}
---
apiVersion: eventing.knative.dev/v1
kind: Trigger
metadata: {name: everything}
spec:
  broker: default
  subscriber: {ref: {apiVersion: serving.knative.dev/v1, kind: Service, name: platform-ledger}}
""".lstrip()
_BOUND = """---
apiVersion: sources.knative.dev/v1
kind: SinkBinding
metadata: {name: platform-ledger}
spec:
  subject: {apiVersion: serving.knative.dev/v1, kind: Service, name: platform-ledger}
  sink: {ref: {apiVersion: eventing.knative.dev/v1, kind: Broker, name: default}}
"""


@dataclass(frozen=True, slots=True)
class _Delivery:
    """That a Service is sent some types."""

    service: ServiceName
    types: frozenset[str]
    """Named exactly; empty where it takes more than names."""
    trigger: Trigger | None = None

    def passes(self, ce_type: str) -> bool | None:
        """Whether an event of this type is sent; None where that depends on more than its type."""
        return ce_type in self.types if self.trigger is None else _trigger_passes(self.trigger, ce_type)


def _deliveries(cluster: Cluster) -> list[_Delivery]:
    triggers = [
        _Delivery(trigger.subscriber.ref.service, _named(trigger), trigger)
        for trigger in cluster.eventing.triggers
        if trigger.subscriber.ref is not None and trigger.subscriber.ref.service is not None
    ]
    pushes = [
        _Delivery(service.name, frozenset({unquote(subscription.topic)}))
        for subscription in cluster.pushed
        if (service := cluster.service_of(subscription)) is not None
    ]
    return triggers + pushes


def _named(trigger: Trigger) -> frozenset[str]:
    filters = trigger.filters or (Exact(trigger.attributes),)
    return frozenset(
        each.attributes["type"] for each in filters if isinstance(each, Exact) and "type" in each.attributes
    )


def _trigger_passes(trigger: Trigger, ce_type: str) -> bool | None:
    if not trigger.filters:
        return _passes(Exact(trigger.attributes), ce_type)
    return _every(_passes(each, ce_type) for each in trigger.filters)


def _passes(found: Filter, ce_type: str) -> bool | None:
    match found:
        case Exact() | Prefix() | Suffix():
            value = found.attributes.get("type")
            fits = (
                value is None
                or {
                    Exact: ce_type == value,
                    Prefix: ce_type.startswith(value),
                    Suffix: ce_type.endswith(value),
                }[type(found)]
            )
            return fits and (None if found.attributes.keys() - {"type"} else True)
        case All():
            return _every(_passes(each, ce_type) for each in found.filters)
        case AnyOf():
            inverted = _every(_not(_passes(each, ce_type)) for each in found.filters)
            return _not(inverted)
        case Not():
            return _not(_passes(found.filter, ce_type))
    return None


def _every(said: Iterator[bool | None]) -> bool | None:
    values = set(said)
    return False if False in values else None if None in values else True


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def _behaviours(cluster: Cluster) -> dict[ServiceName, Behaviour]:
    """What the Services do whose functions are known."""
    found = {name: cluster.behaviour_of(service) for name, service in cluster.services.items()}
    return {name: behaviour for name, behaviour in found.items() if behaviour is not None}


@rule(
    "TYP-NO-CONSUMER",
    title="A type that nobody takes",
    severity="warning",
    rationale="A run stops at an event that no function takes by name and that does not end it (`ends`): it never is"
    " told to be done. What is said beside a run (`aside`) stops none. Who hears everything keeps a record of it and"
    " does nothing. What the dead-letter desk says is for those.",
    fix='Let a function take it, or say in its class how a run ends with it: `ends = "well"`.',
    bad=[Example(_SERVICES, functions="suite/one: a.v1 -> c.v1\nsuite/two: b.v1 -> nothing")],
    good=[Example(_SERVICES, functions="suite/one: a.v1 -> b.v1\nsuite/two: b.v1 -> nothing")],
)
def unheard(cluster: Cluster) -> Iterator[Found]:
    """Yield each answer that no Trigger or subscription names, unless it ends a run or the desk says it."""
    behaviours = _behaviours(cluster)
    # Who hears everything is no step of a run.
    listeners = {name for name, behaviour in behaviours.items() if EVERYTHING in behaviour.takes}
    deliveries = [each for each in _deliveries(cluster) if each.service not in listeners]
    for name, behaviour in behaviours.items():
        if behaviour.takes_dead_letters:
            continue
        for ce_type in sorted(behaviour.answers - cluster.project.ends):
            if not any(each.passes(ce_type) is not False for each in deliveries):
                message = f"{behaviour.function} answers with {ce_type}, which nobody takes and which ends no run."
                yield Found(f"Service {name}", message, cluster.services[name].source)


@rule(
    "TYP-NO-PRODUCER",
    title="A type that nobody says",
    severity="warning",
    rationale="A function waits for a type that no other answers with. That is right where others publish it, and"
    " otherwise a slip of the pen after which nothing is delivered and nothing fails.",
    fix="Let a function answer with it, or mend its name; where it comes from outside, give it a door that says it, or"
    " say so in its class: `begins = True`.",
    bad=[
        Example(_SERVICES, functions="suite/one: a.v1 -> b.v1\nsuite/two: b.v1 -> nothing"),
        Example(_PUSHED, "suite/one: a.v1 -> nothing", "suite-one: a.v1 within 70s"),
    ],
    good=[
        Example(_SERVICES, functions="suite/door: -> a.v1\nsuite/one: a.v1 -> b.v1\nsuite/two: b.v1 -> nothing"),
        Example(_PUSHED, "suite/door: -> a.v1\nsuite/one: a.v1 -> nothing", "suite-one: a.v1 within 70s"),
        Example(_PUSHED, "suite/one: * -> nothing", "suite-one: a.v1 within 70s"),
    ],
)
def unsaid(cluster: Cluster) -> Iterator[Found]:
    """Yield each type that is delivered by name, comes from nowhere else, and that no function answers with."""
    behaviours = cluster.project.behaviours
    # What failed every host says.
    said = {AttemptFailed.ce_type, *(ce_type for behaviour in behaviours.values() for ce_type in behaviour.answers)}
    said |= cluster.project.begins
    for trigger in cluster.eventing.triggers if behaviours else ():
        source = cluster.source("Trigger", trigger.namespace, trigger.name)
        yield from (_waits(f"Trigger {trigger}", ce_type, said, source) for ce_type in sorted(_named(trigger) - said))
    for subscription in cluster.pushed:
        behaviour = behaviours.get(subscription.function)
        ce_type = unquote(subscription.topic)
        # Who hears everything has a subscription to each type that there is, and the desk one to no type.
        if behaviour is not None and ce_type in behaviour.takes and ce_type not in said:
            yield _waits(f"subscription {subscription.name}", ce_type, said, "events/pubsub.json")


def _waits(name: str, ce_type: str, said: set[str], source: str) -> Found:
    return Found(name, f"it waits for {ce_type}, which no function answers with.{did_you_mean(ce_type, said)}", source)


@rule(
    "LOOP-ENDLESS",
    title="A chain that must go round for ever",
    severity="error",
    rationale="Each function of the circle answers every event with one that wakes the next. Knative's Broker drops"
    " such an event after 255 rounds and says nothing; on Pub/Sub nothing stops it. A retry is no circle: it is the"
    " same event.",
    fix="Give one of them a way out: a handler that may answer None, or another type.",
    bad=[
        Example(_SERVICES, functions="suite/one: a.v1 -> b.v1\nsuite/two: b.v1 -> a.v1"),
        Example(_SERVICES, functions="suite/one: a.v1 -> a.v1\nsuite/two: b.v1 -> nothing"),
    ],
    good=[
        Example(_SERVICES, functions="suite/one: a.v1 -> b.v1\nsuite/two: b.v1 -> nothing"),
        Example(_SERVICES, functions="suite/one: a.v1 -> b.v1\nsuite/two: b.v1 -> a.v1 | nothing"),
    ],
)
def endless(cluster: Cluster) -> Iterator[Found]:
    """Yield each circle that no answer leads out of."""
    for circle in _circles(cluster):
        if not circle.way_out:
            yield circle.found(cluster, "and none of them may be silent or answer with anything else")


@rule(
    "LOOP-UNBOUNDED",
    title="A chain that may go round",
    severity="warning",
    rationale="Work that is done in rounds (a page at a time, a step of a saga) is a circle with a way out, which"
    " may be never taken: nothing but the handlers bounds the number of rounds, and each is a new event.",
    fix="Count the rounds in the event and stop at a limit. If that is so, there is nothing to mend.",
    bad=[Example(_SERVICES, functions="suite/one: a.v1 -> b.v1\nsuite/two: b.v1 -> a.v1 | nothing")],
    good=[Example(_SERVICES, functions="suite/one: a.v1 -> b.v1\nsuite/two: b.v1 -> c.v1 | nothing")],
)
def unbounded(cluster: Cluster) -> Iterator[Found]:
    """Yield each circle that some answer leads out of."""
    for circle in _circles(cluster):
        if circle.way_out:
            yield circle.found(cluster, f"unless {circle.way_out}")


@rule(
    "LOOP-OWN-FAILURES",
    title="A function that hears of its own failures",
    severity="error",
    rationale=f"The host says `{AttemptFailed.ce_type}` of each attempt that fails. Where the function is sent that"
    " type and has a sink, a failure to handle one makes the next, for ever.",
    fix="Bind it to no sink, as the base does with what hears everything.",
    bad=[Example(_LISTENER + _BOUND, functions="platform/ledger: * -> nothing")],
    good=[Example(_LISTENER, functions="platform/ledger: * -> nothing")],
)
def own_failures(cluster: Cluster) -> Iterator[Found]:
    """Yield each Service that is bound to a Broker's sink and is sent what hosts say of failures."""
    for delivery in _deliveries(cluster):
        service = cluster.services.get(delivery.service)
        if service is None or delivery.trigger is None or delivery.passes(AttemptFailed.ce_type) is False:
            continue
        labels = service.labels
        if any(
            binding.subject == service.name
            or (binding.subject is None and binding.subject_labels.items() <= labels.items())
            for binding in cluster.eventing.sink_bindings
        ):
            message = (
                f"Trigger {delivery.trigger} sends it {AttemptFailed.ce_type}, and a SinkBinding lets it say that."
            )
            yield Found(str(service), message, service.source)


@dataclass(frozen=True, slots=True)
class _Circle:
    """Functions each of which wakes the next, and the last the first."""

    services: tuple[ServiceName, ...]
    types: tuple[str, ...]
    """What each says to the next."""
    way_out: str
    """How it can end; empty where it cannot."""

    def found(self, cluster: Cluster, ending: str) -> Found:
        steps = [f"{name.name} -- {ce_type} -->" for name, ce_type in zip(self.services, self.types, strict=True)]
        message = f"it goes round: {' '.join(steps)} {self.services[0].name}, {ending}."
        return Found(f"Service {self.services[0]}", message, cluster.services[self.services[0]].source)


_Wakes = Mapping[ServiceName, Mapping[ServiceName, tuple[str, ...]]]
"""Of each function, whom its answers wake, and with which types."""


def _circles(cluster: Cluster) -> Iterator[_Circle]:
    """A shortest circle through each group of functions that all wake one another, directly or not."""
    behaviours = _behaviours(cluster)
    wakes = {name: _woken_by(behaviour, cluster, behaviours) for name, behaviour in behaviours.items()}
    seen: set[ServiceName] = set()
    for start in sorted(wakes, key=str):
        way = None if start in seen else _way_round(wakes, start)
        if way is None:
            continue
        group = {name for name in _reached(wakes, start) if start in _reached(wakes, name)}
        seen |= group
        types = tuple(wakes[one][other][0] for one, other in zip(way, (*way[1:], start), strict=True))
        yield _Circle(way, types, _way_out(wakes, behaviours, group))


def _woken_by(
    behaviour: Behaviour, cluster: Cluster, known: Mapping[ServiceName, Behaviour]
) -> dict[ServiceName, tuple[str, ...]]:
    """What may pass does not count: a circle that is named is one that is there."""
    found: defaultdict[ServiceName, tuple[str, ...]] = defaultdict(tuple)
    for each in _deliveries(cluster):
        if each.service in known:
            found[each.service] += tuple(ce_type for ce_type in sorted(behaviour.answers) if each.passes(ce_type))
    return {name: types for name, types in found.items() if types}


def _way_round(wakes: _Wakes, start: ServiceName) -> tuple[ServiceName, ...] | None:
    ways: list[tuple[ServiceName, ...]] = [(start,)]
    met: set[ServiceName] = set()
    for way in ways:  # It grows while it is walked: the shortest ways come first.
        for following in sorted(wakes[way[-1]], key=str):
            if following == start:
                return way
            if following not in met:
                met.add(following)
                ways.append((*way, following))
    return None


def _reached(wakes: _Wakes, start: ServiceName) -> set[ServiceName]:
    """Everybody whom it wakes, directly or not."""
    waiting, met = [start], set[ServiceName]()
    while waiting:
        fresh = wakes[waiting.pop()].keys() - met
        met |= fresh
        waiting += fresh
    return met


def _way_out(wakes: _Wakes, behaviours: Mapping[ServiceName, Behaviour], group: set[ServiceName]) -> str:
    """Who of a group may end its round, and how; empty where nobody can."""
    ways: list[str] = []
    for name in sorted(group, key=str):
        behaviour = behaviours[name]
        onwards = {ce_type for following, types in wakes[name].items() if following in group for ce_type in types}
        if behaviour.may_be_silent:
            ways.append(f"{name.name} is silent")
        ways += [f"{name.name} answers with {ce_type}" for ce_type in sorted(behaviour.answers - onwards)]
    return " or ".join(ways)
