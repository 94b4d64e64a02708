"""What a terminal wants to hear while services wake and sleep."""

from typing import Protocol

from renga_dev.calls import ServiceName


class Observer(Protocol):
    """Is told as it happens; must return at once and not raise."""

    def woke(self, service: ServiceName) -> None:
        """A request or an event found it asleep; a process is being started."""

    def ready(self, service: ServiceName, milliseconds: float) -> None:
        """A replica is ready, so long after its start."""

    def slept(self, service: ServiceName) -> None:
        """The last replica was stopped."""

    def failed(self, service: ServiceName, sentence: str) -> None:
        """A replica did not start, or went away by itself; the sentence says how, and its last log lines."""

    def reloaded(self, service: ServiceName, revision: str) -> None:
        """A changed folder is now served by this revision."""


class Silence:
    """An observer that does nothing."""

    def woke(self, service: ServiceName) -> None:
        """Nothing."""

    def ready(self, service: ServiceName, milliseconds: float) -> None:
        """Nothing."""

    def slept(self, service: ServiceName) -> None:
        """Nothing."""

    def failed(self, service: ServiceName, sentence: str) -> None:
        """Nothing."""

    def reloaded(self, service: ServiceName, revision: str) -> None:
        """Nothing."""
