"""What a handler's annotations promise: the events it takes, the events it answers, and where it answers plain HTTP."""

import inspect
import re
import types
import typing
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import BaseModel

from renga_events.base import AnyEvent, DeadLetter, Event

if TYPE_CHECKING:
    from renga.outbox import Outbox

Handler = Callable[..., Any]
"""A user's function; sync or async."""


class Deployment(NamedTuple):
    """What the Knative Service of a function asks for; written into its manifest by `renga wiring`."""

    concurrency: int = 10
    """Requests that one replica handles at a time."""
    timeout_s: int = 60
    """After this a request is answered 504."""
    min_scale: int = 0
    max_scale: int = 10
    window_s: int = 60
    """Seconds without traffic before it scales to zero."""
    memory: str = "512Mi"
    """The limit; there is no CPU limit, because it would slow every cold start."""


class Stream:
    """An answer that keeps coming: server-sent events by default.

    Args:
        chunks: pieces of the body; when the client leaves, the iterator is closed.
    """

    def __init__(self, chunks: AsyncIterator[bytes], media_type: str = "text/event-stream") -> None:
        self.chunks = chunks
        self.media_type = media_type


class Route(NamedTuple):
    """A plain HTTP endpoint beside the handler."""

    method: str
    path: str
    """`/runs/{run_id}`; a name in braces matches one segment and becomes an argument."""
    handler: Handler
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, method: str, path: str, handler: Handler) -> "Route":
        """Compile a path template."""
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path))
        return cls(method, path, handler, re.compile(pattern))


@dataclass(frozen=True, slots=True)
class Contract:
    """Everything that hosts, wiring and tests need to know about a function."""

    handler: Handler
    accepts: tuple[type[Event], ...]
    """The subscription; empty for a door."""
    door: type[BaseModel] | None
    """The plain HTTP request type of a function that no event wakes: its answers are published."""
    emits: tuple[type[Event], ...]
    may_be_silent: bool
    """Whether None or an empty list is an answer, so that nobody should wait for one."""
    is_async: bool
    deployment: Deployment
    summary: str
    """The first sentence of the module's docstring."""
    outbox: "Outbox | None" = None
    """Where the handler's answers are committed together with what it changes."""
    routes: list[Route] = field(default_factory=list)

    @classmethod
    def of(cls, handler: Handler, deployment: Deployment, outbox: "Outbox | None" = None) -> "Contract":
        """Read a handler's annotations.

        Raises:
            TypeError: they promise nothing that can be kept; the message says what to write.
        """
        name = f"{handler.__module__}.{handler.__qualname__}"
        parameters = list(inspect.signature(handler).parameters.values())
        is_async = inspect.iscoroutinefunction(handler)
        if outbox is not None and (len(parameters) != 2 or is_async):
            raise TypeError(
                f"{name} has an outbox: it takes its event and a Transaction, and is no coroutine function."
            )
        if outbox is None and len(parameters) != 1:
            raise TypeError(f"{name} takes {len(parameters)} parameters; a function takes exactly one: its event.")
        hints = typing.get_type_hints(handler)
        if parameters[0].name not in hints or "return" not in hints:
            raise TypeError(
                f"{name} needs annotations: they are its subscription (`event: SomeEvent`) "
                "and its contract (`-> Answer | None`)."
            )
        inputs = _members(hints[parameters[0].name])
        emits = _answers(hints["return"], name)
        summary = summary_of(handler.__globals__.get("__doc__"))
        if all(isinstance(item, type) and issubclass(item, Event) for item in inputs):
            accepts, door = inputs, None
        elif len(inputs) == 1 and isinstance(inputs[0], type) and issubclass(inputs[0], BaseModel):
            accepts, door = (), inputs[0]
        else:
            raise TypeError(
                f"{name} takes {hints[parameters[0].name]}; "
                "it can take an Event, a union of Events, or one pydantic model."
            )
        silent = _may_be_silent(hints["return"])
        return cls(handler, accepts, door, emits, silent, is_async, deployment, summary, outbox)

    @property
    def hears_everything(self) -> bool:
        """Whether the subscription has no filter."""
        return AnyEvent in self.accepts

    @property
    def takes_dead_letters(self) -> bool:
        """Whether it is the dead-letter sink: no subscription wakes it, but what other subscribers did not take."""
        return DeadLetter in self.accepts

    def emitted(self, ce_type: str) -> type[Event]:
        """The class of an answer.

        Raises:
            LookupError: the function no longer answers with it.
        """
        found = next((event for event in self.emits if event.ce_type == ce_type), None)
        if found is None:
            raise LookupError(f"{ce_type} was said before, and is no longer an answer of this function.")
        return found

    def accepted(self, ce_type: str) -> type[Event] | None:
        """The class that takes events of this type, or None."""
        return next((event for event in self.accepts if event.ce_type == ce_type or issubclass(event, AnyEvent)), None)


def summary_of(docstring: str | None) -> str:
    """The first sentence or two of a docstring, on one line."""
    return (docstring or "").strip().partition("\n\n")[0].replace("\n", " ")


def _members(annotation: Any) -> tuple[Any, ...]:
    """A union's members, or the one thing it is."""
    if typing.get_origin(annotation) in {typing.Union, types.UnionType}:
        return typing.get_args(annotation)
    return (annotation,)


def _may_be_silent(annotation: Any) -> bool:
    return any(member is type(None) or typing.get_origin(member) is list for member in _members(annotation))


def _answers(annotation: Any, name: str) -> tuple[type[Event], ...]:
    answers: list[type[Event]] = []
    for member in _members(annotation):
        if member in {None, type(None)}:
            continue
        inner = _members(typing.get_args(member)[0]) if typing.get_origin(member) is list else (member,)
        for item in inner:
            if not (isinstance(item, type) and issubclass(item, Event)):
                raise TypeError(f"{name} returns {item}; it can return None, an Event, or a list of Events.")
            answers.append(item)
    return tuple(dict.fromkeys(answers))
