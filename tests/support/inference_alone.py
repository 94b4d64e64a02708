"""A model as its own library computes it, for servers that are compared: `MODEL` is the folder of a version.

A torch module is what somebody writes who has a module and a server: no batching engine, no runtime of ours.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from renga_infer.card import Card, read_card

Compute = Callable[[Any], Any]
"""From rows, an array, to what the card's one output holds of them."""


def card() -> Card:
    """What the model is."""
    return read_card((Path(os.environ["MODEL"]) / "card.json").read_bytes())


def compute() -> Compute:
    """The model, loaded; a torch module onto `DEVICE`, a CPU by default."""
    weights = Path(os.environ["MODEL"]) / "model.safetensors"
    described = card()
    if described.runtime == "torch":
        return _module(described, weights, os.environ.get("DEVICE", "cpu"))
    from safetensors.numpy import load_file

    from renga_infer.runtimes.trees import Trees

    trees = Trees(load_file(weights), described.inputs[0].shape[1])
    return lambda rows: trees.sum(rows)[:, 0]


def _module(described: Card, weights: Path, device: str) -> Compute:
    import torch
    from safetensors.torch import load_file

    from renga_infer.runtimes.networks import build

    module = build(described.options)
    module.load_state_dict(load_file(weights))
    module.eval().to(device)

    def answer(rows: Any) -> Any:
        with torch.inference_mode():
            return module(torch.from_numpy(rows).to(device))["y"].cpu().numpy()

    return answer
