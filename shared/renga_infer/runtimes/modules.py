"""The runtime `torch`: a network of `networks.NETWORKS` with weights from safetensors, on a GPU where there is one.

**The card.** The inputs' names are the arguments of the network's `forward`, and the outputs' names the keys of what it
returns. `options`:

| option | default | what |
| --- | --- | --- |
| `network` | | a name of the list |
| `arguments` | `{}` | what its class is built with |
| `device` | `cuda` where there is one, else `cpu` | as torch says it |
| `threads` | `OMP_NUM_THREADS` of the process | how many a CPU computes with |
| `compile` | false | whether `torch.compile` makes code of its own for each declared shape |
| `graphs` | true | whether a GPU replays each declared shape as a recorded graph |

**Shapes.** Those that a card declares, which are those of the warm-up (`engine.shapes.rehearsals`), are prepared while
the version is loaded: compiled, recorded, given their buffers. Every other shape is computed eagerly, and so is what
cannot be compiled or recorded; the log says so once, and `fallbacks` counts such calls.
"""

import contextlib
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FunctionType
from typing import Any, Protocol

import torch
from pydantic import JsonValue
from safetensors import SafetensorError
from safetensors.torch import load_file

from renga_infer.card import Card
from renga_infer.engine.shapes import rehearsals
from renga_infer.errors import ModelRefusedError
from renga_infer.protocol.datatypes import Array
from renga_infer.runtimes import networks
from renga_infer.runtimes.gpu import Gpu
from renga_infer.runtimes.tensors import Network, compute_on

Shapes = tuple[tuple[int, ...], ...]
"""Of the inputs, in the order of the card."""
Prepared = Callable[[Mapping[str, Array]], Mapping[str, Any]]
"""A network in one shape: from arrays to tensors on the host."""
_THREADS: int = torch.get_num_threads()
"""What the process was given; torch lets the last model that was loaded choose for all threads to come."""
_log = logging.getLogger("renga_infer")
# Of operators beside each other, which no network of ours has. It can be said once in a process.
with contextlib.suppress(RuntimeError):
    torch.set_num_interop_threads(1)


class _Place(Protocol):
    """Where a network computes."""

    def compute(self, network: Network, inputs: Mapping[str, Array]) -> Mapping[str, Any]:
        """In any shape."""
        ...

    def prepare(self, network: Network, example: Mapping[str, Array]) -> Prepared:
        """The network in the shape of an example; whatever fails is raised."""
        ...


class _Plain:
    """A device without preparation: copies that wait."""

    def __init__(self, device: torch.device) -> None:
        self._device = device

    def compute(self, network: Network, inputs: Mapping[str, Array]) -> Mapping[str, Any]:
        return compute_on(self._device, network, inputs)

    def prepare(self, network: Network, example: Mapping[str, Array]) -> Prepared:
        self.compute(network, example)
        return lambda inputs: self.compute(network, inputs)


class _Served:
    def __init__(self, card: Card, network: torch.nn.Module, place: _Place, threads: int) -> None:
        self.fallbacks = 0
        self.memory_bytes = sum(value.numel() * value.element_size() for value in network.state_dict().values())
        self._who = f"The model {card.name!r}, version {card.version},"
        self._inputs = [spec.name for spec in card.inputs]
        self._outputs = [(spec.name, spec.datatype.dtype) for spec in card.outputs]
        self._network = network
        self._place = place
        self._threads = threads
        self._prepared: dict[Shapes, Prepared] = {}
        self._fallen: set[Shapes] = set()
        """Those that could not be prepared as they should."""
        self._prepares = self._told = False

    def compute(self, inputs: Mapping[str, Array]) -> Mapping[str, Array]:
        self._settle()
        shapes = self._shapes(inputs)
        prepared = self._prepared.get(shapes)
        if self._prepares and (prepared is None or shapes in self._fallen):
            self.fallbacks += 1
            if not self._told and shapes not in self._fallen:
                self._told = True
                self._tell(shapes, "its card declares no such buckets; it is not said again of others.")
        with torch.inference_mode():
            answers = self._place.compute(self._network, inputs) if prepared is None else prepared(inputs)
            return {name: answers[name].numpy().astype(dtype, copy=False) for name, dtype in self._outputs}

    def prepare(self, example: Mapping[str, Array], *, compiled: bool) -> None:
        """Make the shapes of an example fast; what fails is left out, and the log says so."""
        self._settle()
        self._prepares = True
        shapes = self._shapes(example)
        for network in (_compiled(self._network), self._network) if compiled else (self._network,):
            try:
                with torch.inference_mode():
                    self._prepared[shapes] = self._place.prepare(network, example)
            except Exception as error:  # noqa: BLE001 - compilers raise what they like; computed eagerly, a fault of the network itself shows
                self._fallen.add(shapes)
                self._tell(shapes, f"{type(error).__name__}: {error}".partition("\n")[0])
            else:
                return

    def _tell(self, shapes: Shapes, reason: str) -> None:
        shown = ", ".join(f"{name} {list(shape)}" for name, shape in zip(self._inputs, shapes, strict=True))
        _log.warning("%s computes %s eagerly: %s", self._who, shown, reason[:500])

    def _shapes(self, inputs: Mapping[str, Array]) -> Shapes:
        return tuple(inputs[name].shape for name in self._inputs)

    def _settle(self) -> None:
        # Each thread has its own number, and compiled code is made for one number.
        if torch.get_num_threads() != self._threads:
            torch.set_num_threads(self._threads)


def _compiled(network: torch.nn.Module) -> Network:
    """The network for `torch.compile` to make code of, for the one shape that it will be called with."""

    def call(**given: Any) -> Mapping[str, Any]:
        answers: Mapping[str, Any] = network(**given)
        return answers

    # What is compiled is kept with the code object of a function, eight of them at most, be they another model's. With
    # a code object of its own each shape has room, finds its code at once, and is forgotten with its model.
    alone = FunctionType(call.__code__.replace(), call.__globals__, call.__name__, None, call.__closure__)
    compiled: Network = torch.compile(alone, dynamic=False, fullgraph=True)
    return compiled


def load(card: Card, weights: Path) -> _Served:
    """The network of a card.

    Raises:
        ModelRefusedError: there is no such network or device, an option is wrong, or the weights are not these.
    """
    options = card.options
    network = networks.build(options)
    threads, compiled, graphs = _threads(options), _flag(options, "compile", False), _flag(options, "graphs", True)
    try:
        network.load_state_dict(load_file(weights), strict=True)
    except (SafetensorError, RuntimeError, OSError) as error:
        raise ModelRefusedError(f"model.safetensors does not fit the network: {error}.") from None
    name = str(options.get("device", "cuda" if torch.cuda.is_available() else "cpu"))
    try:
        device = torch.device(name)
        network.eval().requires_grad_(False).to(device)
        place: _Place = Gpu(device, graphs=graphs) if device.type == "cuda" else _Plain(device)
    except (RuntimeError, AssertionError) as error:  # the latter where torch was built without CUDA
        raise ModelRefusedError(f"card.json: options.device is {name!r}: {error}.") from None
    served = _Served(card, network, place, threads)
    if compiled or isinstance(place, Gpu):
        # The largest first: what a GPU set aside for it then does for the others as well.
        for example in reversed(list(rehearsals(card))):
            served.prepare(example, compiled=compiled)
    return served


def _threads(options: Mapping[str, JsonValue]) -> int:
    threads = options.get("threads", _THREADS)
    if not isinstance(threads, int) or isinstance(threads, bool) or threads < 1:
        raise ModelRefusedError(f"card.json: options.threads is {threads!r}, not a number above 0.")
    return threads


def _flag(options: Mapping[str, JsonValue], name: str, default: bool) -> bool:
    value = options.get(name, default)
    if not isinstance(value, bool):
        raise ModelRefusedError(f"card.json: options.{name} is {value!r}, neither true nor false.")
    return value
