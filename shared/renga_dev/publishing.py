"""Publishes events to the Broker of a runtime, as its user."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime

from renga.wire import WireEvent, encode_binary
from renga_dev.endpoint import Endpoint, Refused, detail
from renga_events.envelope import Envelope

INGRESS = "default/default"
"""Namespace and name of the Broker that the chains hang on."""


def new(ce_type: str, data: bytes, attributes: Mapping[str, str]) -> WireEvent:
    """A new event around some JSON.

    Args:
        ce_type: its type.
        data: its data.
        attributes: `id`, `source` and `subject`, where they are not to be as by default: random, /renga/publish, none.
    """
    envelope = Envelope(
        id=attributes.get("id") or os.urandom(16).hex(),
        source=attributes.get("source") or "/renga/publish",
        type=ce_type,
        subject=attributes.get("subject"),
        time=now(),
        datacontenttype="application/json",
    )
    return WireEvent(envelope, data)


def now() -> str:
    """The time as events have it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def publish(runtime: Endpoint, event: WireEvent) -> None:
    """Have the Broker take an event.

    Raises:
        NoRuntime: nobody listens.
        Refused: the Broker did not take it.
    """
    headers, body = encode_binary(event)
    answer = await runtime.request("POST", runtime.of(INGRESS), headers=headers, body=body)
    if not 200 <= answer.status < 300:
        raise Refused(f"The Broker at {runtime.of(INGRESS)} did not take it", answer.status, detail(answer))
