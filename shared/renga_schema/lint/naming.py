"""Names."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from renga_schema.catalog import Catalog
from renga_schema.identifiers import RESERVED
from renga_schema.lint.rule import Example, Finding, rule

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


@lru_cache(maxsize=8192)
def words(name: str) -> frozenset[str]:
    """The words of a name in lower case, however they are joined: `unit_price`, `unitPrice`, `UNIT-PRICE`."""
    return frozenset(word.lower() for word in _WORD.findall(name))


@rule(
    "NAM-RESERVED",
    title="Name that is a reserved word",
    severity="info",
    rationale="It has to be quoted in every query, by everyone, for ever; the query that forgets it may even mean "
    "something else (`SELECT user` in PostgreSQL).",
    fix="Choose a name that needs no quotes: `customer_order` for `order`.",
    dialects=RESERVED,
    bad=[
        Example("postgres", 'CREATE TABLE "user" (id int PRIMARY KEY);'),
        Example("mysql", "CREATE TABLE t (id int PRIMARY KEY, `rank` int);"),
    ],
    good=[Example("postgres", "CREATE TABLE app_user (id int PRIMARY KEY, rank int);")],
)
def reserved_name(catalog: Catalog) -> Iterator[Finding]:
    """Yield each table, view and column whose name the dialect reserves."""
    dialect = catalog.dialect
    if dialect is None:
        return
    reserved = RESERVED[dialect]
    for item in (*catalog.schema.tables, *catalog.schema.views):
        if item.name.lower() in reserved:
            yield Finding(str(item.ref), f"{item.name} is a reserved word of {dialect}", item.origin)
    for table in catalog.schema.tables:
        if table.partition_of:
            continue  # the names are its parent's
        for column in table.columns:
            if column.name.lower() in reserved:
                yield Finding(
                    f"{table.ref}.{column.name}",
                    f"{column.name}, a column of {table.ref}, is a reserved word of {dialect}",
                    column.origin or table.origin,
                )
