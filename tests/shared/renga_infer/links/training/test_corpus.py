"""Examples and projects."""

import pytest

from renga_infer.links import Design, Link
from renga_infer.links.training.corpus import Example, projects, sha256
from undeclared import design

_SHOP = design(customers="id!", orders="id! customer_id", items="id! order_id product_id", products="id!")
_BLOG = design(users="id!", posts="id! user_id", tags="id!", comments="id! post_id")
_LINKS = (
    Link("items", "order_id", "orders", "id"),
    Link("items", "product_id", "products", "id"),
    Link("orders", "customer_id", "customers", "id"),
)


def test_designs_of_one_name_or_of_the_same_tables_are_one_project() -> None:
    """Twins are never split between learning and judging, whatever their files are called."""
    found = projects(
        [
            Example("shop", _SHOP, _LINKS),
            Example("laden", _SHOP, ()),
            Example("blog", _BLOG, ()),
            Example("blog", _SHOP, ()),
        ]
    )
    assert [project.name for project in found] == ["blog"]
    apart = projects([Example("shop", _SHOP, _LINKS), Example("laden", _SHOP, ()), Example("blog", _BLOG, ())])
    assert sorted(len(project.examples) for project in apart) == [1, 2]


def test_small_designs_that_share_common_names_stay_apart() -> None:
    """Two tables called as everywhere do not make a small design a part of a large one."""
    large = design(**{f"table{at}": "id!" for at in range(30)}, users="id!", posts="id! user_id", tags="id!")
    assert len(projects([Example("blog", _BLOG, ()), Example("large", large, ())])) == 2


@pytest.mark.parametrize(("links", "measured"), [(_LINKS, False), ((*_LINKS, *_LINKS), True)])
def test_a_project_is_measured_where_it_declares_enough(links: tuple[Link, ...], measured: bool) -> None:
    """Five links and half of the tables: below that a right proposal would count as a wrong one."""
    (project,) = projects([Example("shop", _SHOP, links)])
    assert (project.measured is not None) is measured


def test_the_hash_is_that_of_what_is_learned() -> None:
    """Another link is other data; the order of the examples is not."""
    first, second = Example("shop", _SHOP, _LINKS), Example("blog", _BLOG, ())
    assert sha256(projects([first, second])) == sha256(projects([second, first]))
    assert sha256(projects([first])) != sha256(projects([Example("shop", _SHOP, _LINKS[:2])]))


def test_coverage_is_the_share_of_tables_that_take_part() -> None:
    """Both ends of a link take part."""
    assert Example("shop", _SHOP, _LINKS).covered == 1
    assert Example("shop", _SHOP, _LINKS[:1]).covered == 0.5
    assert Example("none", Design(()), ()).covered == 0
