"""Networks with weights from arrays; these tests run where torch is installed."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from renga_infer.admission import admit
from renga_infer.card import Card
from renga_infer.engine.shapes import assemble, take_apart
from renga_infer.errors import ModelRefusedError
from renga_infer.protocol.datatypes import Datatype
from renga_infer.protocol.requests import Request
from renga_infer.protocol.tensors import Tensor
from renga_infer.registry.package import write_version
from renga_infer.registry.versions import read_version
from renga_infer.runtimes import Model, load

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


def by_hand(rows: Any) -> Any:
    """What that network answers."""
    given = weights()
    hidden = np.maximum(rows @ given["layers.0.weight"].T + given["layers.0.bias"], 0)
    return hidden @ given["layers.2.weight"].T + given["layers.2.bias"]


def close(found: Any, wanted: Any) -> None:
    """Equal as far as sums in another order are."""
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)


def loaded(tmp_path: Path, options: dict[str, Any], **fields: Any) -> tuple[Card, Model]:
    """The network with its card, not checked."""
    folder = tmp_path / "net" / "1"
    if not folder.is_dir():
        write_version(tmp_path, CARD, weights(), [{"x": ROWS}])
    written = (folder / "card.json").read_bytes()
    card = Card.model_validate({**Card.model_validate_json(written).model_dump(mode="json"), **fields})
    card = card.model_copy(update={"options": CARD["options"] | options})
    return card, load(card, folder / "model.safetensors")


def in_a_thread(work: Callable[[], Any]) -> Any:
    """What a thread that has computed nothing yet gives."""
    given: list[Any] = []
    thread = threading.Thread(target=lambda: given.append(work()))
    thread.start()
    thread.join(60)
    return given[0]


def ask(card: Card, model: Model, rows: Any) -> Any:
    """The answer to one request, padded as the engine does it."""
    request = admit(card, Request((Tensor("x", Datatype.FP32, rows),)))
    inputs, sizes = assemble(card, [request])
    return take_apart(card, model.compute(inputs), sizes, [request])[0]["y"]


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the service logged; torch logs as well."""
    return [line.getMessage() for line in caplog.records if line.name == "renga_infer"]


def test_a_network_computes_its_weights(tmp_path: Path) -> None:
    """The answer is that of the same layers by hand, also for an array that nobody may write to."""
    write_version(tmp_path, CARD, weights(), [{"x": ROWS}])
    model = read_version(tmp_path / "net" / "1", "net", "1").model
    received = np.frombuffer(ROWS.tobytes(), "<f4").reshape(ROWS.shape)
    for rows in (ROWS, received):
        close(model.compute({"x": rows})["y"], by_hand(ROWS))
    assert model.memory_bytes == 4 * (8 * 4 + 8 + 2 * 8 + 2)
    assert model.fallbacks == 0


def test_every_declared_shape_is_compiled_once(tmp_path: Path) -> None:
    """Each bucket has code of its own, more than torch keeps of one function; no request in any thread makes more."""
    from torch._dynamo.utils import counters

    def graphs() -> int:
        return int(counters["stats"]["unique_graphs"])

    buckets = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32]
    batching = {"max_batch_size": 32, "buckets": {"batch": buckets}}
    before = graphs()
    card, model = loaded(tmp_path, {"compile": True}, batching=batching)
    assert graphs() - before == len(buckets)
    many = np.random.default_rng(2).normal(size=(32, 4)).astype("float32")

    def every_length() -> None:
        for length in range(1, 33):
            close(ask(card, model, many[:length]), by_hand(many[:length]))

    in_a_thread(every_length)
    assert graphs() - before == len(buckets)
    assert model.fallbacks == 0


def test_a_shape_beyond_the_buckets_is_computed_eagerly(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is answered, counted each time, and told of once; those that are declared are not counted."""
    free = [{"name": "x", "datatype": "FP32", "shape": [-1, -1, 4], "axes": ["batch", "time"]}]
    given = [{"name": "y", "datatype": "FP32", "shape": [-1, -1, 2], "axes": ["batch", "time"]}]
    buckets = {"max_batch_size": 2, "buckets": {"batch": [2]}}
    card, model = loaded(tmp_path, {"compile": True}, inputs=free, outputs=given, batching=buckets)
    for length in (1, 3, 2, 3):
        rows = np.ones((1, length, 4), "float32")
        close(ask(card, model, rows), by_hand(rows))
    assert model.fallbacks == 3
    (line,) = told(caplog)
    assert "computes x [2, 3, 4] eagerly: its card declares no such buckets" in line


def test_without_a_compiler_it_is_computed_eagerly(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model is served all the same; the log says what could not be compiled and why, the count how often."""
    import torch._inductor.config as inductor

    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(inductor.cpp, "cxx", ("no-such-compiler",))
    # It was asked once in this process perhaps, and would be remembered.
    torch.compiler.reset()
    card, model = loaded(tmp_path, {"compile": True}, batching={"max_batch_size": 5, "buckets": {"batch": [5]}})
    close(ask(card, model, ROWS), by_hand(ROWS))
    assert model.fallbacks == 1
    (line,) = told(caplog)
    assert line.startswith("The model 'net', version 1, computes x [5, 4] eagerly: ")
    assert "no-such-compiler" in line


def test_what_cannot_be_compiled_is_computed_eagerly(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network that looks at its numbers has no one graph; it answers by its own code."""
    from renga_infer.runtimes import networks

    class Looking(networks.Perceptron):
        def forward(self, x: Any) -> dict[str, Any]:
            return super().forward(x if float(x.sum()) >= 0 else -x)

    monkeypatch.setitem(networks.NETWORKS, "perceptron", Looking)
    card, model = loaded(tmp_path, {"compile": True}, batching={"max_batch_size": 3, "buckets": {"batch": [3]}})
    rows = -np.abs(ROWS)
    close(ask(card, model, rows), by_hand(-rows))
    assert model.fallbacks == 1
    (line,) = told(caplog)
    assert "computes x [3, 4] eagerly: UserError" in line
    assert "data-dependent" in line


def test_each_model_keeps_to_its_threads(tmp_path: Path) -> None:
    """Whichever was loaded last: a thread that computes has as many as its model says, or as the process was given."""
    numbers = {}
    models = {threads: loaded(tmp_path, {"threads": threads})[1] for threads in (3, 1, 2)}

    def compute(model: Model) -> int:
        model.compute({"x": ROWS})
        return int(torch.get_num_threads())

    for threads, model in models.items():
        numbers[threads] = in_a_thread(lambda model=model: compute(model))  # type: ignore[misc]  # a default binds it now
    assert numbers == {3: 3, 1: 1, 2: 2}
    assert torch.get_num_interop_threads() == 1


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a network that is not ours": ({"network": "os.system"}, "options.network is 'os.system'; there is perceptron"),
    "another size": ({"arguments": {"sizes": [4, 8, 3]}}, "does not fit the network"),
    "a wrong argument": ({"arguments": {"size": 3}}, "do not build a perceptron"),
    "no arguments": ({"arguments": [4]}, "options.arguments must be an object"),
    "no threads": ({"threads": 0}, "options.threads is 0"),
    "compile is a number": ({"compile": 1}, "options.compile is 1, neither true nor false"),
    "graphs is a word": ({"graphs": "on"}, "options.graphs is 'on', neither true nor false"),
    "no such device": ({"device": "warp"}, "options.device is 'warp': Expected one of cpu"),
    "a device of another machine": ({"device": "cuda:99"}, "options.device is 'cuda:99': "),
}


@pytest.mark.parametrize(("options", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused(options: dict[str, Any], reason: str, tmp_path: Path) -> None:
    """A card names a network of our own list, and weights that fit it."""
    with pytest.raises(ModelRefusedError, match=reason):
        write_version(tmp_path, CARD | {"options": CARD["options"] | options}, weights(), [{"x": ROWS}])
