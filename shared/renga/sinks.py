"""Where a function's events go when they cannot be the answer to a request."""

from typing import Protocol

from renga import wire
from renga.fates import Retry
from renga.wire import WireEvent


class Sink(Protocol):
    """Takes events and keeps them."""

    async def publish(self, event: WireEvent) -> None:
        """Return when the event is accepted.

        Raises:
            Retry: it was not; another try may succeed.
            ValueError: it never will be.
        """
        ...

    async def bury(self, event: WireEvent) -> bool:
        """Keep a dead letter; False where that is the deliverer's business.

        Raises:
            Retry: it was not kept; another try may succeed.
            ValueError: it never will be.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class HttpSink:
    """Posts events to a CloudEvents endpoint: a Knative Broker's ingress, or any sink of `K_SINK`."""

    def __init__(self, url: str, *, timeout_s: float = 30.0) -> None:
        self._url = url
        self._timeout_s = timeout_s
        # A function that never publishes does not pay for a client.
        from renga.http.client import Client

        self._client = Client()

    async def publish(self, event: WireEvent) -> None:
        """Post one event in binary mode; any 2xx is acceptance."""
        headers, body = wire.encode_binary(event)
        try:
            response = await self._client.request(
                "POST", self._url, headers=headers, body=body, timeout_s=self._timeout_s
            )
        except (ConnectionError, TimeoutError) as error:
            raise Retry(f"The sink {self._url} is away: {str(error) or 'timed out'}") from error
        if not 200 <= response.status < 300:
            raise Retry(f"The sink {self._url} answered {response.status} to {event.envelope.type}.")

    async def bury(self, event: WireEvent) -> bool:
        """A Broker sees the refusal and does it itself."""
        return False

    async def close(self) -> None:
        """Close the connections."""
        self._client.close()


def sink_for(url: str, *, emulator: str = "") -> Sink:
    """The sink behind a URL; a new transport adds its scheme here.

    Args:
        url: `http://...`, or `pubsub://PROJECT`.
        emulator: `host:port` of a Pub/Sub emulator, in Pub/Sub's place.

    Raises:
        ValueError: no sink has this scheme.
    """
    if url.startswith(("http://", "https://")):
        return HttpSink(url)
    scheme, _, project = url.partition("://")
    if scheme == "pubsub" and project.strip("/"):
        from renga.pubsub.sink import PubSubSink

        return PubSubSink(project.strip("/"), emulator=emulator)
    raise ValueError(f"K_SINK={url!r} leads nowhere: use http://, https:// or pubsub://PROJECT.")
