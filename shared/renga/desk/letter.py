"""What the desk tells of a letter. Times carry their zone."""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from renga.deadletters import Failure, letter_id
from renga.wire import WireEvent
from renga_events.envelope import AttributeValue, Envelope

Outcome = Literal["well", "failed", "sent"]
"""Of a replay. `well`: the function took it. `failed`: it did not. `sent`: a Broker has it, for all who consume it."""


class Letter(BaseModel):
    """One dead letter, without its data."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    id: str
    """See `renga.deadletters.letter_id`; any beginning that no other letter has stands for it at the command line."""
    attributes: dict[str, AttributeValue]
    """The envelope: every CloudEvents attribute, `knativeerror*` among them."""
    first: datetime
    """When it came first."""
    last: datetime
    came: int = 1
    """How often it was given up; redeliveries of one dead letter count once."""
    replays: int = 0
    replayed: datetime | None = None
    """When it was replayed last."""
    outcome: Outcome | None = None
    """Of the last replay; None again once it came back."""
    said: str | None = None
    """What came of that replay, in one sentence."""

    @property
    def envelope(self) -> Envelope:
        """The attributes as an event has them."""
        return Envelope.of(self.attributes)

    @property
    def failure(self) -> Failure:
        """Who did not take it and why; an empty `dest` where it does not say."""
        return Failure.of(self.envelope) or Failure("")

    @property
    def run(self) -> str:
        """The run that it belongs to."""
        return self.envelope.correlation_id

    def facts(self) -> Mapping[str, AttributeValue]:
        """What a filter in CloudEvents SQL may ask for: the attributes, and what the desk knows besides."""
        failure = self.failure
        known: dict[str, AttributeValue] = {
            "letter": self.id,
            "run": self.run,
            "service": failure.service,
            "reason": failure.reason or "",
            "came": self.came,
            "replays": self.replays,
            "outcome": self.outcome or "",
        }
        return known | self.attributes


class WholeLetter(Letter):
    """A letter with its data, byte for byte."""

    data_base64: str | None = None

    @classmethod
    def of(cls, event: WireEvent, came: datetime) -> "WholeLetter":
        """A dead letter that has just come."""
        encoded = None if event.data is None else base64.b64encode(event.data).decode()
        attributes = event.envelope.attributes()
        return cls(id=letter_id(event), attributes=attributes, first=came, last=came, data_base64=encoded)

    @property
    def event(self) -> WireEvent:
        """The dead letter as it came."""
        return WireEvent(self.envelope, None if self.data_base64 is None else base64.b64decode(self.data_base64))

    def summary(self) -> Letter:
        """The same without its data."""
        return Letter(**{name: getattr(self, name) for name in Letter.model_fields})


class Replayed(BaseModel):
    """What came of a replay."""

    model_config = ConfigDict(frozen=True)

    number: int
    """Which replay of its letter it was, from 1."""
    outcome: Outcome
    said: str | None = None
