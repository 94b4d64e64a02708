"""A schema of the toolkit as the model sees it."""

from renga_infer.links import Column
from renga_infer.schemas import declared_columns, design_of
from renga_schema import read

SQL = """
CREATE DOMAIN code AS varchar(8);
CREATE TABLE shop.item (
    id bigserial PRIMARY KEY, code code NOT NULL, price numeric(8, 2), tags int[], kind text,
    owner int REFERENCES owner (id), UNIQUE (kind, code)
);
CREATE UNIQUE INDEX ON shop.item (kind);
CREATE UNIQUE INDEX ON shop.item (price) WHERE kind = 'x';
CREATE TABLE owner (id int PRIMARY KEY);
CREATE TABLE log (id int) PARTITION BY RANGE (id);
CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM (1) TO (2);
COMMENT ON COLUMN shop.item.kind IS 'what it is';
"""


def test_a_design() -> None:
    """Domains are what they stand for, whole unique indexes are keys, and a partition is part of its table."""
    design = design_of(read(SQL, dialect="postgres").schema)
    item, owner, log = design.tables
    assert [table.qualified for table in design.tables] == ["shop.item", "owner", "log"]
    assert (item.primary_key, owner.primary_key, log.primary_key) == (("id",), ("id",), ())
    assert item.uniques == (("kind", "code"), ("kind",))
    assert item.columns[:4] == (
        Column("id", "bigint", nullable=False, counted=True),
        Column("code", "varchar", length=8, nullable=False),
        Column("price", "numeric", length=8, scale=2),
        Column("tags", "integer", array=True),
    )
    assert item.columns[4].comment == "what it is"


def test_declared_columns() -> None:
    """Each with its table's whole name."""
    assert declared_columns(read(SQL, dialect="postgres").schema) == {("shop.item", "owner")}
