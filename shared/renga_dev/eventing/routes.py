"""The wiring as the manifests give it: per Broker its Triggers, and per Trigger where its events go."""

from collections.abc import Callable
from dataclasses import dataclass

from renga.http.client import Origin
from renga_dev.calls import ServiceName
from renga_dev.eventing.dispatcher import NO_LIMIT, Lane, Outlet
from renga_dev.eventing.filters import Subscriptions
from renga_dev.eventing.policy import Profile, policy_of
from renga_dev.eventing.targets import Target, ToBroker, ToService, Unresolvable, resolve
from renga_dev.manifests.model import Broker, BrokerName, Manifests, Trigger


class Unroutable(ValueError):  # noqa: N818 - says what is the case
    """Triggers that cannot be served here; the message names each of them and why."""


@dataclass(frozen=True, slots=True)
class Route:
    """One Broker."""

    name: BrokerName
    synchronous: bool
    """202 only after everything was delivered (rule B5)."""
    subscriptions: Subscriptions[Outlet]


class Routes:
    """Every Broker's route and every Trigger's outlets.

    Raises:
        Unroutable: a destination leads nowhere.
    """

    def __init__(self, manifests: Manifests, profile: Profile, concurrency: Callable[[ServiceName], int]) -> None:
        self._manifests = manifests
        self._profile: Profile = profile
        self._concurrency = concurrency
        self._lanes: dict[object, Lane] = {}
        self.outlets: dict[tuple[str, bool], Outlet] = {}
        """By the Trigger's namespace and name, and whether it is its dead-letter sink's."""
        faults: list[str] = []
        heard: dict[BrokerName, list[tuple[Trigger, Outlet]]] = {name: [] for name in manifests.brokers}
        for trigger in manifests.triggers:
            broker = manifests.brokers.get(trigger.broker)
            if broker is None:
                faults.append(f"Trigger {trigger}: its Broker {trigger.broker} is not declared.")
                continue
            try:
                heard[broker.name].append((trigger, self._connect(trigger, broker)))
            except Unresolvable as fault:
                faults.append(f"Trigger {trigger}: {fault}.")
        if faults:
            raise Unroutable("\n".join(faults))
        self.brokers = {
            name: Route(name, profile == "mt" and not broker.asynchronous, Subscriptions(heard[name]))
            for name, broker in manifests.brokers.items()
        }

    def _connect(self, trigger: Trigger, broker: Broker) -> Outlet:
        policy = policy_of(trigger, broker, self._profile)
        try:
            target = resolve(trigger.subscriber, self._manifests)
        except Unresolvable as fault:
            raise Unresolvable(f"its subscriber {fault}") from None
        outlet = Outlet(str(trigger), target, policy, self._lane(target))
        if policy.dead_letter_sink is not None:
            try:
                sink = resolve(policy.dead_letter_sink, self._manifests)
            except Unresolvable as fault:
                raise Unresolvable(f"its dead-letter sink {fault}") from None
            outlet.dead_letter = Outlet(str(trigger), sink, policy, self._lane(sink), is_dead_letter=True)
            self.outlets[str(trigger), True] = outlet.dead_letter
        self.outlets[str(trigger), False] = outlet
        return outlet

    def _lane(self, target: Target) -> Lane:
        """Lanes are shared by what leads to one server, so that together they do not overrun it."""
        match target:
            case ToService(service):
                return self._lanes.setdefault(service, Lane(lambda: self._concurrency(service)))
            case ToBroker(broker):
                return self._lanes.setdefault(broker, Lane(lambda: NO_LIMIT))
        origin, _ = Origin.of(target.url)
        return self._lanes.setdefault(origin, Lane(lambda: NO_LIMIT))
