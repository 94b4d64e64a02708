"""DSN-FK-MISSING: what somebody proposes is reported as far as it fits the schema."""

import pytest

from renga_schema import Proposal, lint, read
from renga_schema.model import Ref

SQL = """CREATE TABLE shop.customer (id int PRIMARY KEY, code text);
CREATE TABLE shop.sale (
  id int PRIMARY KEY,
  customer_id int, product_id int REFERENCES shop.customer (id)
);"""
SCHEMA = read(SQL, dialect="postgres").schema


def proposal(column: str = "customer_id", *, key: str = "id", probability: float | None = None) -> Proposal:
    """That a column of the sale refers to the customer."""
    table, target = Ref(name="sale", namespace="shop"), Ref(name="customer", namespace="shop")
    return Proposal(
        table=table,
        columns=(column,),
        target=target,
        target_columns=(key,),
        probability=probability,
        reasons=("a", "b"),
    )


def test_a_proposal_is_told_with_its_probability_and_reasons_at_its_column() -> None:
    """The finding is at the column, and says who refers to what, how probable that is, and why."""
    (finding,) = lint.check(SCHEMA, rules=["DSN-FK-MISSING"], proposals=[proposal(probability=0.934)]).findings
    assert (finding.severity, finding.code, finding.object) == ("warning", "DSN-FK-MISSING", "shop.sale.customer_id")
    assert finding.message == (
        "shop.sale (customer_id) refers to shop.customer (id) with a probability of 93%, and no foreign key says so:"
        " a; b"
    )
    assert finding.origin is not None
    assert finding.origin.line == 4


def test_rules_know_no_degrees() -> None:
    """A proposal without a probability is told without one."""
    (finding,) = lint.check(SCHEMA, rules=["DSN-FK-MISSING"], proposals=[proposal()]).findings
    assert "probability" not in finding.message


@pytest.mark.parametrize(
    "unfit",
    [
        proposal("product_id"),
        proposal("gone_id"),
        proposal(key="gone"),
        Proposal(
            table=Ref(name="sale", namespace="shop"),
            columns=("customer_id",),
            target=Ref(name="gone"),
            target_columns=("id",),
        ),
    ],
    ids=["declared", "no such column", "no such key", "no such table"],
)
def test_what_is_declared_or_not_there_is_no_finding(unfit: Proposal) -> None:
    """A proposal about another state of the schema says nothing of this one."""
    assert lint.check(SCHEMA, rules=["DSN-FK-MISSING"], proposals=[unfit]).findings == ()
