"""What the emulator is told, seen by what it does."""

import asyncio
import time

import pytest

from contract.receiver import Answer, receiving
from pubsub_server import PubSubServer
from renga_dev.pubsub.admin import Admin
from renga_dev.pubsub.table import Subscription, Table

FAILURES = 4
"""More than the emulator survives of several messages where their subscription has a retry policy."""


@pytest.mark.connected
def test_messages_that_fail_together_are_pushed_until_they_are_taken(pubsub: PubSubServer) -> None:
    """None of several is given up while its attempts last, however often all of them fail."""
    subscription = Subscription(
        name="handler.asked", topic="asked.v1", service="handler", function="a/handler", ack_deadline_seconds=70
    )
    table = Table(topics=("asked.v1",), dead_letter_topic="dead", publishers=(), subscriptions=(subscription,))
    count = 3
    with receiving() as receiver:
        receiver.script("handler", (*[Answer(status=503)] * (FAILURES * count), Answer()))

        async def establish() -> None:
            admin = Admin(f"http://{pubsub.host}", pubsub.project)
            await admin.establish(table, lambda _: f"{receiver.url}/handler")
            await admin.close()

        asyncio.run(establish())
        for number in range(count):
            pubsub.publish("asked.v1", b"{}", n=str(number))
        deadline = time.monotonic() + 60
        while len(receiver.heard("handler")) < (FAILURES + 1) * count and time.monotonic() < deadline:
            time.sleep(0.1)
        taken = receiver.heard("handler")[FAILURES * count :]
        assert len({each.headers["x-goog-pubsub-message-id"] for each in taken}) == count
