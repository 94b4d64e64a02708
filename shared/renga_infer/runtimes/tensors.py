"""What the runtime `torch` computes with, wherever it does."""

from collections.abc import Callable, Mapping
from typing import Any

import torch

from renga_infer.protocol.datatypes import Array

Network = Callable[..., Mapping[str, Any]]
"""From the inputs, as tensors by their names, to the outputs by theirs."""


def as_tensor(array: Array) -> Any:
    """A tensor over an array's memory; over a copy's where nobody may write, as in the bytes of a request.

    Raises:
        TypeError: torch has no such numbers.
    """
    return torch.from_numpy(array if array.flags.writeable else array.copy())


def compute_on(device: torch.device, network: Network, inputs: Mapping[str, Array]) -> Mapping[str, Any]:
    """One call, there and back by copies that wait: the outputs on the host."""
    answers = network(**{name: as_tensor(array).to(device) for name, array in inputs.items()})
    return {name: answer.cpu() for name, answer in answers.items()}
