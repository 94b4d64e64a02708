"""From scores to probabilities that mean what they say: beta calibration (Kull, Silva Filho and Flach, 2017)."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from renga_infer.runtimes.scores import sigmoid

Floats = NDArray[np.float64]

_MARGINS: Final = np.linspace(-12.0, 12.0, 193)
"""Where the curve is written down; between them it is interpolated."""
_LEAST: Final = 0.02
"""Each slope is at least that: the order of candidates stays what it was."""
_RIDGE: Final = 1e-3
_STEPS: Final = 50


def rising_curve(margins: Floats, true: NDArray[np.bool_], weights: Floats) -> tuple[Floats, Floats]:
    """Points of a curve from `sigmoid(margin)` to the probability of being true; it rises strictly from 0 to 1.

    The log odds are a line in log s with one slope and in -log (1 - s) with another: three numbers, so that a few
    thousand answers do not bend it to their chance, as steps do. Fitted by Newton's method; a slope that would fall
    is held where it just rises.

    Args:
        margins: scores before the link [n].
        true: answers [n].
        weights: of each answer [n].
    """
    weights = weights / weights.mean()
    solution = np.array([1.0, 1.0, 0.0])
    rows = _rows(margins)
    penalty = _RIDGE * len(margins) * np.eye(3)
    for _ in range(_STEPS):
        chance = sigmoid(rows @ solution)
        slope = rows.T @ (weights * (chance - true)) + penalty @ (solution - np.array([1.0, 1.0, 0.0]))
        curve = (rows * (weights * chance * (1 - chance))[:, None]).T @ rows + penalty
        step = np.linalg.solve(curve, slope)
        after = solution - step
        after[:2] = np.maximum(after[:2], _LEAST)
        settled = np.abs(after - solution).max() < 1e-9
        solution = after
        if settled:
            break
    x = np.concatenate([[0.0], sigmoid(_MARGINS), [1.0]])
    y = np.concatenate([[0.0], sigmoid(_rows(_MARGINS) @ solution), [1.0]])
    return x, y


def _rows(margins: Floats) -> Floats:
    """Of each margin log s, -log (1 - s) and 1, where s is its sigmoid; not by way of s, which is 1 from 37 on."""
    return np.stack([-np.logaddexp(0, -margins), np.logaddexp(0, margins), np.ones(len(margins))], axis=1)
