"""The inference service against litserve and the kserve SDK's server, each with the same model on a CPU.

The model is a torch module where this environment has torch, and 300 trees computed by numpy where it has not. The two
servers do not resolve beside what is here: they get an environment of their own, laid over this one, and are left out
where that cannot be made. Every server computes with one thread.
"""

import statistics
import sys
import time
from pathlib import Path

import pytest

import inference_alone
import inference_compared
from inference_compared import CLIENTS, TORCH, Compared, measured, ours, peer, side
from measuring import say

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]

DEADLINE_S = 1.0
"""What the slowest of a hundred answers is held against."""
CALLS = 500


@pytest.fixture(scope="module")
def model() -> Compared:
    """What every server has; the figures are worth nothing without it."""
    chosen = inference_compared.module(device="cpu") if TORCH else inference_compared.trees()
    sys.stdout.write(f"\nthe model: {chosen.fields}\n")
    return chosen


def test_batches(model: Compared, tmp_path: Path) -> None:
    """Requests per second with batches, as a multiple of the same service without."""
    with (
        ours(model, tmp_path / "batched", max_batch_size=64) as batches,
        ours(model, tmp_path / "single", max_batch_size=1) as single,
    ):
        sides = {"batches of up to 64": side(batches), "one by one": side(single)}
        batched, alone = measured(model, sides, binary=True).values()
    say(
        "batches, requests per second as a multiple of one by one",
        **{f"at_{clients}_clients": batched[clients].per_second / alone[clients].per_second for clients in CLIENTS},
        p99_at_64_clients_as_a_share_of_the_deadline=batched[64].p99_ms / DEADLINE_S / 1000,
    )


def test_added_latency(model: Compared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the service adds to calling the model, in milliseconds at the median, with one client."""
    monkeypatch.setenv("MODEL", str(model.publish(tmp_path / "alone")))
    if TORCH:
        import torch

        torch.set_num_threads(1)
    call = inference_alone.compute()
    calls = []
    for _ in range(CALLS):
        begun = time.perf_counter()
        call(model.rows)
        calls.append((time.perf_counter() - begun) * 1000)
    call_ms = statistics.median(calls)
    with ours(model, tmp_path / "ours") as server:
        seen = {
            binary: measured(model, {"ours": side(server)}, binary=binary)["ours"][1].p50_ms for binary in (True, False)
        }
    say("added latency in ms", binary=seen[True] - call_ms, json=seen[False] - call_ms, the_call_itself=call_ms)


@pytest.mark.parametrize(("name", "binary"), [("litserve", False), ("kserve", False), ("kserve", True)], ids=str)
def test_peers(name: str, binary: bool, model: Compared, tmp_path: Path) -> None:
    """Requests per second and latency as multiples of the peer's; litserve has no binary tensors."""
    with peer(name, model, tmp_path / "theirs") as them, ours(model, tmp_path / "ours") as server:
        theirs, mine = measured(model, {name: them, "ours": side(server)}, binary=binary).values()
    for clients in CLIENTS:
        say(
            f"{name}, {'binary' if binary else 'JSON'}, {clients} clients, ours as a multiple of theirs",
            per_second=mine[clients].per_second / theirs[clients].per_second,
            p50=mine[clients].p50_ms / theirs[clients].p50_ms,
            p99=mine[clients].p99_ms / theirs[clients].p99_ms,
            cpu=mine[clients].cpu_ms / theirs[clients].cpu_ms,
        )
