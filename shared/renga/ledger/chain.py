"""Who is awaited after which event, and which events end a run: what the projection knows of the functions."""

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import renga_events
from renga_events.base import Event, event_types


@dataclass(frozen=True)
class Chain:
    """The wiring, as far as runs are concerned."""

    consumers: Mapping[str, Mapping[str, Sequence[str]]]
    """Event type -> each function that takes it -> the types that it may answer with."""
    ends: Mapping[str, Literal["well", "rejected"]]
    """Event type -> how a run ends with it."""

    @cached_property
    def woken(self) -> frozenset[str]:
        """The functions that events wake; the others are doors, woken by plain HTTP."""
        return frozenset(function for takers in self.consumers.values() for function in takers)


def vocabulary() -> dict[str, type[Event]]:
    """Every event type that there is, by its CloudEvents type; imports every suite's module."""
    for module in pkgutil.iter_modules(renga_events.__path__):
        importlib.import_module(f"renga_events.{module.name}")
    return event_types()


def deployed_chain() -> Chain:
    """The chain that was generated from the functions' annotations."""
    from renga_events.chain import consumers

    known = vocabulary()
    return Chain(
        consumers={name: consumers(name) for name in known},
        ends={name: cls.ends for name, cls in known.items() if cls.ends},
    )
