"""Topics and subscriptions over Pub/Sub's REST API, and messages pulled from them."""

from collections.abc import Callable
from typing import Any

from pydantic_core import from_json, to_json

from renga.http.client import Client
from renga.pubsub.credentials import GoogleCredentials
from renga_dev.pubsub.table import Subscription, Table

_TIMEOUT_S = 30.0
_CONFLICT = 409


class Refused(RuntimeError):  # noqa: N818 - says what is the case
    """Pub/Sub did not do what was asked; the message says what it answered."""


class Admin:
    """One project.

    Args:
        base: `http://host:port` of an emulator.
        project: the project's id.
        credentials: whose calls they are; an emulator asks nobody.
    """

    def __init__(self, base: str, project: str, credentials: GoogleCredentials | None = None) -> None:
        self.project = project
        self._credentials = credentials
        self._base = f"{base}/v1"
        self._client = Client()

    async def establish(self, table: Table, endpoint: Callable[[Subscription], str]) -> None:
        """Make what the table lists, and let each subscription push to its endpoint; what is there is kept.

        Raises:
            Refused: Pub/Sub does not take it.
            ConnectionError: it is away.
        """
        for topic in (*table.topics, table.dead_letter_topic):
            await self._make(self.topic(topic), {})
        for subscription in table.subscriptions:
            push = {"pushEndpoint": endpoint(subscription), "noWrapper": {"writeMetadata": True}}
            name = self.subscription(subscription.name)
            if not await self._make(name, {**self._described(subscription, table), "pushConfig": push}):
                await self.call("POST", f"{name}:modifyPushConfig", {"pushConfig": push})

    async def pause(self, table: Table) -> None:
        """Push no more; what comes stays in the subscriptions."""
        for subscription in table.subscriptions:
            await self.call("POST", f"{self.subscription(subscription.name)}:modifyPushConfig", {"pushConfig": {}})

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        """One call; the answer's JSON.

        Raises:
            Refused: the answer was no 2xx.
        """
        status, said = await self._call(method, path, body)
        if not 200 <= status < 300:
            raise Refused(f"Pub/Sub answered {status} to {method} {path}: {said[:300].decode(errors='replace')}")
        return from_json(said or b"{}")

    async def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def topic(self, name: str) -> str:
        """A topic's full name."""
        return f"projects/{self.project}/topics/{name}"

    def subscription(self, name: str) -> str:
        """A subscription's full name."""
        return f"projects/{self.project}/subscriptions/{name}"

    async def _make(self, name: str, body: Any) -> bool:
        """False where it is there already."""
        status, said = await self._call("PUT", name, body)
        if status not in {200, _CONFLICT}:
            raise Refused(f"Pub/Sub answered {status} to {name}: {said[:300].decode(errors='replace')}")
        return status != _CONFLICT

    async def _call(self, method: str, path: str, body: Any) -> tuple[int, bytes]:
        url, content = f"{self._base}/{path}", b"" if body is None else to_json(body)
        headers = [("content-type", "application/json")]
        if self._credentials is not None:
            headers.append(("authorization", f"Bearer {await self._credentials.token()}"))
        response = await self._client.request(method, url, headers=headers, body=content, timeout_s=_TIMEOUT_S)
        return response.status, response.body

    def _described(self, subscription: Subscription, table: Table) -> dict[str, Any]:
        retry = subscription.retry_policy
        described: dict[str, Any] = {
            "topic": self.topic(subscription.topic),
            "ackDeadlineSeconds": subscription.ack_deadline_seconds,
            "expirationPolicy": {},
        }
        # With such a policy the emulator stops pushing, and buries nothing, once several messages failed at a time.
        # Without it each is pushed again every second.
        if self._credentials is not None:
            described["retryPolicy"] = {
                "minimumBackoff": retry.minimum_backoff,
                "maximumBackoff": retry.maximum_backoff,
            }
        if subscription.max_delivery_attempts is not None:
            described["deadLetterPolicy"] = {
                "deadLetterTopic": self.topic(table.dead_letter_topic),
                "maxDeliveryAttempts": subscription.max_delivery_attempts,
            }
        return described
