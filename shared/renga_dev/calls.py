"""What the two halves of the runtime say to each other: eventing calls services, serving answers."""

from dataclasses import dataclass
from typing import Protocol

from renga.http.client import Response


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; header names are in lower case, `target` is the path with its query."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class ServiceName:
    """A Knative Service by namespace and name."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


class Services(Protocol):
    """The serving half, as the eventing half sees it."""

    async def call(self, service: ServiceName, request: Request) -> Response:
        """Wake the service where it sleeps, wait for its turn, and return its whole answer.

        503 and 504 of the queue and of timeouts are answers. The clock of `timeoutSeconds` is the revision's.

        Raises:
            KeyError: no such service.
            Unreachable: its process could not be reached.
            Interrupted: its process went away in the middle.
        """
        ...
