"""What a version must be to be served."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import inference
from renga_infer.errors import InvalidRequestError, ModelRefusedError
from renga_infer.registry.package import write_version
from renga_infer.registry.versions import read_version

Change = Callable[[Path], object]


def edit(file: str, **changes: Any) -> Change:
    """A change of fields of a JSON file."""

    def change(folder: Path) -> None:
        path = folder / file
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))

    return change


def golden(field: str, **changes: Any) -> Change:
    """A change of the first tensor of the golden set's first case."""

    def change(folder: Path) -> None:
        path = folder / "golden.json"
        content = json.loads(path.read_text())
        content["cases"][0][field][0] |= changes
        path.write_text(json.dumps(content))

    return change


def other_weights(folder: Path) -> None:
    """Another model's weights, with their hash in the card."""
    described, content = inference.card_of(inference.affine(3.0))
    (folder / "model.safetensors").write_bytes(content)
    edit("card.json", weights_sha256=described["weights_sha256"])(folder)


REFUSED: dict[str, tuple[Change, str]] = {
    "no card": (lambda folder: (folder / "card.json").unlink(), "card.json cannot be read: No such file"),
    "no weights": (lambda folder: (folder / "model.safetensors").unlink(), "model.safetensors cannot be read: No such"),
    "no golden set": (lambda folder: (folder / "golden.json").unlink(), "golden.json cannot be read: No such file"),
    "one changed bit": (
        lambda folder: (folder / "model.safetensors").write_bytes(
            (folder / "model.safetensors").read_bytes()[:-1] + b"\x01"
        ),
        "model.safetensors has the sha256 .*; card.json says",
    ),
    "another model's card": (edit("card.json", name="other"), "is that of 'other', version 1, and lies in the folder"),
    "another width": (
        edit("card.json", inputs=[{"name": "x", "datatype": "FP64", "shape": [-1, 3]}]),
        r"takes one input, FP32 or FP64 of shape \[-1, 2\]",
    ),
    "other weights": (other_weights, r"golden.json: cases\[0\]: 'y' is off by 14"),
    "another answer": (golden("outputs", data=[3.0, 7.001]), r"golden.json: cases\[0\]: 'y' is off by 0.001"),
    "another shape of the answer": (golden("outputs", data=[3.0], shape=[1]), "'y' is off by inf"),
    "another output": (golden("outputs", name="z"), r"has the outputs \['z'\], not \['y'\]"),
    "an example that does not fit": (golden("inputs", name="z"), r"cases\[0\]: .*has no input 'z'"),
    "a broken example": (golden("inputs", data=7), r"golden.json: cases\[0\].inputs\[0\].data is an integer"),
    "an empty golden set": (edit("golden.json", cases=[]), "golden.json has no cases"),
    "no golden set at all": (edit("golden.json", cases={}), "golden.json: cases is an object"),
}


@pytest.mark.parametrize(("change", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_agree_is_refused(change: Change, reason: str, tmp_path: Path) -> None:
    """Hash, schema and golden set must agree; the refusal says which does not."""
    inference.publish(tmp_path, "1", 1.0)
    folder = tmp_path / "affine" / "1"
    assert read_version(folder, "affine", "1").card.version == "1"
    change(folder)
    with pytest.raises(ModelRefusedError, match=reason):
        read_version(folder, "affine", "1")


def test_an_answer_within_the_tolerance_agrees(tmp_path: Path) -> None:
    """The card says how far an answer may be from the golden one."""
    inference.publish(tmp_path, "1", 1.0, tolerance={"absolute": 0.01, "relative": 0})
    folder = tmp_path / "affine" / "1"
    golden("outputs", data=[3.0, 7.009])(folder)
    read_version(folder, "affine", "1")
    golden("outputs", data=[3.0, 7.011])(folder)
    with pytest.raises(ModelRefusedError, match="off by"):
        read_version(folder, "affine", "1")


def test_a_model_that_fails_on_zeros_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The warm-up computes every declared shape before the model is ready."""
    inference.publish(tmp_path, "1", 1.0, batching={"max_batch_size": 8, "buckets": {"batch": [1, 8]}})

    class Narrow:
        memory_bytes = 0

        def compute(self, inputs: Any) -> Any:
            if len(inputs["x"]) == 8:
                raise MemoryError("too many rows")
            return {"y": inputs["x"].sum(axis=1)}

    monkeypatch.setattr("renga_infer.registry.versions.load", lambda *_: Narrow())
    with pytest.raises(ModelRefusedError, match=r"zeros of the shapes \{'x': \[8, 2\]\}: MemoryError: too many rows"):
        read_version(tmp_path / "affine" / "1", "affine", "1")


def test_a_version_is_written_as_it_is_read(tmp_path: Path) -> None:
    """A version that is written has a card with the hash of its weights, and answers its own golden set."""
    card = inference.publish(tmp_path, "7", 2.0)
    checked = read_version(tmp_path / "affine" / "7", "affine", "7")
    assert checked.card == card
    np.testing.assert_array_equal(checked.model.compute({"x": np.array([[1.0, 2.0]])})["y"], [6.0])


def test_an_example_must_fit(tmp_path: Path) -> None:
    """A golden set that the model does not take is not written."""
    with pytest.raises(InvalidRequestError, match="has the shape"):
        write_version(tmp_path, inference.described(), inference.affine(1.0), [{"x": np.zeros((1, 3))}])


def test_the_runtime_torch_says_what_it_wants(tmp_path: Path) -> None:
    """Where torch is not installed, a model that wants it is refused with the extra to install; else it is loaded."""
    try:
        import torch  # noqa: F401
    except ModuleNotFoundError:
        inference.publish(tmp_path, "1", 1.0)
        edit("card.json", runtime="torch")(tmp_path / "affine" / "1")
        with pytest.raises(ModelRefusedError, match=r"wants the package 'torch': install renga\[infer\]"):
            read_version(tmp_path / "affine" / "1", "affine", "1")
