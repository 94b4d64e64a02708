"""From a model's sums to what it answers: a link, then a calibration; what `linear` and `gbdt` share."""

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np

from renga_infer.errors import ModelRefusedError
from renga_infer.protocol.datatypes import Array

Link = Literal["identity", "sigmoid", "softmax"]
CALIBRATION: dict[str, tuple[str, int]] = {"calibration_x": ("float64", 1), "calibration_y": ("float64", 1)}
"""The two arrays that a calibration is made of: see `finisher`."""


def sigmoid(scores: Array) -> Array:
    """1 / (1 + e^-x), without overflow."""
    small = np.exp(-np.abs(scores))
    result: Array = np.where(scores >= 0, 1 / (1 + small), small / (1 + small))
    return result


def softmax(scores: Array) -> Array:
    """Over the last axis."""
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    result: Array = raised / raised.sum(axis=-1, keepdims=True)
    return result


def _identity(scores: Array) -> Array:
    return scores


_LINKS: dict[str, Callable[[Array], Array]] = {"identity": _identity, "sigmoid": sigmoid, "softmax": softmax}


def finisher(link: object, arrays: Mapping[str, Array]) -> Callable[[Array], Array]:
    """What is done to sums of any shape: the link, then, where the weights hold one, the calibration.

    A calibration is piecewise linear, as isotonic regression gives it: `calibration_x` rises, `calibration_y` (as long)
    is what stands for it; between two points it is interpolated, beyond the ends it stays at the end.

    Raises:
        ModelRefusedError: there is no such link, or the calibration is none.
    """
    if not isinstance(link, str) or link not in _LINKS:
        raise ModelRefusedError(f"card.json: options.link is {link!r}; there is {', '.join(_LINKS)}.")
    apply = _LINKS[link]
    x, y = arrays.get("calibration_x"), arrays.get("calibration_y")
    if x is None and y is None:
        return apply
    if x is None or y is None or not len(x) or len(x) != len(y) or not (np.diff(x) > 0).all():
        raise ModelRefusedError("model.safetensors: calibration_x must rise, and calibration_y be there and as long.")

    def calibrated(scores: Array) -> Array:
        result: Array = np.interp(apply(scores), x, y)
        return result

    return calibrated
