"""Linear models from arrays."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import inference
from renga_infer.card import Card
from renga_infer.errors import ModelRefusedError
from renga_infer.runtimes import load
from renga_infer.runtimes.scores import sigmoid, softmax

SCALED = {
    "weight": np.array([[2.0], [-1.0]]),
    "bias": np.array([0.5]),
    "mean": np.array([1.0, 3.0]),
    "scale": np.array([2.0, 4.0]),
}


def card(weights: Any, folder: Path, **fields: Any) -> tuple[Card, Path]:
    """A card and its weights on disk."""
    data, content = inference.card_of(weights, **fields)
    return Card.model_validate(data), inference.write_weights(folder, content)


def test_inputs_are_scaled_then_weighed(tmp_path: Path) -> None:
    """The answer is `(x - mean) / scale @ weight + bias`."""
    model = load(*card(SCALED, tmp_path))
    answer = model.compute({"x": np.array([[3.0, 7.0], [1.0, 3.0]])})
    np.testing.assert_allclose(answer["y"], [2 * 1 - 1 * 1 + 0.5, 0.5])


def test_contributions_sum_to_the_score(tmp_path: Path) -> None:
    """A second output says what each feature gave, scaled, and the bias last."""
    outputs = [
        {"name": "y", "datatype": "FP64", "shape": [-1]},
        {"name": "given", "datatype": "FP64", "shape": [-1, 3]},
    ]
    answer = load(*card(SCALED, tmp_path, outputs=outputs)).compute({"x": np.array([[3.0, 7.0], [1.0, 3.0]])})
    np.testing.assert_allclose(answer["given"], [[2, -1, 0.5], [0, 0, 0.5]])
    np.testing.assert_allclose(answer["given"].sum(axis=1), answer["y"])


def test_classes(tmp_path: Path) -> None:
    """Several scores make a row of probabilities that sum to 1."""
    weights = {"weight": np.array([[1.0, 0.0, -1.0], [0.0, 1000.0, 0.0]]), "bias": np.zeros(3)}
    outputs = [{"name": "y", "datatype": "FP64", "shape": [-1, 3]}]
    answer = load(*card(weights, tmp_path, outputs=outputs, options={"link": "softmax"})).compute(
        {"x": np.array([[1.0, 0.0], [0.0, 1.0]])}
    )["y"]
    np.testing.assert_allclose(answer.sum(axis=1), 1)
    np.testing.assert_allclose(answer[1], [0, 1, 0], atol=1e-12)


def test_links_are_safe_at_both_ends() -> None:
    """No score overflows."""
    np.testing.assert_allclose(sigmoid(np.array([-1e4, 0.0, 1e4])), [0, 0.5, 1])
    np.testing.assert_allclose(softmax(np.array([[1e4, -1e4]])), [[1, 0]])


REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "an unknown link": ({}, {"options": {"link": "logit"}}, "options.link is 'logit'; there is identity"),
    "an unknown runtime": ({}, {"runtime": "onnx"}, "runtime is 'onnx'; there is gbdt, linear, torch"),
    "another width": ({"weight": np.zeros((3, 1)), "mean": np.zeros(3), "scale": np.ones(3)}, {}, r"shape \[-1, 3\]"),
    "a scale of nothing": ({"scale": np.array([1.0, 0.0])}, {}, "all of it must be above 0"),
    "a short mean": ({"mean": np.zeros(1)}, {}, "must be 2 long"),
    "half a calibration": ({"calibration_x": np.zeros(1)}, {}, "calibration_x must rise"),
    "a calibration that falls": (
        {"calibration_x": np.array([1.0, 0.0]), "calibration_y": np.zeros(2)},
        {},
        "calibration_x must rise",
    ),
}


@pytest.mark.parametrize(("arrays", "fields", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused(
    arrays: dict[str, Any], fields: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    """A card and weights that do not agree are refused with the field that is wrong."""
    with pytest.raises(ModelRefusedError, match=reason):
        load(*card(SCALED | arrays, tmp_path, **fields))


def test_what_is_no_safetensors_is_refused(tmp_path: Path) -> None:
    """A pickle, or any other file, is refused and never run."""
    described, path = card(SCALED, tmp_path)
    path.write_bytes(b"\x80\x04cos\nsystem\n.")
    with pytest.raises(ModelRefusedError, match=r"model.safetensors cannot be read"):
        load(described, path)
