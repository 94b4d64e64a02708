"""Types that do not hold what the column says it holds."""

from collections.abc import Iterator
from typing import Final

from renga_schema.catalog import Catalog
from renga_schema.lint.naming import words
from renga_schema.lint.rule import Example, Finding, rule
from renga_schema.types import category

_MONEY: Final = frozenset(
    {"amount", "balance", "budget", "cost", "fee", "invoice", "payment", "price", "refund", "revenue", "salary"}
    | {"subtotal", "tax", "turnover", "wage"}
)
_PROPORTIONS: Final = frozenset(
    {"count", "factor", "index", "lat", "lon", "multiplier", "pct", "percent", "percentage", "qty", "quantity"}
    | {"rate", "ratio", "score", "share", "weight"}
)


@rule(
    "TYP-FLOAT-MONEY",
    title="Money in a binary floating-point column",
    severity="warning",
    rationale="A binary fraction cannot hold 0.10: sums drift by cents, and two equal amounts compare unequal.",
    fix="Use numeric(12, 2), or an integer that counts the smallest unit.",
    bad=[
        Example("postgres", "CREATE TABLE item (id int PRIMARY KEY, unit_price double precision);"),
        Example("mysql", "CREATE TABLE item (id int PRIMARY KEY, totalAmount float);"),
    ],
    good=[
        Example("postgres", "CREATE TABLE item (id int PRIMARY KEY, unit_price numeric(12, 2), tax_rate real);"),
        Example("mysql", "CREATE TABLE item (id int PRIMARY KEY, price decimal(12, 2));"),
    ],
)
def float_money(catalog: Catalog) -> Iterator[Finding]:
    """Yield each floating-point column whose name speaks of money and not of a proportion."""
    for table in catalog.schema.tables:
        for column in table.columns:
            if category(column.type) != "float":
                continue
            spoken = words(column.name)
            if spoken & _MONEY and not spoken & _PROPORTIONS:
                yield Finding(
                    f"{table.ref}.{column.name}",
                    f"{table.ref}.{column.name} looks like money but is {column.type}",
                    column.origin or table.origin,
                )


@rule(
    "TYP-TIMESTAMP-NO-TZ",
    title="Timestamp without time zone",
    severity="info",
    rationale="It stores a reading of a clock, not an instant: who reads it must know the zone that was meant, and one "
    "hour each autumn means two instants. timestamptz takes the same eight bytes.",
    fix="Use timestamptz, unless a local time is what is meant.",
    dialects={"postgres"},
    bad=[Example("postgres", "CREATE TABLE visit (id int PRIMARY KEY, seen_at timestamp);")],
    good=[Example("postgres", "CREATE TABLE visit (id int PRIMARY KEY, seen_at timestamptz, born date);")],
)
def timestamp_without_zone(catalog: Catalog) -> Iterator[Finding]:
    """Yield each column of type timestamp, except those that a partition repeats from its parent."""
    for table in catalog.schema.tables:
        if table.partition_of:
            continue
        for column in table.columns:
            if column.type.name == "timestamp" and not column.type.namespace:
                yield Finding(
                    f"{table.ref}.{column.name}",
                    f"{table.ref}.{column.name} is a timestamp without time zone",
                    column.origin or table.origin,
                )
