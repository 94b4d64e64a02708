"""One model under several servers: a torch module where torch is installed, trees where it is not."""

import contextlib
import importlib.util
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

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
        card = inference.described(name=self.name, **self.fields, batching=batching)
        write_version(models, card, self.weights, [{"x": self.rows}])
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


def side(server: InferenceServer) -> "Side":
    """Our service, to be measured."""
    return Side(server.port, server.process.pid)


@contextlib.contextmanager
def peer(name: str, model: Compared, folder: Path, *, device: str = "cpu") -> Iterator["Side"]:
    """Another server with it; skips where that cannot be installed."""
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
        yield Side(port, process.pid)
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


class Side(NamedTuple):
    """A server that is measured."""

    port: int
    pid: int


class Seen(NamedTuple):
    """What was seen of a server at one number of clients: medians of the rounds, and the mean of what it cost."""

    per_second: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    """What all its processes computed for one request; other work on the machine hardly changes it."""


def measured(model: Compared, sides: Mapping[str, Side], *, binary: bool) -> dict[str, dict[int, Seen]]:
    """Measure servers at each number of clients, and print.

    They take turns, so that whatever else the machine does falls on all of them.
    """
    request = http_request(model.path, model.rows, binary=binary)
    for side in sides.values():
        load(side.port, request, clients=8, seconds=0.5)
    seen: dict[str, dict[int, Seen]] = {title: {} for title in sides}
    for clients in CLIENTS:
        rounds: dict[str, list[Measured]] = {title: [] for title in sides}
        cpu_s = dict.fromkeys(sides, 0.0)
        for _ in range(ROUNDS):
            for title, side in sides.items():
                cpu_s[title] -= _cpu_s(side.pid)
                rounds[title].append(load(side.port, request, clients=clients, seconds=SECONDS))
                cpu_s[title] += _cpu_s(side.pid)
        for title, all_of_them in rounds.items():
            one = seen[title][clients] = Seen(
                statistics.median(one.per_second for one in all_of_them),
                statistics.median(one.p50_ms for one in all_of_them),
                statistics.median(one.p99_ms for one in all_of_them),
                cpu_s[title] * 1000 / sum(one.requests for one in all_of_them),
            )
            sys.stdout.write(
                f"{title:<20} {'binary' if binary else 'JSON':<6} {clients:>3} clients: {one.per_second:>6.0f}/s, p50 "
                f"{one.p50_ms:>7.2f} ms, p99 {one.p99_ms:>7.2f} ms, CPU {one.cpu_ms:>6.2f} ms a request\n"
            )
    return seen


def _cpu_s(pid: int) -> float:
    """Of a process and all that it started, as Linux counts it."""
    ticks, tree = 0, [str(pid)]
    while tree:
        process = Path("/proc", tree.pop())
        fields = (process / "stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
        tree += [child for task in (process / "task").iterdir() for child in (task / "children").read_text().split()]
    return ticks / os.sysconf("SC_CLK_TCK")
