"""`python tests/benchmarks/infer_device.py --device cuda`: the inference service on one device, as a page to commit.

The page, Markdown with the device's name, goes to standard output, and what happens meanwhile to standard error. It
wants torch beside what `make install` brings; litserve and the kserve SDK's server are left out where they cannot be
installed. It takes some six minutes: four to measure, and what the compiler needs for each bucket.
"""

import argparse
import contextlib
import importlib.metadata
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]
sys.path[:0] = [str(REPOSITORY / "tests" / "support"), str(REPOSITORY / "shared")]
os.environ["PYTHONPATH"] = str(REPOSITORY / "shared")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np  # noqa: E402 - after the number of its threads, like all below
import pytest  # noqa: E402

import inference_compared  # noqa: E402
from inference_compared import CLIENTS, Seen, measured, ours, peer, side  # noqa: E402
from inference_server import InferenceServer  # noqa: E402
from renga_infer.card import read_card  # noqa: E402
from renga_infer.runtimes import Model, load  # noqa: E402

GPU_WAYS = {
    "eager": {"graphs": False},
    "graphs": {"graphs": True},
    "compiled": {"graphs": False, "compile": True},
    "compiled, graphs": {"graphs": True, "compile": True},
}
CPU_WAYS = {"eager": {"compile": False}, "compiled": {"compile": True}}
PEERS = ("litserve", "kserve")
BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
SERVED = 64
"""The largest batch of the services."""
HELPS = 1.1
"""A batch twice as large helps while it computes so many times as many rows in a second."""
Row = tuple[object, ...]


def device_name(device: str) -> str:
    """What the device calls itself."""
    if device != "cpu":
        import torch

        return str(torch.cuda.get_device_name(device))
    with contextlib.suppress(OSError, IndexError):
        return Path("/proc/cpuinfo").read_text().partition("model name")[2].split("\n")[0].split(":")[1].strip()
    return platform.processor() or platform.machine()


def table(head: Sequence[str], rows: Sequence[Row]) -> str:
    """Markdown."""
    lines = [head, ["---"] * len(head), *([str(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


# One call.


def seconds_a_call(model: Model, rows: Any, seconds: float) -> float:
    """The median."""
    taken: list[float] = []
    until = time.perf_counter() + seconds
    while len(taken) < 5 or time.perf_counter() < until:
        begun = time.perf_counter()
        model.compute({"x": rows})
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def calls(
    ways: Mapping[str, Mapping[str, Any]], widths: tuple[int, ...], device: str, buckets: Sequence[int], seconds: float
) -> Iterator[str]:
    """What one call takes in each way and bucket, and the largest batch that helps."""
    models: dict[str, Model] = {}
    with tempfile.TemporaryDirectory() as folder:
        for way, options in ways.items():
            compared = inference_compared.module(widths, device=device, **options)
            begun = time.perf_counter()
            made = compared.publish(Path(folder) / way, max_batch_size=buckets[-1], buckets={"batch": list(buckets)})
            models[way] = load(read_card((made / "card.json").read_bytes()), made / "model.safetensors")
            sys.stderr.write(f"{way}: written, checked and loaded in {time.perf_counter() - begun:.0f} s\n")
    random = np.random.default_rng(3)
    rows: list[Row] = []
    best: dict[int, float] = {}
    for bucket in buckets:
        given = random.normal(size=(bucket, widths[0])).astype("float32")
        taken = {way: seconds_a_call(model, given, seconds) for way, model in models.items()}
        best[bucket] = bucket / min(taken.values())
        gains = [f"{one * 1e3:.3f} ({taken['eager'] / one:.2f})" for one in taken.values()]
        rows.append((bucket, *gains, f"{best[bucket]:.0f}"))
        sys.stderr.write(f"{rows[-1]}\n")
    fallbacks = [way for way, model in models.items() if model.fallbacks]
    yield "## One call\n"
    yield "Milliseconds at the median, from arrays to arrays; in brackets, how many times as fast as eager.\n"
    yield table(["rows", *ways, "rows a second, at best"], rows)
    largest = buckets[0]
    for smaller, bucket in pairwise(buckets):
        if best[bucket] > best[smaller] * HELPS:
            largest = bucket
    yield f"The largest batch that helps, by {HELPS} times the rows a second of the one before: {largest}.\n"
    yield f"Computed eagerly, though it should not: {', '.join(fallbacks) or 'nothing'}.\n"


# Requests.


def batch_counts(server: InferenceServer) -> tuple[float, float, float]:
    """Rows, rows with their padding, and calls of the model so far."""
    found = dict.fromkeys(
        ("renga_infer_rows_total", "renga_infer_padded_rows_total", "renga_infer_batch_rows_count"), 0.0
    )
    for line in server.call("GET", "/metrics").body.decode().splitlines():
        name, _, rest = line.partition("{")
        if name in found:
            found[name] += float(rest.rpartition(" ")[2])
    rows, padded, made = found.values()
    return rows, padded, made


def requests(ways: Mapping[str, Mapping[str, Any]], widths: tuple[int, ...], device: str) -> Iterator[str]:
    """Each server at each number of clients, and how full our batches were."""
    buckets = {"batch": [bucket for bucket in BUCKETS if bucket <= SERVED]}
    missing: list[str] = []
    rows: list[Row] = []
    filled: list[Row] = []
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = {}
        for way in ("eager", list(ways)[-1]):
            compared = inference_compared.module(widths, device=device, **ways[way])
            servers[f"ours, {way}"] = stack.enter_context(
                ours(compared, folder / way, max_batch_size=SERVED, buckets=buckets)
            )
        sides = {title: side(server) for title, server in servers.items()}
        plain = inference_compared.module(widths, device=device)
        for name in PEERS:
            try:
                sides[name] = stack.enter_context(peer(name, plain, folder / name, device=device))
            except pytest.skip.Exception as reason:
                missing.append(f"{name}: {reason}")
        for binary in (False, True):
            asked = {title: one for title, one in sides.items() if not binary or title != "litserve"}
            before = {title: batch_counts(server) for title, server in servers.items()}
            with contextlib.redirect_stdout(sys.stderr):
                seen = measured(plain, asked, binary=binary)
            form = "binary" if binary else "JSON"
            rows += [(title, form, *map(_shown, (one[clients] for clients in CLIENTS))) for title, one in seen.items()]
            filled += [
                (title, form, *_filled(before[title], batch_counts(server))) for title, server in servers.items()
            ]
    yield "## Requests\n"
    yield "Of one row each: requests a second, then in milliseconds p50, p99 and what a request cost of the CPU.\n"
    yield table(["server", "data", *(f"{clients} clients" for clients in CLIENTS)], rows)
    yield from (f"Left out, {line}.\n" for line in missing)
    yield f"Our batches, of up to {SERVED} rows, over all of that:\n"
    yield table(["server", "data", "rows a batch", "bucket fill"], filled)


def _shown(one: Seen) -> str:
    return f"{one.per_second:.0f}, {one.p50_ms:.2f}, {one.p99_ms:.2f}, {one.cpu_ms:.2f}"


def _filled(before: Sequence[float], after: Sequence[float]) -> tuple[str, str]:
    rows, padded, made = (later - earlier for earlier, later in zip(before, after, strict=True))
    return f"{rows / made:.1f}", f"{rows / padded:.0%}"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda", help="as torch names it")
    parser.add_argument(
        "--widths", default=",".join(map(str, inference_compared.WIDTHS)), help="of the module's layers"
    )
    parser.add_argument("--largest", type=int, default=BUCKETS[-1], help="the largest bucket of the calls")
    parser.add_argument("--seconds", type=float, default=1.0, help="of the calls of one bucket in one way")
    given = parser.parse_args()
    if not inference_compared.TORCH:
        sys.stderr.write("infer_device: torch is not installed here: install renga[infer].\n")
        return 1
    widths = tuple(int(width) for width in given.widths.split(","))
    ways = CPU_WAYS if given.device == "cpu" else GPU_WAYS
    buckets = [bucket for bucket in BUCKETS if bucket <= given.largest]
    begun = time.monotonic()
    sys.stdout.write(f"# The inference service on {device_name(given.device)}\n\n")
    day = f"{datetime.now(UTC):%d %B %Y}"
    sys.stdout.write(
        f"`tests/benchmarks/infer_device.py --device {given.device} --widths {given.widths}`, {day}; "
        f"torch {importlib.metadata.version('torch')}, Python {platform.python_version()}, {os.cpu_count()} CPU "
        f"cores, load {os.getloadavg()[0]:.1f} at the start. The module is linear layers of these widths with ReLU "
        "between them, FP32; every server computes with one thread.\n\n"
    )
    for part in (calls(ways, widths, given.device, buckets, given.seconds), requests(ways, widths, given.device)):
        for text in part:
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()
    sys.stderr.write(f"{time.monotonic() - begun:.0f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
