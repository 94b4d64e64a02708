"""Schemas as others would have named them."""

import random

from renga_infer.links import Link
from renga_infer.links.naming import split
from renga_infer.links.training.augment import augmented
from renga_infer.links.training.corpus import Example
from undeclared import design

_EXAMPLE = Example(
    "shop",
    design(
        customers="id! email:text",
        users="id! login:text",
        orders="id! customer_id parent_id author_id",
        order_items="order_id! line_no! product_id",
        products="id! category_id author_id",
        categories="id! parent_id owner_id",
    ),
    (
        Link("categories", "owner_id", "users", "id"),
        Link("categories", "parent_id", "categories", "id"),
        Link("order_items", "order_id", "orders", "id"),
        Link("order_items", "product_id", "products", "id"),
        Link("orders", "author_id", "users", "id"),
        Link("orders", "customer_id", "customers", "id"),
        Link("products", "author_id", "users", "id"),
        Link("products", "category_id", "categories", "id"),
    ),
)


def _drawn(seed: int) -> Example:
    return augmented(_EXAMPLE, random.Random(seed))  # noqa: S311 - drawn again from the same seed


def test_every_link_survives_its_new_names() -> None:
    """Whatever is drawn, each link leads from a column that is there to a key that is there, and names stay unique."""
    for seed in range(60):
        found = _drawn(seed)
        columns = {(table.qualified, column.name) for table in found.design.tables for column in table.columns}
        ends = {end for link in found.links for end in ((link.table, link.column), (link.target, link.key))}
        assert len(found.links) == len(set(found.links)) == len(_EXAMPLE.links)
        assert ends <= columns
        assert len({table.qualified for table in found.design.tables}) == len(_EXAMPLE.design.tables)
        assert len(columns) == sum(len(table.columns) for table in _EXAMPLE.design.tables)


def test_styles_differ_and_a_seed_draws_the_same_again() -> None:
    """Sixty seeds give many styles; one seed gives one."""
    drawn = {tuple(table.name for table in _drawn(seed).design.tables) for seed in range(60)}
    assert len(drawn) > 20
    assert _drawn(7) == _drawn(7)


def test_who_made_a_row_is_called_something_else_and_the_same_in_every_table() -> None:
    """Columns that refer to those who log in are given another role; of one name before, one name after."""
    roles = set()
    for seed in range(60):
        both = zip(_EXAMPLE.links, _drawn(seed).links, strict=True)
        (name,) = {new.column for old, new in both if old.column == "author_id"}
        roles.add(split(name))
    assert {("create", "uid"), ("created", "by"), ("recipient", "id")} <= roles
