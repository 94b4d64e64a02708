"""Logistic regression: what the model is.

Boosted trees were tried on the same folds and did worse: they learned the schemas, not the links (docs/links.md).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from renga_infer.links.training.lessons import Lesson
from renga_infer.protocol.datatypes import Array
from renga_infer.runtimes.scores import sigmoid

Floats = NDArray[np.float64]

_RIDGE: Final = 60.0
_STEPS: Final = 30
_ENOUGH: Final = 40_000
"""Rows that the curvature is taken from: it only says where to go, and all rows whether that was better."""
_HALVINGS: Final = 6
_SETTLED: Final = 1e-5
_LEAST_SCALE: Final = 0.2
"""A feature that is nearly always the same is not blown up to the size of the others."""


class Regression:
    """Weights over standardised features with a ridge, in float32; fitted by Newton's method, curvature from a part."""

    def __init__(self, lesson: Lesson) -> None:
        self.mean = lesson.features.mean(axis=0, dtype=np.float64)
        self.scale = np.maximum(lesson.features.std(axis=0, dtype=np.float64), _LEAST_SCALE)
        rows = np.concatenate(
            [(lesson.features - self.mean) / self.scale, np.ones((len(lesson.features), 1))], axis=1, dtype=np.float32
        )
        weights = lesson.weights.astype(np.float32)
        penalty = np.full(rows.shape[1], _RIDGE)
        penalty[-1] = 0
        drawn = np.random.default_rng(0).permutation(len(rows))[:_ENOUGH]
        part, part_weights = rows[drawn], weights[drawn] * np.float32(weights.sum() / weights[drawn].sum())
        solution = np.zeros(rows.shape[1])
        scores, loss = _loss(rows, lesson.true, weights, penalty, solution)
        for _ in range(_STEPS):
            chance = sigmoid(scores)
            slope = rows.T @ (weights * (chance - lesson.true)) + penalty * solution
            some = chance[drawn]
            curve = part.T @ (part * (part_weights * some * (1 - some))[:, None]) + np.diag(penalty)
            step = np.linalg.solve(curve.astype(np.float64), slope.astype(np.float64))
            for _ in range(_HALVINGS):
                after = solution - step
                scores, lower = _loss(rows, lesson.true, weights, penalty, after)
                if lower < loss:
                    break
                step /= 2
            else:
                break
            gained, loss, solution = loss - lower, lower, after
            if gained < _SETTLED * loss:
                break
        self.weight, self.bias = solution[:-1], solution[-1]

    def margins(self, rows: NDArray[np.float32]) -> Floats:
        """The score of each row before the link."""
        scores: Floats = (rows - self.mean) / self.scale @ self.weight + self.bias
        return scores

    def arrays(self, calibration: tuple[Floats, Floats]) -> dict[str, Array]:
        """The weights that `renga_infer.runtimes.linear` reads."""
        x, y = calibration
        return {
            "weight": self.weight[:, None],
            "bias": np.array([self.bias]),
            "mean": self.mean,
            "scale": self.scale,
            "calibration_x": x,
            "calibration_y": y,
        }


def _loss(
    rows: NDArray[np.float32],
    true: NDArray[np.bool_],
    weights: NDArray[np.float32],
    penalty: Floats,
    solution: Floats,
) -> tuple[NDArray[np.float32], float]:
    """The scores of the rows, and how much is wrong with them."""
    scores = rows @ solution.astype(np.float32)
    wrong = weights * (np.logaddexp(np.float32(0), scores) - true * scores)
    return scores, float(wrong.sum(dtype=np.float64) + 0.5 * (penalty * solution**2).sum())
