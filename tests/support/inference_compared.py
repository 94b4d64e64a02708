"""One model under several servers: a torch module where torch is installed, trees where it is not."""

import contextlib
import importlib.util
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

import inference
import inference_server
from environments import environment
from hosts import free_port
from inference_load import Measured, http_request, load
from inference_server import InferenceServer
from measuring import PEERS
from renga_infer.registry.package import write_version

CLIENTS = (1, 8, 64)
ROUNDS = 7
SECONDS = 0.7
"""Of a round."""
WIDTHS = (128, 2048, 2048, 16)
"""Of the module: 4.5 million weights, so that one row costs more than a small request does."""
FEATURES = 20
TORCH = importlib.util.find_spec("torch") is not None
_THREADS = "1"
"""Threads that a model computes with, in every server."""


@dataclass(frozen=True)
class Compared:
    """A model, and one request to it."""

    name: str
    fields: Mapping[str, Any]
    """Of its card."""
    weights: Mapping[str, Any]
    rows: Any

    def publish(self, models: Path, **batching: Any) -> Path:
        """Write it as version 1; its folder."""
        described, _ = inference.card_of(self.weights, name=self.name, **self.fields, batching=batching)
        del described["weights_sha256"]
        write_version(models, described, self.weights, [{"x": self.rows}])
        return models / self.name / "1"

    @property
    def path(self) -> str:
        """Where a server of the protocol answers for it."""
        return f"/v2/models/{self.name}/infer"


def module(widths: tuple[int, ...] = WIDTHS, **options: Any) -> Compared:
    """A torch module: layers of so many units, with ReLU between them."""
    random = np.random.default_rng(7)
    weights = {}
    for at, (width, following) in enumerate(pairwise(widths)):
        weights[f"layers.{2 * at}.weight"] = random.normal(0, width**-0.5, (following, width)).astype("float32")
        weights[f"layers.{2 * at}.bias"] = random.normal(size=following).astype("float32")
    fields = {
        "runtime": "torch",
        "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, widths[0]]}],
        "outputs": [{"name": "y", "datatype": "FP32", "shape": [-1, widths[-1]]}],
        "options": {"network": "perceptron", "arguments": {"sizes": list(widths)}, **options},
        # Sums in another order, on another device.
        "tolerance": {"absolute": 1e-2, "relative": 1e-2},
    }
    return Compared("module", fields, weights, random.normal(size=(1, widths[0])).astype("float32"))


def trees() -> Compared:
    """300 trees of 20 features."""
    fields = {
        "runtime": "gbdt",
        "inputs": [{"name": "x", "datatype": "FP64", "shape": [-1, FEATURES]}],
    }
    weights = inference.grown(7, features=FEATURES, trees=300, depth=8)
    return Compared("trees", fields, weights, np.random.default_rng(0).normal(size=(1, FEATURES)))


@contextlib.contextmanager
def ours(model: Compared, folder: Path, **batching: Any) -> Iterator[InferenceServer]:
    """Our service with it."""
    model.publish(folder / "models", **batching)
    with inference_server.started(folder / "models", folder / "log", OMP_NUM_THREADS=_THREADS) as server:
        server.until_ready(300)
        yield server


@contextlib.contextmanager
def peer(name: str, model: Compared, folder: Path, *, device: str = "cpu") -> Iterator[int]:
    """The port of another server with it; skips where that cannot be installed."""
    cache = Path(sys.prefix) / "peers"
    cache.mkdir(exist_ok=True)
    python = environment(cache, PEERS / "inference" / "servers-requirements.txt", over_suite=True) / "bin" / "python"
    port, log = free_port(), folder / "log"
    variables = {
        **os.environ,
        "PORT": str(port),
        "MODEL": str(model.publish(folder / "models")),
        "DEVICE": device,
        "PYTHONPATH": os.pathsep.join((str(Path(__file__).parents[2] / "shared"), str(Path(__file__).parent))),
        "OMP_NUM_THREADS": _THREADS,
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(python), str(PEERS / "inference" / f"{name}_server.py")],
            env=variables,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + 120
        while not _answers(model, port):
            assert process.poll() is None, log.read_text()[-2000:]
            assert time.monotonic() < deadline, log.read_text()[-2000:]
            time.sleep(0.2)
        yield port
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        process.wait()


def _answers(model: Compared, port: int) -> bool:
    try:
        load(port, http_request(model.path, model.rows, binary=False), clients=1, seconds=0.1)
    except (OSError, RuntimeError):
        return False
    return True


def measured(model: Compared, ports: Mapping[str, int], *, binary: bool) -> dict[str, dict[int, Measured]]:
    """Measure servers at each number of clients, and print: by their titles, the medians of some rounds.

    They take turns, so that whatever else the machine does falls on all of them.
    """
    request = http_request(model.path, model.rows, binary=binary)
    for port in ports.values():
        load(port, request, clients=8, seconds=0.5)
    seen: dict[str, dict[int, Measured]] = {title: {} for title in ports}
    for clients in CLIENTS:
        rounds: dict[str, list[Measured]] = {title: [] for title in ports}
        for _ in range(ROUNDS):
            for title, port in ports.items():
                rounds[title].append(load(port, request, clients=clients, seconds=SECONDS))
        for title, all_of_them in rounds.items():
            one = seen[title][clients] = Measured(
                *(statistics.median(column) for column in zip(*map(astuple, all_of_them), strict=True))
            )
            sys.stdout.write(
                f"{title:<28} {'binary' if binary else 'JSON':<6} {clients:>3} clients: {one.per_second:>7.0f}/s, "
                f"p50 {one.p50_ms:>7.2f} ms, p99 {one.p99_ms:>7.2f} ms\n"
            )
    return seen
