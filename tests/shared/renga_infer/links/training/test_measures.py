"""Measures."""

import numpy as np
import pytest

from renga_infer.links import Link
from renga_infer.links.training.corpus import Example
from renga_infer.links.training.measures import (
    Counts,
    calibration_error,
    count,
    quality,
    reliability,
)
from undeclared import design

_SHOP = design(customers="id!", orders="id! customer_id tenant_id", items="id! order_id")
_FIRST, _SECOND = Link("orders", "customer_id", "customers", "id"), Link("items", "order_id", "orders", "id")
_PART = Link("orders", "tenant_id", "customers", "id")


def test_proposals_are_counted_against_what_is_declared() -> None:
    """Right, wrong and missed; a part of a link of several columns is neither."""
    example = Example("shop", _SHOP, (_FIRST, _SECOND), ((_PART,),))
    assert count(example, [_FIRST, Link("items", "order_id", "customers", "id"), _PART]) == Counts(1, 1, 1)
    assert count(example, []) == Counts(0, 0, 2)


def test_quality_is_micro_over_links_and_macro_over_projects() -> None:
    """A large project weighs more in the one and the same in the other; intervals hold their value."""
    found = quality([Counts(90, 10, 0), Counts(1, 0, 3)], seed=1)
    assert found.links == 94
    assert found.micro_precision.value == pytest.approx(91 / 101)
    assert found.micro_recall.value == pytest.approx(91 / 94)
    assert found.macro_recall.value == pytest.approx((1 + 0.25) / 2)
    assert found.macro_f1.low <= found.macro_f1.value <= found.macro_f1.high
    with pytest.raises(ValueError, match="declares enough"):
        quality([], seed=1)


def test_a_reliability_table_shows_what_was_said_beside_what_was_found() -> None:
    """Empty tenths are left out, and the error is their weighted distance."""
    bins = reliability(np.array([0.05, 0.95, 0.95, 1.0]), np.array([False, True, True, False]))
    assert [(one.low, one.proposals) for one in bins] == [(0.0, 1), (0.9, 3)]
    assert bins[1].found == pytest.approx(2 / 3)
    assert calibration_error(bins) == pytest.approx((0.05 + 3 * (2.9 / 3 - 2 / 3)) / 4)
    assert calibration_error([]) == 0
