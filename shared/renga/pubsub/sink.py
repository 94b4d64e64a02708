"""Publishes events to Pub/Sub over REST: one topic per event type, acknowledged once Pub/Sub has them."""

import asyncio
from collections import deque
from typing import NamedTuple

from pydantic_core import to_json

from renga.fates import Retry
from renga.pubsub import message
from renga.pubsub.credentials import GoogleCredentials
from renga.pubsub.message import Message
from renga.wire import WireEvent

PUBLIC = "https://pubsub.googleapis.com"
_MOST_MESSAGES = 1000
_MOST_BYTES = 9_000_000
"""Of one request; Pub/Sub takes 10 MB."""
_PAUSES_S = (0.1, 0.4)
"""Before the second and the third try of what Pub/Sub says is worth another."""
_TIMEOUT_S = 30.0


class _Waiting(NamedTuple):
    message: Message
    done: asyncio.Future[None]


class PubSubSink:
    """`pubsub://PROJECT`.

    Args:
        project: the id of the Google Cloud project.
        emulator: `host:port` of an emulator, which asks for no identity; empty for Pub/Sub itself.
    """

    def __init__(self, project: str, *, emulator: str = "") -> None:
        from renga.http.client import Client

        self._base = f"{f'http://{emulator}' if emulator else PUBLIC}/v1/projects/{project}/topics"
        self._client = Client()
        self._credentials = None if emulator else GoogleCredentials()
        self._topics: dict[str, Topic] = {}

    async def publish(self, event: WireEvent) -> None:
        """Publish to the topic of the event's type; returns when Pub/Sub has it."""
        await self.topic(message.topic_of(event.envelope.type)).publish(message.encode(event))

    async def bury(self, event: WireEvent) -> bool:
        """Publish a dead letter: on Pub/Sub nobody else does."""
        await self.topic(message.DEAD_LETTERS).publish(message.encode(event))
        return True

    async def close(self) -> None:
        """Send what still waits and close the connections."""
        await asyncio.gather(*(topic.drained() for topic in self._topics.values()))
        self._client.close()

    def topic(self, name: str) -> "Topic":
        """What goes to one topic."""
        if name not in self._topics:
            self._topics[name] = Topic(self, name)
        return self._topics[name]

    async def send(self, topic: str, messages: list[Message]) -> None:
        """One request; what may pass is tried again.

        Raises:
            Retry: Pub/Sub is away, or does not let us.
            ValueError: it will never take this.
        """
        body = to_json({"messages": [each.as_json() for each in messages]})
        for pause in (*_PAUSES_S, None):
            status, said = await self._post(f"{self._base}/{topic}:publish", body)
            if status == 200:
                return
            if status == 400:
                raise ValueError(f"Pub/Sub refuses what is published to {topic}: {said}")
            if pause is None or status in {403, 404}:
                break
            await asyncio.sleep(pause)
        missing = f" There is no topic {topic}: `renga wiring` lists those that are needed." if status == 404 else ""
        raise Retry(f"Pub/Sub answered {status or 'nothing'} to {topic}: {said}{missing}")

    async def _post(self, url: str, body: bytes) -> tuple[int, str]:
        """Status and what was said; 0 where there was no answer."""
        headers = [("content-type", "application/json")]
        if self._credentials is not None:
            headers.append(("authorization", f"Bearer {await self._credentials.token()}"))
        try:
            response = await self._client.request("POST", url, headers=headers, body=body, timeout_s=_TIMEOUT_S)
        except (ConnectionError, TimeoutError) as error:
            return 0, str(error) or f"no answer within {_TIMEOUT_S:g} s"
        if response.status == 401 and self._credentials is not None:
            self._credentials.forget()
        return response.status, response.body[:300].decode(errors="replace")


class Topic:
    """What waits to be published to one topic: one request at a time, which keeps the order, with all that has come."""

    def __init__(self, sink: PubSubSink, name: str) -> None:
        self._sink = sink
        self._name = name
        self._waiting: deque[_Waiting] = deque()
        self._sending: asyncio.Task[None] | None = None

    async def publish(self, message: Message) -> None:
        """Return when Pub/Sub has it.

        Raises:
            Retry: it has not; another try may succeed.
            ValueError: it never will.
        """
        loop = asyncio.get_running_loop()
        waiting = _Waiting(message, loop.create_future())
        self._waiting.append(waiting)
        if self._sending is None:
            self._sending = loop.create_task(self._send())
        await waiting.done

    async def drained(self) -> None:
        """Wait until nothing waits."""
        if self._sending is not None:
            await self._sending

    async def _send(self) -> None:
        # What is said in the same turn of the loop goes out together.
        await asyncio.sleep(0)
        while self._waiting:
            await self._publish(self._batch())
        self._sending = None

    def _batch(self) -> list[_Waiting]:
        batch = [self._waiting.popleft()]
        size = batch[0].message.size
        while self._waiting and len(batch) < _MOST_MESSAGES:
            size += self._waiting[0].message.size
            if size > _MOST_BYTES:
                break
            batch.append(self._waiting.popleft())
        return batch

    async def _publish(self, batch: list[_Waiting]) -> None:
        try:
            await self._sink.send(self._name, [each.message for each in batch])
        except ValueError as error:
            if len(batch) > 1:
                # One of them is at fault; the others must not suffer for it.
                for each in batch:
                    await self._publish([each])
                return
            _settle(batch, error)
        except Exception as error:  # noqa: BLE001 - whoever waits is told, whatever it was
            _settle(batch, error)
        else:
            _settle(batch, None)


def _settle(batch: list[_Waiting], error: Exception | None) -> None:
    for each in batch:
        if each.done.done():
            continue  # Whoever waited has gone.
        if error is None:
            each.done.set_result(None)
        else:
            each.done.set_exception(error)
