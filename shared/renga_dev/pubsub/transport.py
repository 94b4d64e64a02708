"""Pub/Sub in place of a Broker: what is published to the Broker's address goes to topics, and subscriptions push back.

What Pub/Sub does is Pub/Sub's business, here its emulator's: retries, backoff, dead letters. The emulator keeps its
messages in memory and knows no identities; it ignores filters, of which our subscriptions have none.
"""

from collections.abc import Mapping
from pathlib import Path

from renga.fates import Retry
from renga.http.client import Response
from renga.pubsub.message import topic_of
from renga.pubsub.sink import PubSubSink
from renga_dev.calls import Request
from renga_dev.eventing import ingress
from renga_dev.eventing.ingress import Incoming, Refused
from renga_dev.manifests.model import BrokerName
from renga_dev.pubsub.admin import Admin
from renga_dev.pubsub.emulator import VARIABLE, Emulator, emulator
from renga_dev.pubsub.table import Table
from renga_dev.suggestion import suggest

PROJECT = "renga-local"


class PubSub:
    """The eventing half of a runtime whose events go through Pub/Sub.

    Args:
        where: the emulator.
        table: the topics and subscriptions.
        brokers: the addresses that take events.
        base_url: where this runtime listens.
    """

    def __init__(self, where: Emulator, table: Table, brokers: frozenset[BrokerName], base_url: str) -> None:
        # Pub/Sub does not tell; the desk does.
        self.lost = self.dead = 0
        self.emulator = where
        self.table = table
        self._brokers = brokers
        self._base_url = base_url
        self._admin = Admin(where.base, PROJECT)
        self._sink = PubSubSink(PROJECT, emulator=where.host)

    @classmethod
    async def found(cls, table: Table, brokers: frozenset[BrokerName], base_url: str, log: Path) -> "PubSub":
        """With the emulator that runs, or one that is started.

        Raises:
            NoEmulator: neither can be had.
        """
        return cls(await emulator(log), table, brokers, base_url)

    @property
    def environment(self) -> Mapping[str, str]:
        """What a function has in place of its Broker's address."""
        return {"K_SINK": f"pubsub://{PROJECT}", VARIABLE: self.emulator.host}

    async def start(self) -> None:
        """Make topics and subscriptions; from here on they push.

        Raises:
            Refused: the emulator does not take one.
        """
        await self._admin.establish(self.table, lambda subscription: f"{self._base_url}/{subscription.function}")

    async def pause(self) -> None:
        """Nothing is pushed any more; an emulator that goes on without us keeps what comes."""
        await self._admin.pause(self.table)

    async def stop(self) -> None:
        """Send what waits, and end the emulator if it is ours: what it holds is gone then."""
        await self._sink.close()
        await self._admin.close()
        await self.emulator.stop()

    async def ingress(self, request: Request) -> Response:
        """Publish what was sent to a Broker's address; 202 once Pub/Sub has it."""
        try:
            incoming = ingress.read(request)
            if isinstance(incoming, Response):
                return incoming
            self._check(incoming)
            await self._sink.publish(incoming.event)
        except Refused as refused:
            return ingress.refusal(refused.status, str(refused))
        except Retry as away:
            return ingress.refusal(503, str(away))
        except ValueError as refused:
            return ingress.refusal(400, str(refused))
        return ingress.accepted()

    def pending(self) -> int:
        """Pub/Sub does not say."""
        return 0

    def _check(self, incoming: Incoming) -> None:
        if incoming.broker not in self._brokers:
            near = suggest(str(incoming.broker), [str(name) for name in self._brokers])
            raise Refused(404, f"There is no Broker {incoming.broker}{near}.")
        ce_type = incoming.event.envelope.type
        if topic_of(ce_type) not in self.table.topics:
            near = suggest(ce_type, list(self.table.topics))
            raise Refused(400, f"There is no topic for the event type {ce_type[:200]}{near}.")
