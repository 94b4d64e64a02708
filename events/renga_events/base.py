"""What every event type is built on: a frozen pydantic class whose fields are the data and whose envelope is apart."""

from typing import ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, PrivateAttr

from renga_events.envelope import Envelope

_types: dict[str, "type[Event]"] = {}


class Event(BaseModel):
    """One event type. A subclass declares `ce_type` and its data as fields; a breaking change is a new class."""

    # Unknown fields are passed over, so that a newer producer does not break an older consumer.
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    ce_type: ClassVar[str]
    """The CloudEvents type: `dev.renga.<suite>.<what happened>.v<n>`."""
    subject_field: ClassVar[str | None] = None
    """The field that holds the aggregate's id, which becomes the event's subject."""
    text_field: ClassVar[str | None] = None
    """The field that a plain-text HTTP body fills; query parameters fill the others."""
    begins: ClassVar[bool] = False
    """Whether it comes from outside: a run begins with it, and no function need say it."""
    ends: ClassVar[Literal["well", "rejected"] | None] = None
    """How a run ends with this event; None where the run goes on."""
    aside: ClassVar[bool] = False
    """Whether it is said beside a run, which does not wait for it and does not end with it."""

    _envelope: Envelope | None = PrivateAttr(default=None)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: object) -> None:
        """Register the type.

        Raises:
            TypeError: another class has declared it.
        """
        super().__pydantic_init_subclass__(**kwargs)
        if "ce_type" not in cls.__dict__:
            return
        known = _types.setdefault(cls.ce_type, cls)
        if (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(
                f"{cls.__qualname__} declares {cls.ce_type}, which {known.__qualname__} has: one type, one class."
            )
        _types[cls.ce_type] = cls

    @property
    def envelope(self) -> Envelope:
        """The context attributes it came with.

        Raises:
            ValueError: it was made here and has not been sent.
        """
        if self._envelope is None:
            raise ValueError(f"This {type(self).__name__} was not delivered, so it has no envelope yet.")
        return self._envelope

    def inside(self, envelope: Envelope) -> Self:
        """The same event, delivered in this envelope."""
        event = self.model_copy()
        event._envelope = envelope  # noqa: SLF001 - its own class
        return event

    def subject(self) -> str | None:
        """The id of the aggregate that this event is about."""
        return str(getattr(self, self.subject_field)) if self.subject_field else None

    def to_json(self) -> bytes:
        """The data as JSON; fields that have their default are left out."""
        return self.__pydantic_serializer__.to_json(self, exclude_defaults=True)

    @classmethod
    def from_json(cls, data: bytes | str, envelope: Envelope | None = None) -> Self:
        """Read data; unknown fields are passed over at every depth, also in classes that are strict elsewhere.

        Raises:
            pydantic.ValidationError: it does not fit the type.
        """
        event = cls.model_validate_json(data, extra="ignore")
        event._envelope = envelope  # noqa: SLF001 - its own class
        return event


class AnyEvent(Event):
    """Any event at all, its data as it travelled: for functions that hear everything and read little."""

    ce_type: ClassVar[str] = "*"

    data: bytes | None = None


class DeadLetter(AnyEvent):
    """Any event that somebody did not take, with why in `knativeerror*`: for the function that keeps them."""

    ce_type: ClassVar[str] = "*dead"


def event_types() -> dict[str, type[Event]]:
    """Every type that has been imported, by its CloudEvents type."""
    return {name: cls for name, cls in sorted(_types.items()) if not issubclass(cls, AnyEvent)}
