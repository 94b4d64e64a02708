"""The runtime `linear`: `x @ weight + bias` over one input, then a link and a calibration.

**The card.** One input, FP32 or FP64 of shape [-1, F]; the first output, FP64 of shape [-1], or of [-1, C] for C > 1
scores. A second output is optional: the contributions, FP64 of shape [-1, F + 1]; it is for one score only. A feature
gives its scaled value times its weight, the last column is the bias: they sum to the score before the link.
`options`: `link`, one of `identity`, `sigmoid`, `softmax` (default `identity`); `features`, a list of the F names
(optional; for people).

**The weights**: `weight` float64 [F, C], `bias` float64 [C]; optional `mean` and `scale`, float64 [F]: x is
`(x - mean) / scale` first; optional `calibration_x` and `calibration_y`: see `scores.finisher`.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from renga_infer.card import Card
from renga_infer.errors import ModelRefusedError
from renga_infer.protocol.datatypes import Array
from renga_infer.runtimes.scores import CALIBRATION, finisher
from renga_infer.runtimes.weights import memory_of, read_weights


class _Served:
    fallbacks = 0

    def __init__(self, card: Card, arrays: Mapping[str, Array]) -> None:
        self.memory_bytes = memory_of(arrays)
        self._finish = finisher(card.options.get("link", "identity"), arrays)
        # A scaling before a product is a product: it costs nothing when it is folded into the weights.
        scale = arrays.get("scale", np.ones(len(arrays["weight"])))
        mean = arrays.get("mean", np.zeros(len(arrays["weight"])))
        self._weight = arrays["weight"] / scale[:, None]
        self._bias = arrays["bias"] - mean @ self._weight
        self._input = card.inputs[0].name
        self._outputs = [spec.name for spec in card.outputs]
        self._mean = mean
        self._own_bias = arrays["bias"]
        self._flat = len(card.outputs[0].shape) == 1

    def compute(self, inputs: Mapping[str, Array]) -> Mapping[str, Array]:
        rows = inputs[self._input].astype(np.float64, copy=False)
        scores = self._finish(rows @ self._weight + self._bias)
        answers = {self._outputs[0]: scores[:, 0] if self._flat else scores}
        if len(self._outputs) == 2:
            given = (rows - self._mean) * self._weight[:, 0]
            answers[self._outputs[1]] = np.concatenate([given, np.tile(self._own_bias, (len(rows), 1))], axis=1)
        return answers


def load(card: Card, weights: Path) -> _Served:
    """The linear model of a card.

    Raises:
        ModelRefusedError: the weights and the card are not as the module's docstring says.
    """
    arrays = read_weights(
        weights,
        {"weight": ("float64", 2), "bias": ("float64", 1)},
        {**CALIBRATION, "mean": ("float64", 1), "scale": ("float64", 1)},
    )
    features, scores = arrays["weight"].shape
    if any(len(arrays[name]) != features for name in ("mean", "scale") if name in arrays) or (
        len(arrays["bias"]) != scores
    ):
        raise ModelRefusedError(f"model.safetensors: mean and scale must be {features} long, and bias {scores}.")
    if not (arrays.get("scale", np.ones(1)) > 0).all():
        raise ModelRefusedError("model.safetensors: `scale` divides, so all of it must be above 0.")
    taken = [(spec.shape, spec.datatype.is_float) for spec in card.inputs]
    given = [spec.shape for spec in card.outputs]
    forms = [(-1,) if scores == 1 else (-1, scores), (-1, features + 1)]
    explains = len(given) > 1
    if taken != [((-1, features), True)] or given != forms[: len(given)] or (explains and scores > 1):
        raise ModelRefusedError(
            f"card.json: with a weight of {features} by {scores} the runtime linear takes one input, FP32 or FP64 of "
            f"shape [-1, {features}], and gives one output of shape {[-1] if scores == 1 else [-1, scores]}, and with "
            f"one score contributions of shape [-1, {features + 1}] beside it."
        )
    return _Served(card, arrays)
