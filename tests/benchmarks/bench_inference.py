"""The inference service against litserve and the kserve SDK's server, each with the same trees.

`RENGA_BENCH_PEERS` names a Python that has litserve, kserve and safetensors; they do not resolve beside what is here.
Without it the service is measured against itself: with and without batches, and against calling the model.
"""

import contextlib
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

import inference
import inference_server
from hosts import free_port
from inference_load import Measured, http_request, load
from measuring import PEERS, say
from renga_infer.registry.package import write_version
from renga_infer.runtimes.trees import Trees

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]

FEATURES = 20
SECONDS = 2.0
INFER = "/v2/models/trees/infer"
CLIENTS = (1, 8, 64)
ROWS = np.random.default_rng(0).normal(size=(1, FEATURES))


def publish(models: Path, **batching: Any) -> Path:
    """300 trees of 20 features; the folder of their weights."""
    weights = inference.grown(7, features=FEATURES, trees=300, depth=8)
    described, _ = inference.card_of(
        weights,
        name="trees",
        runtime="gbdt",
        inputs=[{"name": "x", "datatype": "FP64", "shape": [-1, FEATURES]}],
        batching=batching,
    )
    del described["weights_sha256"]
    write_version(models, described, weights, [{"x": ROWS}])
    return models / "trees" / "1"


@contextlib.contextmanager
def served(tmp_path: Path, **batching: Any) -> Iterator[int]:
    """The port of our service."""
    publish(tmp_path / "models", **batching)
    with inference_server.started(tmp_path / "models", tmp_path / "log") as server:
        server.until_ready()
        yield server.port


@contextlib.contextmanager
def peer(name: str, weights: Path, log: Path) -> Iterator[int]:
    """The port of another server with the same trees; skips where there is none."""
    python = os.environ.get("RENGA_BENCH_PEERS")
    if not python:
        pytest.skip("RENGA_BENCH_PEERS names no Python that has litserve and kserve")
    port = free_port()
    environment = {
        **os.environ,
        "PORT": str(port),
        "WEIGHTS": str(weights / "model.safetensors"),
        "FEATURES": str(FEATURES),
        "PYTHONPATH": str(Path(__file__).parents[2] / "shared"),
        "OMP_NUM_THREADS": "1",
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [python, str(PEERS / f"{name}_trees.py")],
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + 60
        while not answers(port):
            assert process.poll() is None, log.read_text()[-2000:]
            assert time.monotonic() < deadline, log.read_text()[-2000:]
            time.sleep(0.2)
        yield port
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        process.wait()


def answers(port: int) -> bool:
    """Whether an inference request is answered there."""
    try:
        load(port, http_request(INFER, ROWS, binary=False), clients=1, seconds=0.1)
    except (OSError, RuntimeError):
        return False
    return True


def table(title: str, port: int, *, binary: bool) -> dict[int, Measured]:
    """Measure at each number of clients, and print."""
    request = http_request(INFER, ROWS, binary=binary)
    load(port, request, clients=8, seconds=0.5)
    seen = {clients: load(port, request, clients=clients, seconds=SECONDS) for clients in CLIENTS}
    for clients, one in seen.items():
        sys.stdout.write(
            f"{title:<32} {clients:>3} clients: {one.per_second:>7.0f}/s, p50 {one.p50_ms:>7.2f} ms, "
            f"p99 {one.p99_ms:>7.2f} ms\n"
        )
    return seen


def test_batches(tmp_path: Path) -> None:
    """Requests per second with batches, as a multiple of the same service without."""
    with served(tmp_path / "batched", max_batch_size=64) as port:
        batched = table("batches of up to 64", port, binary=True)
    with served(tmp_path / "single", max_batch_size=1) as port:
        single = table("one by one", port, binary=True)
    say(
        "batches, requests per second as a multiple of one by one",
        **{f"at_{clients}_clients": batched[clients].per_second / single[clients].per_second for clients in CLIENTS},
    )


def test_added_latency(tmp_path: Path) -> None:
    """What the service adds to calling the model, in milliseconds at the median, with one client."""
    trees = Trees(load_file(publish(tmp_path / "alone") / "model.safetensors"), FEATURES)
    with served(tmp_path) as port:
        seen = {binary: table(f"binary={binary}", port, binary=binary)[1].p50_ms for binary in (True, False)}
    calls = []
    for _ in range(500):
        begun = time.perf_counter()
        trees.sum(ROWS)
        calls.append((time.perf_counter() - begun) * 1000)
    call_ms = statistics.median(calls)
    say("added latency in ms", binary=seen[True] - call_ms, json=seen[False] - call_ms, the_call_itself=call_ms)


@pytest.mark.parametrize(("name", "binary"), [("litserve", False), ("kserve", False), ("kserve", True)], ids=str)
def test_peers(name: str, binary: bool, tmp_path: Path) -> None:
    """Requests per second and latency as multiples of the peer's; litserve has no binary tensors."""
    with peer(name, publish(tmp_path / "theirs"), tmp_path / "log") as port:
        theirs = table(f"{name}, {'binary' if binary else 'JSON'}", port, binary=binary)
    with served(tmp_path / "ours") as port:
        ours = table(f"ours, {'binary' if binary else 'JSON'}", port, binary=binary)
    for clients in CLIENTS:
        say(
            f"{name}, {'binary' if binary else 'JSON'}, {clients} clients, ours as a multiple of theirs",
            per_second=ours[clients].per_second / theirs[clients].per_second,
            p50=ours[clients].p50_ms / theirs[clients].p50_ms,
            p99=ours[clients].p99_ms / theirs[clients].p99_ms,
        )
