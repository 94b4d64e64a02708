"""Networks on a GPU; these tests run where torch is installed and finds one."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from renga_infer.card import Card

torch = pytest.importorskip("torch", reason="torch is not installed: renga[infer] brings it")
if not torch.cuda.is_available():
    pytest.skip("torch finds no GPU here", allow_module_level=True)

from renga_infer.runtimes import Model, gpu, load, networks  # noqa: E402 - they want torch

SIZES = (16, 64, 3)
BUCKETS = (1, 4, 16)
MANY = np.random.default_rng(0).normal(size=(16, 16)).astype("float32")


def loaded(tmp_path: Path, seed: int = 1, **options: Any) -> Model:
    """A network on the GPU, with buckets."""
    random = np.random.default_rng(seed)
    shapes = {"layers.0.weight": (64, 16), "layers.0.bias": (64,), "layers.2.weight": (3, 64), "layers.2.bias": (3,)}
    save_file(
        {name: random.normal(size=shape).astype("float32") for name, shape in shapes.items()}, tmp_path / "weights"
    )
    card = {
        "name": "net",
        "version": "1",
        "runtime": "torch",
        "description": "For tests.",
        "licence": "none",
        "weights_sha256": "0" * 64,
        "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 16]}],
        "outputs": [{"name": "y", "datatype": "FP32", "shape": [-1, 3]}],
        "batching": {"max_batch_size": 16, "buckets": {"batch": BUCKETS}},
        "options": {"network": "perceptron", "arguments": {"sizes": list(SIZES)}, "device": "cuda", **options},
    }
    return load(Card.model_validate(card), tmp_path / "weights")


def eager(tmp_path: Path, seed: int = 1) -> Any:
    """What the same network answers to every row, on a CPU."""
    return loaded(tmp_path, seed, device="cpu").compute({"x": MANY})["y"]


@pytest.mark.parametrize("options", [{}, {"graphs": False}, {"compile": True}], ids=["graphs", "staged", "both"])
def test_each_bucket_answers_as_a_cpu_does(options: dict[str, Any], tmp_path: Path) -> None:
    """Recorded, staged or compiled: the same numbers, in another thread than that of the loading."""
    wanted, model = eager(tmp_path), loaded(tmp_path, **options)

    def every_bucket() -> None:
        for rows in BUCKETS:
            np.testing.assert_allclose(model.compute({"x": MANY[:rows]})["y"], wanted[:rows], rtol=1e-3, atol=1e-3)

    thread = threading.Thread(target=every_bucket)
    thread.start()
    thread.join(60)
    every_bucket()
    assert model.fallbacks == 0


def test_an_answer_is_not_the_next_ones_buffer(tmp_path: Path) -> None:
    """What was answered stays as it was while the next batch is computed in the same shape."""
    model = loaded(tmp_path)
    first = model.compute({"x": MANY[:4]})["y"]
    kept = first.copy()
    model.compute({"x": MANY[4:8]})
    np.testing.assert_array_equal(first, kept)


def test_a_shape_beyond_the_buckets_is_computed_eagerly(tmp_path: Path) -> None:
    """It is answered, and counted."""
    wanted, model = eager(tmp_path), loaded(tmp_path)
    np.testing.assert_allclose(model.compute({"x": MANY[:3]})["y"], wanted[:3], rtol=1e-3, atol=1e-3)
    assert model.fallbacks == 1


def test_what_cannot_be_recorded_is_computed_eagerly(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network that waits for its numbers is no graph; it and the next model answer all the same."""

    class Looking(networks.Perceptron):
        def forward(self, x: Any) -> dict[str, Any]:
            return super().forward(x if float(x.sum()) > -1e9 else -x)

    wanted = eager(tmp_path)
    with monkeypatch.context() as patch:
        patch.setitem(networks.NETWORKS, "perceptron", Looking)
        looking = loaded(tmp_path)
    assert "computes x [16, 16] eagerly" in caplog.text
    for model, fallbacks in ((looking, 1), (loaded(tmp_path), 0)):
        np.testing.assert_allclose(model.compute({"x": MANY})["y"], wanted, rtol=1e-3, atol=1e-3)
        assert model.fallbacks == fallbacks


def test_models_beside_each_other(tmp_path: Path) -> None:
    """Two that compute at the same time answer as they do alone; each has a stream, and gives it back."""
    before = set(gpu._taken)
    models = {seed: loaded(tmp_path, seed) for seed in (1, 2)}
    wanted = {seed: eager(tmp_path, seed) for seed in models}
    assert len(gpu._taken - before) == 2
    worst: dict[int, float] = {}

    def often(seed: int) -> None:
        answers = [models[seed].compute({"x": MANY})["y"] for _ in range(500)]
        worst[seed] = max(float(np.abs(answer - wanted[seed]).max()) for answer in answers)

    threads = [threading.Thread(target=often, args=(seed,)) for seed in models]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert worst.keys() == {1, 2}
    assert max(worst.values()) < 1e-2
    models.clear()
    assert gpu._taken == before
