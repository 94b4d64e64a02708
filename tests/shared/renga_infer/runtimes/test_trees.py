"""Boosted trees from arrays."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import inference
from renga_infer.card import Card
from renga_infer.errors import ModelRefusedError
from renga_infer.runtimes import load
from renga_infer.runtimes.trees import Trees

Weights = dict[str, Any]


def walked(weights: Weights, row: Any) -> Any:
    """The scores of one row, by the words of the format's table."""
    scores = weights["base"].copy()
    for root, output in zip(weights["root"], weights["output"], strict=True):
        at = int(root)
        while at >= 0:
            value = row[weights["feature"][at]]
            left = weights["default_left"][at] if np.isnan(value) else value <= weights["threshold"][at]
            at = int(weights["left" if left else "right"][at])
        scores[output] += weights["value"][~at]
    return scores


@pytest.mark.parametrize("scores", [1, 3])
@pytest.mark.parametrize("seed", range(4))
def test_trees_sum_as_the_table_of_their_format_says(seed: int, scores: int) -> None:
    """Values at a threshold go left, NaN where the node says, a tree of one leaf adds it; each row by itself."""
    weights = inference.grown(seed, scores=scores)
    rows = np.round(np.random.default_rng(seed).normal(size=(200, 5)), 1)
    rows[::7, seed] = np.nan
    summed = Trees(weights, 5).sum(rows)
    assert summed.shape == (200, scores)
    np.testing.assert_allclose(summed, [walked(weights, row) for row in rows], rtol=0, atol=1e-12)


def test_more_rows_than_are_walked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows beyond one walk get the same sums, in order."""
    weights = inference.grown(1)
    rows = np.random.default_rng(1).normal(size=(23, 5))
    whole = Trees(weights, 5).sum(rows)
    monkeypatch.setattr("renga_infer.runtimes.trees._CELLS_AT_ONCE", 30)
    np.testing.assert_array_equal(Trees(weights, 5).sum(rows), whole)


def test_contributions_sum_to_the_score() -> None:
    """What the features gave, with what none gave, is the score; one that no tree asks gives nothing."""
    weights = inference.grown(2)
    weights["feature"][weights["feature"] == 4] = 3
    trees = Trees(weights, 5)
    rows = np.random.default_rng(2).normal(size=(50, 5))
    given = trees.contributions(rows)
    np.testing.assert_allclose(given.sum(axis=1), trees.sum(rows)[:, 0], rtol=0, atol=1e-12)
    assert (given[:, 4] == 0).all()
    assert np.abs(given[:, 3]).max() > 0


def card(weights: Weights, folder: Path, **fields: Any) -> tuple[Card, Path]:
    """A card of five features, and its weights on disk."""
    inputs = [{"name": "x", "datatype": "FP32", "shape": [-1, 5]}]
    data, content = inference.card_of(weights, **({"runtime": "gbdt", "inputs": inputs} | fields))
    return Card.model_validate(data), inference.write_weights(folder, content)


def test_a_probability_with_its_reasons(tmp_path: Path) -> None:
    """The link and then the calibration are applied to the score; the contributions are of the score before them."""
    weights = inference.grown(3) | {"calibration_x": np.array([0.0, 1.0]), "calibration_y": np.array([0.25, 0.75])}
    outputs = [
        {"name": "probability", "datatype": "FP64", "shape": [-1]},
        {"name": "reasons", "datatype": "FP64", "shape": [-1, 6]},
    ]
    model = load(*card(weights, tmp_path, outputs=outputs, options={"link": "sigmoid"}))
    rows = np.random.default_rng(3).normal(size=(9, 5)).astype("float32")
    answers = model.compute({"x": rows})
    scores = answers["reasons"].sum(axis=1)
    np.testing.assert_allclose(answers["probability"], 0.25 + 0.5 / (1 + np.exp(-scores)))
    assert model.memory_bytes == sum(array.nbytes for array in weights.values())


REFUSED = {
    "a feature that the input has not": ({"feature": 7}, "'feature' reaches from"),
    "a child that is not there": ({"left": 10_000}, "'left' reaches from"),
    "a leaf that is not there": ({"right": -10_000}, "'right' reaches from"),
    "a score that is not there": ({"output": 2}, "'output' reaches from"),
}


@pytest.mark.parametrize(("change", "reason"), REFUSED.values(), ids=REFUSED)
def test_indices_that_lead_nowhere_are_refused(change: dict[str, int], reason: str, tmp_path: Path) -> None:
    """Trees with an index out of range are refused when they are loaded."""
    weights = inference.grown(4)
    for name, value in change.items():
        weights[name][0] = value
    with pytest.raises(ModelRefusedError, match=reason):
        load(*card(weights, tmp_path))


def test_a_ring_is_refused(tmp_path: Path) -> None:
    """A tree that leads back to itself is refused, not walked for ever."""
    weights = inference.grown(5)
    weights["left"][2] = 1
    with pytest.raises(ModelRefusedError, match="comes before its parent"):
        load(*card(weights, tmp_path))


def test_arrays_of_another_form_are_refused(tmp_path: Path) -> None:
    """An array that is absent, unknown or of another type is named, with what it should be."""
    weights = inference.grown(6)
    with pytest.raises(ModelRefusedError, match="no array 'base'"):
        load(*card({name: array for name, array in weights.items() if name != "base"}, tmp_path))
    with pytest.raises(ModelRefusedError, match="'bias' that the runtime does not know"):
        load(*card(weights | {"bias": np.zeros(1)}, tmp_path))
    with pytest.raises(ModelRefusedError, match="'threshold' is float32 with 1 axes, not float64 with 1"):
        load(*card(weights | {"threshold": weights["threshold"].astype("float32")}, tmp_path))
    with pytest.raises(ModelRefusedError, match="`node_value` has 1 nodes"):
        load(*card(weights | {"node_value": np.zeros(1)}, tmp_path))
