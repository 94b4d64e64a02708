"""A network on a GPU: a stream of its own, pinned buffers for each declared shape, and recorded graphs.

What stands behind it: CUDA copies from the host beside other work only from pinned memory, and a recorded graph costs
one launch where a network costs one for each of its operators (PyTorch, "CUDA semantics").
"""

import threading
import weakref
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

from renga_infer.protocol.datatypes import Array
from renga_infer.runtimes.tensors import Network, as_tensor, compute_on

_POOL = 32
"""How many streams torch has of a device, before it gives the same again."""
_WARM_UPS = 3
"""Calls before one is recorded: libraries choose their algorithms and take their workspaces in the first."""
_capturing = threading.Lock()
"""torch records one graph at a time in a process."""
_choosing = threading.Lock()
_taken: set[int] = set()
"""The streams of models in memory."""


class Gpu:
    """One model's place on a device; what it computes waits for no other model's work.

    `graphs` says whether declared shapes are recorded. One thread calls it at a time.
    """

    def __init__(self, device: torch.device, *, graphs: bool) -> None:
        """Take a stream.

        Raises:
            RuntimeError: each of the device's is a model's already, or there is no such device.
        """
        self._device = device
        self._stream = _own_stream(device)
        weakref.finalize(self, _taken.discard, self._stream.cuda_stream)
        # The weights came by the stream that is everybody's.
        self._stream.wait_stream(torch.cuda.current_stream(device))
        self._pool = torch.cuda.graph_pool_handle() if graphs else None

    def compute(self, network: Network, inputs: Mapping[str, Array]) -> Mapping[str, Any]:
        """In any shape: to the device and back by copies that wait."""
        with torch.cuda.stream(self._stream):
            return compute_on(self._device, network, inputs)

    def prepare(self, network: Network, example: Mapping[str, Array]) -> Callable[[Mapping[str, Array]], Any]:
        """The network in the shape of an example; the example's values do not matter.

        Raises:
            RuntimeError: the network cannot compute it, or cannot be recorded.
        """
        return _Staged(network, example, self._device, self._stream, self._pool)


def _own_stream(device: torch.device) -> Any:
    """One that no other model in memory has: while a graph is recorded, all that the stream gets goes into it.

    Libraries keep a workspace for each stream too, and two graphs that share one must not run at once.
    """
    with _choosing:
        for _ in range(_POOL):
            stream = torch.cuda.Stream(device)
            if stream.cuda_stream not in _taken:
                _taken.add(stream.cuda_stream)
                return stream
    raise RuntimeError(f"{device} has {_POOL} streams, and each is a model's: unload one")


class _Staged:
    """One shape: its buffers on the host and on the device, and its graph, where there are to be any."""

    def __init__(
        self, network: Network, example: Mapping[str, Array], device: torch.device, stream: Any, pool: Any
    ) -> None:
        self._network = network
        self._stream = stream
        self._graph: Any = None
        self._sent = {name: as_tensor(array).pin_memory() for name, array in example.items()}
        self._filled = {name: tensor.numpy() for name, tensor in self._sent.items()}
        with torch.cuda.stream(stream):
            self._given = {name: tensor.to(device, non_blocking=True) for name, tensor in self._sent.items()}
            for _ in range(_WARM_UPS):
                self._answers = network(**self._given)
        stream.synchronize()
        if pool is not None:
            self._record(pool)
        self._received = {
            name: torch.empty(answer.shape, dtype=answer.dtype, pin_memory=True)
            for name, answer in self._answers.items()
        }

    def _record(self, pool: Any) -> None:
        graph = torch.cuda.CUDAGraph()
        # `thread_local`: other models' threads go on allocating and copying meanwhile.
        recording = torch.cuda.graph(graph, pool=pool, stream=self._stream, capture_error_mode="thread_local")
        # The stream is set here as well: what cannot be recorded leaves the one within set for the thread.
        with _capturing, torch.cuda.stream(self._stream), recording:
            self._answers = self._network(**self._given)
        self._graph = graph

    def __call__(self, inputs: Mapping[str, Array]) -> Mapping[str, Any]:
        for name, array in inputs.items():
            np.copyto(self._filled[name], array)
        with torch.cuda.stream(self._stream):
            for name, tensor in self._given.items():
                tensor.copy_(self._sent[name], non_blocking=True)
            if self._graph is None:
                self._answers = self._network(**self._given)
            else:
                self._graph.replay()
            for name, answer in self._answers.items():
                self._received[name].copy_(answer, non_blocking=True)
        self._stream.synchronize()
        # The next batch comes through the same buffers, and this one's answers are not written yet.
        return {name: tensor.clone() for name, tensor in self._received.items()}
