"""Candidates and their numbers."""

import numpy as np
import pytest

from renga_infer.links import Design
from renga_infer.links.candidates import Candidate, find
from renga_infer.links.features import FEATURES, PAIRS, SINGLE, compute
from renga_infer.links.lexed import LexedDesign
from undeclared import design

SHOP = design(
    customers="id! email:text? born:date",
    orders="id! customer_id created_by note:text",
    order_items="order_id! line! product",
    product="id! parent_id",
    users="id! name:text",
    tokens="id!:uuid user_id:uuid",
)
FACTS = {
    "the stem is the table": ("orders.customer_id -> customers.id", "stem_is_table", 1.0),
    "it says id": ("orders.customer_id -> customers.id", "says_id", 1.0),
    "a bare name": ("order_items.product -> product.id", "whole_is_table", 1.0),
    "half of a key": ("order_items.order_id -> orders.id", "in_key", 1.0),
    "an item of an order": ("order_items.order_id -> orders.id", "source_extends_target", 1.0),
    "who acts": ("orders.created_by -> users.id", "actor_to_user", 1.0),
    "its own table": ("product.parent_id -> product.id", "parent_of_self", 1.0),
    "the types agree": ("orders.customer_id -> customers.id", "same_type", 1.0),
    "the first choice": ("orders.customer_id -> customers.id", "rank", 0.0),
    "the end of the table's name": ("orders.customer_id -> customers.id", "stem_is_tail", 1.0),
    "a name that stands nowhere near": ("orders.customer_id -> customers.id", "name_is_local", 0.0),
    "no junction": ("orders.customer_id -> customers.id", "target_is_junction", 0.0),
    "the primary key": ("orders.customer_id -> customers.id", "key_kind", 3.0),
}


def _named(tables: Design) -> dict[str, tuple[Candidate, int]]:
    found = find(LexedDesign(tables))
    names = [
        f"{tables.tables[one.column.table].name}.{one.column.column.name} -> "
        f"{tables.tables[one.key.column.table].name}.{one.key.column.column.name}"
        for one in found
    ]
    return {name: (one, at) for at, (name, one) in enumerate(zip(names, found, strict=True))}


@pytest.mark.parametrize("fact", FACTS)
def test_a_fact_is_a_number(fact: str) -> None:
    """What a person would point at stands in the column of its name."""
    link, feature, value = FACTS[fact]
    lexed = LexedDesign(SHOP)
    rows = compute(lexed, find(lexed))
    assert rows[_named(SHOP)[link][1], FEATURES.index(feature)] == value


def test_rows_are_float32_and_without_gaps() -> None:
    """A row for each candidate, a number for each feature, none of them NaN; and the same again."""
    lexed = LexedDesign(SHOP)
    found = find(lexed)
    rows = compute(lexed, found)
    assert rows.shape == (len(found), len(FEATURES))
    assert rows.dtype == np.float32
    assert np.isfinite(rows).all()
    assert np.array_equal(rows, compute(LexedDesign(SHOP), find(LexedDesign(SHOP))))
    assert len(set(FEATURES)) == len(FEATURES) == len(SINGLE) + len(PAIRS)


def test_a_product_is_that_of_its_two_features() -> None:
    """What two features say together stands under both their names."""
    lexed = LexedDesign(SHOP)
    rows = compute(lexed, find(lexed))
    product = rows[:, FEATURES.index("says_id x key_is_primary")]
    assert np.array_equal(product, rows[:, FEATURES.index("says_id")] * rows[:, FEATURES.index("key_is_primary")])
    assert product.any()


def test_candidates_have_one_kind_of_value_and_are_not_the_column_itself() -> None:
    """A date refers to nothing, a number to no UUID, and no column to itself."""
    found = _named(SHOP)
    assert not [name for name in found if name.startswith(("customers.born", "tokens.user_id -> users"))]
    assert not [name for name, (one, _) in found.items() if one.column is one.key.column]


def test_a_design_without_keys_has_no_candidates() -> None:
    """Where nothing can be referred to, there is nothing to ask."""
    lexed = LexedDesign(design(notes="body:text", logs="line:text"))
    assert find(lexed) == []
    assert compute(lexed, []).shape == (0, len(FEATURES))


def test_what_the_engine_counts_or_calls_id_stands_for_a_missing_key() -> None:
    """A table that declares no key is still referred to."""
    assert "posts.user_id -> users.id" in _named(design(users="id name:text", posts="id! user_id"))
