"""Logistic regression: what the model is.

Boosted trees were tried on the same folds and did worse: they learned the schemas, not the links (docs/links.md).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from renga_infer.links.training.lessons import Lesson
from renga_infer.protocol.datatypes import Array

Floats = NDArray[np.float64]

_RIDGE: Final = 60.0
_STEPS: Final = 8
_SETTLED: Final = 0.01
_LEAST_SCALE: Final = 0.2
"""A feature that is nearly always the same is not blown up to the size of the others."""


class Regression:
    """Weights over standardised features, fitted by Newton's method with a ridge, in float32."""

    def __init__(self, lesson: Lesson) -> None:
        self.mean = lesson.features.mean(axis=0, dtype=np.float64)
        self.scale = np.maximum(lesson.features.std(axis=0, dtype=np.float64), _LEAST_SCALE)
        rows = np.concatenate(
            [(lesson.features - self.mean) / self.scale, np.ones((len(lesson.features), 1))], axis=1, dtype=np.float32
        )
        weights = lesson.weights.astype(np.float32)
        solution = np.zeros(rows.shape[1])
        penalty = _RIDGE * np.eye(len(solution))
        penalty[-1, -1] = 0
        for _ in range(_STEPS):
            chance = 1 / (1 + np.exp(-(rows @ solution.astype(np.float32))))
            slope = rows.T @ (weights * (chance - lesson.true)) + penalty @ solution
            curve = rows.T @ (rows * (weights * chance * (1 - chance))[:, None]) + penalty
            step = np.linalg.solve(curve, slope)
            solution -= step
            if np.abs(step).max() < _SETTLED:
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
