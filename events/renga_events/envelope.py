"""The envelope of a CloudEvent: its context attributes, apart from what it carries."""

from collections.abc import Mapping
from dataclasses import dataclass, field

AttributeValue = str | int | bool
"""CloudEvents' attribute types as Python has them; URIs, timestamps and binary values stay text."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """The context attributes of CloudEvents 1.0. `source` with `id` is the event's identity."""

    id: str
    source: str
    type: str
    subject: str | None = None
    """The aggregate that the event is about."""
    time: str | None = None
    """RFC 3339, kept as it was written."""
    datacontenttype: str | None = None
    dataschema: str | None = None
    specversion: str = "1.0"
    extensions: Mapping[str, AttributeValue] = field(default_factory=dict)

    @classmethod
    def of(cls, attributes: Mapping[str, AttributeValue]) -> "Envelope":
        """The envelope of attributes by their CloudEvents names, as `attributes` gives them.

        Raises:
            TypeError: one that is required is missing.
        """
        core = {name: str(value) for name, value in attributes.items() if name in _CORE}
        return cls(**core, extensions={name: value for name, value in attributes.items() if name not in _CORE})

    def extension(self, name: str) -> str | None:
        """An extension as text, or None."""
        value = self.extensions.get(name)
        return None if value is None else str(value)

    @property
    def correlation_id(self) -> str:
        """What ties a run's events together; an event that begins a run is its own correlation."""
        return self.extension("correlationid") or self.id

    @property
    def key(self) -> str:
        """Identity as one string, which no other source and id share: what idempotency goes by."""
        return f"{len(self.source)} {self.source} {self.id}"

    def attributes(self) -> dict[str, AttributeValue]:
        """Every attribute that is set, by its CloudEvents name, extensions last."""
        named = {
            "specversion": self.specversion,
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "subject": self.subject,
            "time": self.time,
            "datacontenttype": self.datacontenttype,
            "dataschema": self.dataschema,
        }
        return {name: value for name, value in named.items() if value is not None} | dict(self.extensions)


_CORE = frozenset(Envelope.__dataclass_fields__) - {"extensions"}
