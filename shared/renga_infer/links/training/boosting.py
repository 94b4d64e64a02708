"""Fitting the trees, and the logistic regression that they have to beat."""

from collections.abc import Mapping
from typing import Any, Final

import lightgbm
import numpy as np
from numpy.typing import NDArray

from renga_infer.links.features import FEATURES, RISING

Floats = NDArray[np.float64]

TREES: Final = 220
_PARAMETERS: Final[Mapping[str, Any]] = {
    "objective": "binary",
    "learning_rate": 0.08,
    "num_leaves": 10,
    "min_data_in_leaf": 150,
    "min_sum_hessian_in_leaf": 1.0,
    "lambda_l2": 5.0,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "max_bin": 127,
    "monotone_constraints": [int(name in RISING) for name in FEATURES],
    "use_missing": False,
    "zero_as_missing": False,
    # The same trees from the same seed, whatever the number of threads.
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}


def fit_trees(
    rows: NDArray[np.float32], true: NDArray[np.bool_], weights: Floats, seed: int, *, trees: int = TREES
) -> lightgbm.Booster:
    """Boosted trees over rows [rows, FEATURES]; `weights` [rows] say what each row counts."""
    data = lightgbm.Dataset(
        rows, label=true.astype(np.float64), weight=weights, feature_name=list(FEATURES), free_raw_data=True
    )
    return lightgbm.train({**_PARAMETERS, "seed": seed}, data, num_boost_round=trees)


def margins(booster: lightgbm.Booster, rows: NDArray[np.float32]) -> Floats:
    """The score of each row before the link."""
    if not len(rows):
        return np.zeros(0)
    return np.asarray(booster.predict(rows, raw_score=True), dtype=np.float64)


class Logistic:
    """Logistic regression on standardised features, by Newton's method with a ridge: the baseline."""

    def __init__(
        self, rows: NDArray[np.float32], true: NDArray[np.bool_], weights: Floats, *, ridge: float = 1.0
    ) -> None:
        self._mean = rows.mean(axis=0)
        self._scale = np.maximum(rows.std(axis=0), 1e-6)
        features = self._standardised(rows)
        self._weights = np.zeros(features.shape[1])
        penalty = ridge * np.eye(features.shape[1])
        penalty[-1, -1] = 0
        for _ in range(10):
            chance = 1 / (1 + np.exp(-features @ self._weights))
            slope = features.T @ (weights * (chance - true)) + penalty @ self._weights
            curve = (features * (weights * chance * (1 - chance))[:, None]).T @ features + penalty
            step = np.linalg.solve(curve, slope)
            self._weights -= step
            if np.abs(step).max() < 1e-6:
                break

    def margins(self, rows: NDArray[np.float32]) -> Floats:
        """The score of each row before the link."""
        scores: Floats = self._standardised(rows) @ self._weights
        return scores

    def _standardised(self, rows: NDArray[np.float32]) -> Floats:
        scaled = np.clip((rows - self._mean) / self._scale, -5, 5).astype(np.float64)
        return np.concatenate([scaled, np.ones((len(rows), 1))], axis=1)
