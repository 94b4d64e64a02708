"""Scores become probabilities."""

import numpy as np
import pytest

from renga_infer.links.training.calibration import rising_curve
from renga_infer.runtimes.scores import sigmoid


def test_what_is_said_is_what_was_found_and_no_order_is_lost() -> None:
    """Scores that are too sure of themselves, more so above than below, are told what they are worth."""
    numbers = np.random.default_rng(3)
    margins = numbers.normal(0, 3, 20_000)
    right = sigmoid(np.where(margins > 0, 0.4 * margins, 0.8 * margins) + 0.5)
    true = numbers.random(len(margins)) < right
    x, y = rising_curve(margins, true, np.ones(len(margins)))
    assert (np.diff(x) > 0).all()
    assert (np.diff(y) > 0).all()
    assert (x[0], x[-1], y[0], y[-1]) == (0, 1, 0, 1)
    said = np.interp(sigmoid(margins), x, y)
    assert said == pytest.approx(right, abs=0.04)


def test_scores_that_mean_nothing_still_rise() -> None:
    """Where the true ones have the lower scores the curve is nearly flat, and does not fall."""
    margins = np.linspace(-3, 3, 1000)
    x, y = rising_curve(margins, margins < 0, np.ones(1000))
    assert (np.diff(y) > 0).all()
    assert np.ptp(np.interp(sigmoid(margins), x, y)) < 0.1


def test_a_heavy_answer_counts_as_many_light_ones() -> None:
    """Weights are what they are called."""
    margins, true = np.array([-1.0, 0.0, 1.0, 1.0]), np.array([False, True, True, False])
    _, once = rising_curve(np.repeat(margins, [2, 3, 4, 1]), np.repeat(true, [2, 3, 4, 1]), np.ones(10))
    _, weighed = rising_curve(margins, true, np.array([2.0, 3.0, 4.0, 1.0]))
    assert once == pytest.approx(weighed, abs=1e-3)
