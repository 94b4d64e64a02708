"""The runtime `gbdt`: gradient-boosted trees, stored as arrays and summed by numpy.

**The card.** One input, FP32 or FP64 of shape [-1, F]: a row of F features each, in the order of training. The first
output, FP64 of shape [-1], or of [-1, C] for C > 1 scores. A second output is optional: the contributions, FP64 of
shape [-1, F + 1]; it is for one score only. `options`: `link`, one of `identity`, `sigmoid`, `softmax` (default
`identity`); `features`, a list of the F names (optional; for people).

**The weights**, `model.safetensors`. All trees lie one after another in the same arrays. N is the number of inner
nodes of all trees, L that of all leaves, T that of trees:

| array | dtype, shape | what |
| --- | --- | --- |
| `feature` | int32 [N] | the feature that the node asks about, 0 to F - 1 |
| `threshold` | float64 [N] | a row with `value <= threshold` goes left, every other goes right |
| `default_left` | bool [N] | where a NaN goes |
| `left`, `right` | int32 [N] | the child: an inner node by its index in these arrays, a leaf by `~index` |
| `value` | float64 [L] | what a leaf adds to the score, shrinkage included |
| `root` | int32 [T] | where each tree begins: a node's index, or `~index` of a leaf for a tree of one leaf |
| `output` | int32 [T] | the score that the tree adds to, 0 to C - 1; all 0 where there is one |
| `base` | float64 [C] | what each score begins with |
| `calibration_x`, `calibration_y` | float64 [K] | optional, after the link: see `scores.finisher` |
| `node_value` | float64 [N] | needed for contributions alone: the expected value at an inner node |

`~index` is `-index - 1`: -1 is leaf 0. A child that is an inner node has a larger index than its parent, as LightGBM
numbers them, so that no tree has a ring.
Splits on categories are not in this form: encode categories as numbers first. In LightGBM's terms `left_child` and
`right_child` are as here but for the offset of the tree, `leaf_value` and `internal_value` hold the shrinkage already,
and `missing_type` must be `nan` or `none` (`use_missing=true, zero_as_missing=false`).

A contribution is Saabas's: each step down a tree gives the difference of the expected values to the feature that was
asked; the last column is the sum of `base` and the trees' roots. A row's contributions sum to its score before the
link.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from renga_infer.card import Card
from renga_infer.errors import ModelRefusedError
from renga_infer.protocol.datatypes import Array
from renga_infer.runtimes.scores import CALIBRATION, finisher
from renga_infer.runtimes.weights import memory_of, read_weights

_WANTED = {
    "feature": ("int32", 1),
    "threshold": ("float64", 1),
    "default_left": ("bool", 1),
    "left": ("int32", 1),
    "right": ("int32", 1),
    "value": ("float64", 1),
    "root": ("int32", 1),
    "output": ("int32", 1),
    "base": ("float64", 1),
}
_CELLS_AT_ONCE = 262_144
"""Rows times trees that are walked together: more would leave the cache."""


class Trees:
    """Boosted trees; `arrays` are those of the module's docstring, with F `features`.

    Raises:
        ModelRefusedError: an index leads nowhere, or a tree leads back to itself.
    """

    def __init__(self, arrays: Mapping[str, Array], features: int) -> None:
        _check(arrays, features)
        self.scores = len(arrays["base"])
        self.features = features
        self.base = arrays["base"]
        self.value = arrays["value"]
        self.root = arrays["root"].astype(np.intp)
        self.output = arrays["output"]
        self.feature = arrays["feature"].astype(np.intp)
        self.threshold = arrays["threshold"]
        self.default_left = arrays["default_left"]
        self.left = arrays["left"].astype(np.intp)
        self.right = arrays["right"].astype(np.intp)
        self.node_value = arrays.get("node_value")

    def sum(self, rows: Array) -> Array:
        """The scores [rows, scores] of `rows` [rows, features], before the link."""
        return np.concatenate([self._sum(part) for part in self._parts(rows)])

    def contributions(self, rows: Array) -> Array:
        """What each feature gave [rows, features + 1]; the last column is what no feature gave."""
        return np.concatenate([self._contributions(part) for part in self._parts(rows)])

    def _parts(self, rows: Array) -> list[Array]:
        step = max(1, _CELLS_AT_ONCE // max(1, len(self.root)))
        return [rows[start : start + step] for start in range(0, len(rows), step)]

    def _sum(self, rows: Array) -> Array:
        at = np.broadcast_to(self.root, (len(rows), len(self.root))).copy()
        deque(self._steps(rows, at), maxlen=0)
        leaves = self.value[~at]
        totals = np.tile(self.base, (len(rows), 1))
        for score in range(self.scores):
            totals[:, score] += leaves[:, self.output == score].sum(axis=1)
        return totals

    def _contributions(self, rows: Array) -> Array:
        at = np.broadcast_to(self.root, (len(rows), len(self.root))).copy()
        given = np.zeros((len(rows), self.features + 1))
        given[:, -1] = self.base[0] + self._expected(self.root).sum()
        for row, asked, before, after in self._steps(rows, at):
            np.add.at(given, (row, asked), self._expected(after) - self._expected(before))
        return given

    def _expected(self, at: Array) -> Array:
        assert self.node_value is not None  # noqa: S101 - `load` saw that it is there
        inner = at >= 0
        values = np.empty(len(at))
        values[inner] = self.node_value[at[inner]]
        values[~inner] = self.value[~at[~inner]]
        return values

    def _steps(self, rows: Array, at: Array) -> Iterator[tuple[Array, Array, Array, Array]]:
        """Walk every row down every tree, changing `at`; one entry a level: rows, features asked, from, to."""
        row, tree = np.nonzero(at >= 0)
        while len(row):
            here = at[row, tree]
            asked = self.feature[here]
            values = rows[row, asked]
            goes_left = np.where(np.isnan(values), self.default_left[here], values <= self.threshold[here])
            there = np.where(goes_left, self.left[here], self.right[here])
            at[row, tree] = there
            yield row, asked, here, there
            inner = there >= 0
            row, tree = row[inner], tree[inner]


def _check(arrays: Mapping[str, Array], features: int) -> None:
    nodes, leaves = len(arrays["feature"]), len(arrays["value"])
    for name in ("threshold", "default_left", "left", "right"):
        if len(arrays[name]) != nodes:
            raise ModelRefusedError(f"model.safetensors: {name!r} has {len(arrays[name])} nodes, `feature` {nodes}.")
    if len(arrays["root"]) != len(arrays["output"]):
        raise ModelRefusedError("model.safetensors: `root` and `output` differ in length; both have one entry a tree.")
    _check_range(arrays, "feature", 0, features)
    _check_range(arrays, "output", 0, len(arrays["base"]))
    for name in ("left", "right", "root"):
        _check_range(arrays, name, -leaves, nodes)
    for name in ("left", "right"):
        inner = arrays[name] >= 0
        if (arrays[name][inner] <= np.arange(nodes)[inner]).any():
            raise ModelRefusedError(f"model.safetensors: a child in {name!r} comes before its parent.")
    node_values = arrays.get("node_value")
    if node_values is not None and len(node_values) != nodes:
        raise ModelRefusedError(f"model.safetensors: `node_value` has {len(node_values)} nodes, `feature` {nodes}.")


def _check_range(arrays: Mapping[str, Array], name: str, low: int, high: int) -> None:
    array = arrays[name]
    if len(array) and not (low <= array.min() and array.max() < high):
        raise ModelRefusedError(
            f"model.safetensors: {name!r} reaches from {array.min()} to {array.max()}, not within {low} to {high - 1}."
        )


class _Served:
    """Trees under the names of their card."""

    fallbacks = 0

    def __init__(self, card: Card, trees: Trees, arrays: Mapping[str, Array]) -> None:
        self.memory_bytes = memory_of(arrays)
        self._trees = trees
        self._finish = finisher(card.options.get("link", "identity"), arrays)
        self._input = card.inputs[0].name
        self._outputs = [spec.name for spec in card.outputs]
        self._flat = len(card.outputs[0].shape) == 1

    def compute(self, inputs: Mapping[str, Array]) -> Mapping[str, Array]:
        rows = inputs[self._input].astype(np.float64, copy=False)
        scores = self._finish(self._trees.sum(rows))
        answers = {self._outputs[0]: scores[:, 0] if self._flat else scores}
        if len(self._outputs) == 2:
            answers[self._outputs[1]] = self._trees.contributions(rows)
        return answers


def load(card: Card, weights: Path) -> _Served:
    """The trees of a card.

    Raises:
        ModelRefusedError: the weights and the card are not as the module's docstring says.
    """
    explains = len(card.outputs) > 1
    wanted = {**_WANTED, **({"node_value": ("float64", 1)} if explains else {})}
    arrays = read_weights(weights, wanted, {**CALIBRATION, "node_value": ("float64", 1)})
    shape = card.inputs[0].shape
    if len(card.inputs) != 1 or len(shape) != 2 or shape[1] < 1 or not card.inputs[0].datatype.is_float:
        raise ModelRefusedError("card.json: the runtime gbdt takes one input, FP32 or FP64 of shape [-1, features].")
    scores, features = len(arrays["base"]), shape[1]
    forms = [(-1,) if scores == 1 else (-1, scores), (-1, features + 1)]
    given = [spec.shape for spec in card.outputs]
    if given != forms[: len(given)] or (explains and scores > 1):
        raise ModelRefusedError(
            f"card.json: outputs have the shapes {given}; with {scores} scores the runtime gbdt gives {forms[0]}, and "
            f"with one score {forms[1]} beside it."
        )
    return _Served(card, Trees(arrays, features), arrays)
