"""Who is awaited after which event, and which events end a run: what the projection knows of the functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal


@dataclass(frozen=True)
class Chain:
    """The wiring, as far as runs are concerned."""

    consumers: Mapping[str, Mapping[str, Sequence[str]]]
    """Event type -> each function that takes it -> the types that it may answer with."""
    ends: Mapping[str, Literal["well", "rejected"]]
    """Event type -> how a run ends with it."""
    asides: frozenset[str] = frozenset()
    """Event types that are said beside a run."""

    @cached_property
    def woken(self) -> frozenset[str]:
        """The functions that events wake; the others are doors, woken by plain HTTP."""
        return frozenset(function for takers in self.consumers.values() for function in takers)


def deployed_chain() -> Chain:
    """The chain that was generated from the functions' annotations."""
    from renga_events.chain import consumers
    from renga_events.vocabulary import vocabulary

    known = vocabulary()
    return Chain(
        consumers={name: consumers(name) for name in known},
        ends={name: cls.ends for name, cls in known.items() if cls.ends},
        asides=frozenset(name for name, cls in known.items() if cls.aside),
    )
