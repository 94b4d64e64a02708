"""The eventing half of the runtime: Brokers take events in, Triggers get them delivered, the log remembers."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from renga.http.client import Client, Response
from renga.wire import WireEvent
from renga_dev.calls import Request, ServiceName, Services
from renga_dev.eventing import ingress
from renga_dev.eventing.attempts import Attempt, Meaning, Observer
from renga_dev.eventing.courier import Courier, dead_letter
from renga_dev.eventing.dispatcher import Dispatcher, Outlet
from renga_dev.eventing.ingress import TTL, Refused
from renga_dev.eventing.log import Change, EventLog, Retention
from renga_dev.eventing.outcome import NotTaken, Taken, failure
from renga_dev.eventing.policy import Profile
from renga_dev.eventing.records import Delivery, DeliveryRecord, State, StoredEvent
from renga_dev.eventing.routes import Routes
from renga_dev.eventing.targets import ToBroker, broker_url
from renga_dev.manifests.model import BrokerName, Manifests
from renga_dev.suggestion import suggest
from renga_events.envelope import Envelope

FAN_OUT_GUARD_S = 900.0
"""The longest that a synchronous Broker lets its publisher wait."""
DRAIN_S = 5.0
WRITE_AGAIN_S = 1.0

logger = logging.getLogger("renga.eventing")


@dataclass(slots=True)
class _Publisher:
    """Someone who waits until an event, and all that was answered to it, is delivered."""

    result: asyncio.Future[bool]
    """Whether everything was taken."""
    owed: int = 0
    sequences: list[int] = field(default_factory=list)
    """The event's and those of the replies."""


@dataclass(frozen=True, slots=True)
class _Onward:
    """An event that goes into a Broker because a delivery succeeded."""

    broker: BrokerName
    event: WireEvent
    headers: tuple[tuple[str, str], ...]


class Eventing:
    """Brokers, Triggers and their event log.

    Args:
        manifests: what was declared.
        services: the serving half.
        database: the event log's file; made where it is absent.
        profile: whose rules hold where Knative's Brokers differ.
        observer: told of every attempt, on the event loop.
        concurrency: how many requests a Service can have in flight without queueing; 0 or less is no limit.
        retention: how much of the past the log keeps.

    Raises:
        Unroutable: a Trigger leads nowhere or needs a filter that cannot be evaluated.
    """

    def __init__(
        self,
        manifests: Manifests,
        services: Services,
        database: Path,
        *,
        profile: Profile = "mt",
        observer: Observer | None = None,
        concurrency: Callable[[ServiceName], int],
        retention: Retention | None = None,
    ) -> None:
        self.profile: Profile = profile
        self.lost = 0
        """Events that neither subscriber nor dead-letter sink took, since the start."""
        self.dead = 0
        """Events that a dead-letter sink took, likewise."""
        self._routes = Routes(manifests, profile, concurrency)
        self._log = EventLog(database, retention)
        self._courier = Courier(services, Client())
        self._dispatcher = Dispatcher(self._log, self._attempt)
        self._observer = observer
        self._pending = 0
        self._idle = asyncio.Event()
        self._publishers: dict[int, _Publisher] = {}
        self._stopping = False

    async def start(self) -> None:
        """Open the log and go on with everything that is still owed.

        Raises:
            LogVersion: another version of Renga wrote the log.
            sqlite3.Error: the file is no database or cannot be written.
        """
        self._log.open()
        for (trigger, is_dead_letter), count in self._log.owed().items():
            outlet = self._routes.outlets.get((trigger, is_dead_letter))
            if outlet is None:
                gone = f"dead-letter sink of the Trigger {trigger}" if is_dead_letter else f"Trigger {trigger}"
                logger.warning("%d events are lost: the %s they were owed to is no longer declared.", count, gone)
                self._log.abandon(trigger, dead_letter=is_dead_letter, why=f"the {gone} is no longer declared")
                self.lost += count
            else:
                self._owe(count)
                self._dispatcher.resume(outlet)
        if not self._pending:
            self._idle.set()

    async def stop(self) -> None:
        """Take nothing more, give attempts in flight a moment to end, hand the rest back to the log and close it."""
        self._stopping = True
        await self._dispatcher.stop(DRAIN_S)
        for publisher in self._publishers.values():
            if not publisher.result.done():
                publisher.result.set_exception(Refused(503, "The runtime is stopping; the event is kept and goes on."))
        self._courier.client.close()
        await self._log.close()

    async def ingress(self, request: Request) -> Response:
        """Answer a request to the Brokers' address."""
        try:
            incoming = ingress.read(request)
            if isinstance(incoming, Response):
                return incoming
            if not await self._publish(incoming.broker, incoming.event, incoming.headers):
                return ingress.refusal(500, "A Trigger's subscriber failed for good and no dead-letter sink took over.")
        except Refused as refused:
            return ingress.refusal(refused.status, str(refused))
        except sqlite3.Error as error:
            status = 503 if self.profile == "kafka" else 500
            return ingress.refusal(status, f"The event could not be written to the event log: {error}.")
        return ingress.accepted()

    async def publish(self, namespace: str, broker: str, event: WireEvent) -> None:
        """Hand an event to a Broker; returns when it would answer 202.

        Raises:
            Refused: no such Broker, no TTL left, or, from a synchronous Broker, a subscriber failed for good.
            sqlite3.Error: the log cannot be written.
        """
        if not await self._publish(BrokerName(namespace, broker), event, ()):
            raise Refused(500, "A Trigger's subscriber failed for good and no dead-letter sink took over.")

    def pending(self) -> int:
        """How many deliveries are owed, waiting ones included."""
        return self._pending

    async def idle(self) -> None:
        """Wait until nothing is owed and the log is written."""
        while self._pending:
            await self._idle.wait()
        await self._log.flush()

    async def deliveries(
        self, *, state: State | None = None, correlation_id: str | None = None, limit: int = 100
    ) -> list[DeliveryRecord]:
        """Deliveries as the log has them, newest first."""
        return await self._log.records(state=state, correlation_id=correlation_id, limit=limit)

    async def _publish(self, broker: BrokerName, event: WireEvent, headers: tuple[tuple[str, str], ...]) -> bool:
        """Commit an event; where the Broker is synchronous, wait for its deliveries. False if one failed for good."""
        if self._stopping:
            raise Refused(503, "The runtime is stopping.")
        route = self._routes.brokers.get(broker)
        if route is None:
            near = suggest(str(broker), [str(name) for name in self._routes.brokers])
            raise Refused(404, f"There is no Broker {broker}{near}.")
        stored, owed = self._accept(broker, event, headers)
        if not owed:
            return True
        loop = asyncio.get_running_loop()
        committed: asyncio.Future[None] = loop.create_future()
        publisher = _Publisher(loop.create_future()) if route.synchronous else None

        def then(error: sqlite3.Error | None) -> None:
            if error is None:
                self._committed(stored, owed, publisher)
            if not committed.done():
                committed.set_exception(error) if error else committed.set_result(None)

        self._log.write(Change([stored], [delivery for delivery, _ in owed], durable=True), then)
        await committed
        if publisher is None:
            return True
        try:
            async with asyncio.timeout(FAN_OUT_GUARD_S):
                return await publisher.result
        except TimeoutError:
            return False

    def _accept(
        self, broker: BrokerName, event: WireEvent, headers: tuple[tuple[str, str], ...]
    ) -> tuple[StoredEvent, list[tuple[Delivery, Outlet]]]:
        """The event as the Broker keeps it, and to whom it is owed.

        Raises:
            Refused: with 400, its TTL is used up.
        """
        now = time.time()
        admitted, ttl = ingress.admit(event, now)
        stored = StoredEvent(self._log.next_sequence(), broker.namespace, broker.name, admitted, ttl, now, headers)
        outlets = self._routes.brokers[broker].subscriptions.of(admitted.envelope)
        return stored, [(Delivery(self._log.next_id(), stored, outlet.trigger, now), outlet) for outlet in outlets]

    def _committed(
        self, stored: StoredEvent, owed: list[tuple[Delivery, Outlet]], publisher: _Publisher | None
    ) -> None:
        """From here on the deliveries are owed whatever happens."""
        if publisher is not None and owed:
            publisher.owed += len(owed)
            publisher.sequences.append(stored.sequence)
            self._publishers[stored.sequence] = publisher
        self._owe(len(owed))
        for delivery, outlet in owed:
            self._dispatcher.offer(delivery, outlet)

    def _owe(self, count: int) -> None:
        self._pending += count
        if self._pending:
            self._idle.clear()
        else:
            self._idle.set()

    async def _attempt(self, delivery: Delivery, outlet: Outlet) -> None:
        """Deliver once and write down what came of it."""
        began = time.perf_counter()
        outcome: Taken | NotTaken
        onward: _Onward | None = None
        if isinstance(outlet.target, ToBroker):
            event = delivery.event if delivery.failure is None else dead_letter(delivery.event, delivery.failure)
            outcome, onward = Taken(202), _Onward(outlet.target.broker, event.event, event.headers)
        else:
            outcome = await self._courier.carry(delivery, outlet.target, outlet.policy)
            if isinstance(outcome, Taken) and outcome.reply is not None:
                # A reply goes where its event came from, with the TTL of its event (rules B6, D7).
                extensions = {**outcome.reply.envelope.extensions, TTL: delivery.event.ttl}
                broker = BrokerName(delivery.event.namespace, delivery.event.broker)
                onward = _Onward(broker, ingress.with_extensions(outcome.reply, extensions), outcome.headers)
        delivery.took_s = time.perf_counter() - began
        delivery.attempts += 1
        delivery.dest = outlet.target.url
        self._conclude(delivery, outlet, outcome, onward)

    def _conclude(self, delivery: Delivery, outlet: Outlet, outcome: Taken | NotTaken, onward: _Onward | None) -> None:
        """Decide what an attempt means, and commit it together with the event that goes on."""
        stored: StoredEvent | None = None
        owed: list[tuple[Delivery, Outlet]] = []
        if onward is not None:
            try:
                stored, owed = self._accept(onward.broker, onward.event, onward.headers)
            except Refused as refused:
                # The subscriber did its part, but its answer cannot be kept: rule D8.
                outcome = NotTaken(refused.status, str(refused), retryable=False, body=str(refused).encode())
                delivery.dest = broker_url(onward.broker)
        now = time.time()
        delivery.changed = now
        delivery.status = outcome.status
        delivery.error = outcome.error if isinstance(outcome, NotTaken) else None
        number = delivery.attempts
        meaning = self._judge(delivery, outlet, outcome, now)
        self._tell(delivery, outlet, number, meaning, onward.event.envelope if onward and stored else None)
        publisher = self._publishers.get(delivery.event.sequence)
        if owed and stored is not None:
            change = Change([stored], [new for new, _ in owed], [delivery], durable=True)
        else:
            change = Change(updated=[delivery], lazy=delivery.state != "pending")
            self._taken_off(publisher, delivery)
        self._write(change, lambda: self._concluded(delivery, outlet, stored, owed, publisher))

    def _judge(self, delivery: Delivery, outlet: Outlet, outcome: Taken | NotTaken, now: float) -> Meaning:
        """Bring the delivery to where its outcome puts it."""
        if isinstance(outcome, Taken):
            delivery.state = "dead" if outlet.is_dead_letter else "done"
            return delivery.state
        if outcome.retryable and outlet.policy.may_retry(delivery.attempts):
            delivery.due = now + outlet.policy.wait_s(delivery.attempts)
            return "retry"
        if outlet.dead_letter is not None:
            delivery.failure = failure(outcome, delivery.dest or outlet.target.url, self.profile)
            delivery.attempts = 0
            delivery.due = now
            return "failed"
        delivery.state = "lost"
        return "lost"

    def _tell(
        self,
        delivery: Delivery,
        outlet: Outlet,
        number: int,
        meaning: Meaning,
        reply: Envelope | None,
    ) -> None:
        stored = delivery.event
        self.dead += meaning == "dead"
        if meaning == "lost":
            self.lost += 1
            logger.warning(
                "Event %s of type %s is lost: Trigger %s, %s %s after %d attempts.",
                stored.event.envelope.id,
                stored.event.envelope.type,
                delivery.trigger,
                delivery.dest,
                delivery.error,
                number,
            )
        if self._observer is not None:
            self._observer(
                Attempt(
                    namespace=stored.namespace,
                    broker=stored.broker,
                    event=stored.event.envelope,
                    trigger=delivery.trigger,
                    dest=delivery.dest or outlet.target.url,
                    dead_letter=outlet.is_dead_letter,
                    number=number,
                    status=delivery.status,
                    error=delivery.error,
                    meaning=meaning,
                    took_s=delivery.took_s or 0.0,
                    reply=reply,
                )
            )

    def _write(self, change: Change, then: Callable[[], None]) -> None:
        """Commit a change that must come to pass: where the disk refuses it, try again until it takes it."""

        def settled(error: sqlite3.Error | None) -> None:
            if error is None:
                then()
                return
            logger.error("The event log could not be written: %s.", error)
            if not self._stopping:
                asyncio.get_running_loop().call_later(WRITE_AGAIN_S, self._write, change, then)

        self._log.write(change, settled)

    def _concluded(
        self,
        delivery: Delivery,
        outlet: Outlet,
        stored: StoredEvent | None,
        owed: list[tuple[Delivery, Outlet]],
        publisher: _Publisher | None,
    ) -> None:
        """Go on from a committed outcome."""
        self._dispatcher.release(delivery, outlet)
        if stored is not None and owed:
            nested = self._routes.brokers[BrokerName(stored.namespace, stored.broker)].synchronous
            self._committed(stored, owed, publisher if nested else None)
            self._taken_off(publisher, delivery)
        if delivery.state != "pending":
            self._owe(-1)
        elif delivery.dead_letter and outlet.dead_letter is not None:
            self._dispatcher.offer(delivery, outlet.dead_letter)

    def _taken_off(self, publisher: _Publisher | None, delivery: Delivery) -> None:
        """One delivery fewer, if it has ended, that a publisher waits for."""
        if publisher is None or delivery.state == "pending":
            return
        publisher.owed -= 1
        if publisher.owed and delivery.state != "lost":
            return
        for sequence in publisher.sequences:
            self._publishers.pop(sequence, None)
        if not publisher.result.done():
            publisher.result.set_result(delivery.state != "lost")
