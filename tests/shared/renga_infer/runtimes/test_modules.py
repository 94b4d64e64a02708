"""Networks with weights from arrays; these tests run where torch is installed."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from renga_infer.errors import ModelRefusedError
from renga_infer.registry.package import write_version
from renga_infer.registry.versions import read_version

torch = pytest.importorskip("torch", reason="torch is not installed: renga[infer] brings it")

CARD: dict[str, Any] = {
    "name": "net",
    "version": "1",
    "runtime": "torch",
    "description": "For tests.",
    "licence": "none",
    "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 4]}],
    "outputs": [{"name": "y", "datatype": "FP32", "shape": [-1, 2]}],
    "options": {"network": "perceptron", "arguments": {"sizes": [4, 8, 2]}, "device": "cpu"},
}
ROWS = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")


def weights() -> dict[str, Any]:
    """Of a network of 4, 8 and 2 units, as arrays."""
    random = np.random.default_rng(1)
    shapes = {"layers.0.weight": (8, 4), "layers.0.bias": (8,), "layers.2.weight": (2, 8), "layers.2.bias": (2,)}
    return {name: random.normal(size=shape).astype("float32") for name, shape in shapes.items()}


def test_a_network_computes_its_weights(tmp_path: Path) -> None:
    """The answer is that of the same layers by hand, also for an array that nobody may write to."""
    write_version(tmp_path, CARD, weights(), [{"x": ROWS}])
    model = read_version(tmp_path / "net" / "1", "net", "1").model
    given = weights()
    hidden = np.maximum(ROWS @ given["layers.0.weight"].T + given["layers.0.bias"], 0)
    expected = hidden @ given["layers.2.weight"].T + given["layers.2.bias"]
    received = np.frombuffer(ROWS.tobytes(), "<f4").reshape(ROWS.shape)
    for rows in (ROWS, received):
        np.testing.assert_allclose(model.compute({"x": rows})["y"], expected, rtol=1e-5, atol=1e-6)
    assert model.memory_bytes == 4 * (8 * 4 + 8 + 2 * 8 + 2)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a network that is not ours": ({"network": "os.system"}, "options.network is 'os.system'; there is perceptron"),
    "another size": ({"arguments": {"sizes": [4, 8, 3]}}, "does not fit the network"),
    "a wrong argument": ({"arguments": {"size": 3}}, "do not build a perceptron"),
    "no arguments": ({"arguments": [4]}, "options.arguments must be an object"),
    "no threads": ({"threads": 0}, "options.threads is 0"),
    "no such device": ({"device": "warp"}, "does not fit the network: Expected one of cpu"),
}


@pytest.mark.parametrize(("options", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused(options: dict[str, Any], reason: str, tmp_path: Path) -> None:
    """A card names a network of our own list, and weights that fit it."""
    with pytest.raises(ModelRefusedError, match=reason):
        write_version(tmp_path, CARD | {"options": CARD["options"] | options}, weights(), [{"x": ROWS}])
