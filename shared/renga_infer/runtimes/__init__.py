"""What computes: one module for each kind of weights, by the name that a card's `runtime` gives.

A runtime is a function `load(card, weights)` that gives a `Model`. It reads arrays; it never runs what a file says.
"""

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from renga_infer.card import Card
from renga_infer.errors import ModelRefusedError
from renga_infer.protocol.datatypes import Array


class Model(Protocol):
    """Loaded weights. One thread calls it, one call at a time."""

    memory_bytes: int
    """What its weights take."""
    fallbacks: int
    """Calls that were computed eagerly, where faster code was to be used."""

    def compute(self, inputs: Mapping[str, Array]) -> Mapping[str, Array]:
        """Every output of the card, for every input of the card, in the card's datatypes and shapes.

        Raises:
            ValueError: the inputs have a fault that their shapes do not show; it costs its request alone.
        """
        ...


RUNTIMES = {
    "linear": "renga_infer.runtimes.linear",
    "gbdt": "renga_infer.runtimes.trees",
    "torch": "renga_infer.runtimes.modules",
}
"""The module of each; it is imported with the first model that wants it."""


def load(card: Card, weights: Path) -> Model:
    """The model that a card and its weights describe.

    Raises:
        ModelRefusedError: there is no such runtime, it is not installed, or the weights are not what it wants.
    """
    module = RUNTIMES.get(card.runtime)
    if module is None:
        raise ModelRefusedError(f"card.json: runtime is {card.runtime!r}; there is {', '.join(sorted(RUNTIMES))}.")
    try:
        loader: Callable[[Card, Path], Model] = importlib.import_module(module).load
    except ModuleNotFoundError as error:
        raise ModelRefusedError(
            f"The runtime {card.runtime!r} wants the package {error.name!r}: install renga[infer]."
        ) from None
    return loader(card, weights)
