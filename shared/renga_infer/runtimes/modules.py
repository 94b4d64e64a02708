"""The runtime `torch`: a network of `networks.NETWORKS` with weights from safetensors, on a GPU where there is one.

**The card.** `options`: `network`, a name of the list; `arguments`, what its class is built with; `device`, as torch
says it (default: `cuda` where there is one, else `cpu`); `threads`, how many a CPU computes with (default 1). The
inputs' names are the arguments of the network's `forward`, and the outputs' names the keys of what it returns.
"""

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from renga_infer.card import Card
from renga_infer.errors import ModelRefusedError
from renga_infer.protocol.datatypes import Array
from renga_infer.runtimes import networks


class _Served:
    def __init__(self, card: Card, network: torch.nn.Module, device: torch.device) -> None:
        self._outputs = [(spec.name, spec.datatype.dtype) for spec in card.outputs]
        self._network = network
        self._device = device
        self.memory_bytes = sum(value.numel() * value.element_size() for value in network.state_dict().values())

    def compute(self, inputs: Mapping[str, Array]) -> Mapping[str, Array]:
        with torch.inference_mode():
            given = {name: torch.from_numpy(_writable(array)).to(self._device) for name, array in inputs.items()}
            answers = self._network(**given)
            return {name: answers[name].cpu().numpy().astype(dtype, copy=False) for name, dtype in self._outputs}


def _writable(array: Array) -> Array:
    """An array that torch may share; what came as the bytes of a request is read-only, and it warns of such."""
    return array if array.flags.writeable else array.copy()


def load(card: Card, weights: Path) -> _Served:
    """The network of a card.

    Raises:
        ModelRefusedError: there is no such network, or its weights are not these.
    """
    network = networks.build(card.options)
    threads = card.options.get("threads", 1)
    if not isinstance(threads, int) or threads < 1:
        raise ModelRefusedError(f"card.json: options.threads is {threads!r}, not a number above 0.")
    try:
        device = torch.device(str(card.options.get("device", "cuda" if torch.cuda.is_available() else "cpu")))
        network.load_state_dict(load_file(weights), strict=True)
        network.eval().to(device)
    except (SafetensorError, RuntimeError, OSError) as error:
        raise ModelRefusedError(f"model.safetensors does not fit the network: {error}.") from None
    if device.type == "cpu":
        torch.set_num_threads(threads)
    return _Served(card, network, device)
