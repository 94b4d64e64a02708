"""The two rule sets that answer without a model."""

import pytest

from renga_infer.links import Design, by_equality, by_naming
from undeclared import design

NAMING = {
    "rails": (design(users="id!", posts="id! user_id"), {"posts.user_id -> users.id"}),
    "camel": (design(Customer="Id!", Order="Id! customerId"), {"Order.customerId -> Customer.Id"}),
    "id first": (design(cliente="id!", pedido="id! id_cliente"), {"pedido.id_cliente -> cliente.id"}),
    "fk last": (design(user="id!", post="id! user_fk"), {"post.user_fk -> user.id"}),
    "glued": (design(host="hostid!", item="itemid! hostid"), {"item.hostid -> host.hostid"}),
    "prefix": (
        design(wp_users="ID!", wp_posts="ID! user_id", wp_terms="ID!", wp_links="ID!"),
        {"wp_posts.user_id -> wp_users.ID"},
    ),
    "the application's own table": (
        design(shop_group="id!", auth_group="id!", shop_item="id! group_id"),
        {"shop_item.group_id -> shop_group.id"},
    ),
    "two fit": (design(shop_group="id!", auth_group="id!", item="id! group_id"), set()),
    "parent": (design(node="id! parent_id"), {"node.parent_id -> node.id"}),
    "another type": (design(users="id!:uuid", posts="id! user_id"), set()),
    "a bare name": (design(users="id!", posts="id! user"), set()),
}
EQUALITY = {
    "one table has the key": (design(dept="dept_no!", emp="emp_no! dept_no"), {"emp.dept_no -> dept.dept_no"}),
    "generic": (design(users="id!", posts="id!"), set()),
    "another type": (design(dept="dept_no!:text", emp="emp_no! dept_no"), set()),
    "two have it": (
        design(orders="order_id!", order_notes="order_id!", lines="line_id! order_id"),
        {"lines.order_id -> orders.order_id"},
    ),
}


@pytest.mark.parametrize("case", NAMING)
def test_naming_finds_what_is_called_after_a_table(case: str) -> None:
    """A column called after one table, with a key word, refers to its key; a doubt is no link."""
    tables, links = NAMING[case]
    assert {str(link) for link in by_naming(tables)} == links


@pytest.mark.parametrize("case", EQUALITY)
def test_equality_finds_what_is_called_as_a_key(case: str) -> None:
    """A column with the name and the type of one table's key refers to it; a name that many keys have says nothing."""
    tables, links = EQUALITY[case]
    assert {str(link) for link in by_equality(tables)} == links


def test_nothing_is_found_in_nothing() -> None:
    """An empty design has no links."""
    assert by_naming(Design(())) == by_equality(Design(())) == []
