"""A schema looked up the way its engine does."""

from renga_schema import read
from renga_schema.catalog import Catalog
from renga_schema.model import Column, DataType, PartitionOf, Ref, Schema, Table


def test_the_default_namespace_need_not_be_named() -> None:
    """`public.t` and `t` are one table in PostgreSQL."""
    schema = Schema(dialect="postgres", tables=(Table(name="t", namespace="public"),))
    assert Catalog(schema).table(Ref(name="t")) is schema.tables[0]
    assert Catalog(schema).table(Ref(name="t", namespace="other")) is None


def test_names_fold_as_the_dialect_says() -> None:
    """MySQL and SQLite do not tell columns apart by case; PostgreSQL does."""
    sqlite = Catalog(read("CREATE TABLE T (Id INTEGER PRIMARY KEY);", dialect="sqlite").schema)
    table = sqlite.table(Ref(name="t"))
    assert table is not None
    assert sqlite.column(table, "ID") is not None
    postgres = Catalog(read('CREATE TABLE t ("Id" int);', dialect="postgres").schema)
    assert postgres.column(postgres.schema.tables[0], "id") is None


def test_a_child_has_the_columns_of_its_parents() -> None:
    """Columns and keys of a parent are found in its partition."""
    parent = Table(name="p", columns=(Column(name="a", type=DataType(name="integer")),))
    child = Table(name="c", partition_of=PartitionOf(parent=Ref(name="p"), bound="DEFAULT"))
    catalog = Catalog(Schema(tables=(parent, child)))
    assert list(catalog.columns(child)) == ["a"]


def test_a_cycle_of_parents_ends() -> None:
    """Tables that are partitions of each other, which a file can say, do not hang the look-up."""
    one = Table(name="a", partition_of=PartitionOf(parent=Ref(name="b"), bound="DEFAULT"))
    two = Table(name="b", partition_of=PartitionOf(parent=Ref(name="a"), bound="DEFAULT"))
    catalog = Catalog(Schema(tables=(one, two)))
    assert catalog.columns(one) == {}
    assert catalog.keys(one) == ()


def test_a_partial_unique_index_is_no_key() -> None:
    """Only what is unique for every row identifies a row."""
    sql = (
        "CREATE TABLE t (a int, b int, c int);\nCREATE UNIQUE INDEX ON t (a);\n"
        "CREATE UNIQUE INDEX ON t (b) WHERE c > 0;\nCREATE UNIQUE INDEX ON t ((c + 1));"
    )
    schema = read(sql, dialect="postgres").schema
    assert Catalog(schema).unique_keys(schema.tables[0]) == {frozenset({"a"})}
