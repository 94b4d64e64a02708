"""One attempt over HTTP (rules D1, D5): an event out, an outcome back."""

import asyncio
import logging
from dataclasses import dataclass, field

from renga.deadletters import Failure, with_failure
from renga.http.client import Client, Interrupted, Response, Unreachable
from renga_dev.calls import Request, Services
from renga_dev.eventing.ingress import TTL, with_extensions
from renga_dev.eventing.outcome import NotTaken, Taken, read_answer
from renga_dev.eventing.policy import Policy
from renga_dev.eventing.records import Delivery, StoredEvent
from renga_dev.eventing.targets import ToService, ToUrl

logger = logging.getLogger("renga.eventing")


def dead_letter(stored: StoredEvent, failure: Failure) -> StoredEvent:
    """The event as a dead-letter sink gets it: the original, its TTL, and what went wrong (rule D9)."""
    event = with_failure(with_extensions(stored.event, {**stored.event.envelope.extensions, TTL: stored.ttl}), failure)
    return StoredEvent(
        stored.sequence, stored.namespace, stored.broker, event, stored.ttl, stored.arrived, stored.headers
    )


@dataclass(slots=True)
class Courier:
    """Carries events to Services and URLs."""

    services: Services
    client: Client = field(default_factory=Client)

    async def carry(self, delivery: Delivery, target: ToService | ToUrl, policy: Policy) -> Taken | NotTaken:
        """Send one event and say what became of it."""
        failure = delivery.failure
        event = delivery.event if failure is None else dead_letter(delivery.event, failure)
        encoded, body = event.encoded(structured=policy.structured)
        headers = [*encoded, *event.headers, ("kn-namespace", event.namespace)]
        if failure is None:
            headers.append(("prefer", "reply"))
        try:
            async with asyncio.timeout(policy.timeout_s):
                response = await self._post(target, headers, body)
        except TimeoutError:
            return NotTaken(None, f"no answer within {policy.timeout_s:g} s", retryable=True)
        except (Unreachable, Interrupted) as error:
            return NotTaken(None, str(error), retryable=True)
        except Exception as error:
            # A bug of ours is told in full, and is no reason to leave the event without its retries.
            logger.exception("The runtime failed to deliver to %s.", target.url)
            return NotTaken(None, f"the runtime failed: {error!r}", retryable=True)
        return read_answer(response, replies=failure is None)

    async def _post(self, target: ToService | ToUrl, headers: list[tuple[str, str]], body: bytes) -> Response:
        if isinstance(target, ToUrl):
            return await self.client.request("POST", target.url, headers=headers, body=body)
        service = target.service
        host = ("host", f"{service.name}.{service.namespace}.svc.cluster.local")
        request = Request("POST", target.target, [host, *headers], body)
        try:
            return await self.services.call(service, request)
        except KeyError:
            # A reload may take a Service away; in a cluster its address would answer so too.
            return Response(404, [], f"There is no Service {service}.".encode())
