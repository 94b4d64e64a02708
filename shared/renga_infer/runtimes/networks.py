"""The network classes that a card may name: code of ours, so that weights bring none of their own."""

from collections.abc import Callable, Mapping
from itertools import pairwise

import torch
from pydantic import JsonValue

from renga_infer.errors import ModelRefusedError


class Perceptron(torch.nn.Module):
    """Fully connected layers with ReLU between them: `x` [rows, sizes[0]] to `y` [rows, sizes[-1]].

    `sizes` are the widths, input and output included.
    """

    def __init__(self, sizes: list[int]) -> None:
        super().__init__()
        layers: list[torch.nn.Module] = []
        for width, following in pairwise(sizes):
            layers += [torch.nn.Linear(width, following), torch.nn.ReLU()]
        self.layers = torch.nn.Sequential(*layers[:-1])

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        """Every output by its name."""
        return {"y": self.layers(x)}


NETWORKS: dict[str, Callable[..., torch.nn.Module]] = {"perceptron": Perceptron}
"""By the name that a card's `options.network` gives; a card's `options.arguments` are what it is built with."""


def build(options: Mapping[str, JsonValue]) -> torch.nn.Module:
    """The network that a card's options describe, with no weights yet.

    Raises:
        ModelRefusedError: there is no such network, or it cannot be built so.
    """
    name, arguments = options.get("network"), options.get("arguments", {})
    if not isinstance(name, str) or name not in NETWORKS:
        raise ModelRefusedError(f"card.json: options.network is {name!r}; there is {', '.join(sorted(NETWORKS))}.")
    if not isinstance(arguments, dict):
        raise ModelRefusedError("card.json: options.arguments must be an object.")
    try:
        return NETWORKS[name](**arguments)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ModelRefusedError(f"card.json: options.arguments do not build a {name}: {error}.") from None
