"""Twins: one schema, described in three dialects, is one logical model."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import renga_schema
from agreement import Difference, Fact, Facts, Judged, differences, listed
from renga_schema.catalog import Catalog
from renga_schema.model import DataType, Dialect, Schema, Table
from renga_schema.types import Category, affinity, category

FOLDER = Path(__file__).parent
OWN = FOLDER / "twins"
JUDGED = Judged.by("twins", FOLDER / "explained.yaml")
OTHERS: list[Dialect] = ["mysql", "sqlite"]
"""The dialects that are compared with PostgreSQL."""
_BY_AFFINITY: dict[str, Category] = {
    "integer": "integer",
    "text": "text",
    "blob": "binary",
    "real": "float",
    "numeric": "decimal",
}
"""SQLite takes any words for a type."""


def plain(name: str) -> str:
    """A name without what is a dialect's habit: `AlbumId` is `album_id`."""
    return name.replace("_", "").lower()


def all_plain(names: tuple[str, ...]) -> str:
    """Several names, likewise."""
    return listed(map(plain, names))


def logical(schema: Schema) -> Facts:
    """Tables, columns, keys, nullability and kinds of types, whatever each dialect calls them."""
    catalog = Catalog(schema)
    return {fact: said for table in schema.tables for fact, said in _logical_table(table, schema, catalog)}


def _logical_table(table: Table, schema: Schema, catalog: Catalog) -> Iterator[tuple[Fact, str]]:
    name = plain(table.name)
    yield Fact(name, "is"), "table"
    for column in table.columns:
        yield Fact(f"{name}/{plain(column.name)}", "is"), kind(column.type, schema)
        yield Fact(f"{name}/{plain(column.name)}", "null"), "yes" if column.nullable else "no"
    if table.primary_key:
        yield Fact(name, "primary key"), all_plain(table.primary_key.columns)
    for unique in catalog.unique_keys(table):
        yield Fact(f"{name}/unique {all_plain(tuple(sorted(unique)))}", "is"), "unique"
    for key in table.foreign_keys:
        target = f"{plain(key.target.name)}{all_plain(catalog.referred_columns(key))}"
        yield Fact(f"{name}/foreign key {all_plain(key.columns)}", "is"), target


def kind(type_: DataType, schema: Schema) -> str:
    """What a type's values are; a type of one's own counts as what it is made of."""
    for domain in schema.domains:
        if (domain.name, domain.namespace) == (type_.name, type_.namespace):
            return kind(domain.type, schema)
    if any((enum.name, enum.namespace) == (type_.name, type_.namespace) for enum in schema.enums):
        return "enum"
    found = category(type_)
    if found == "user" and schema.dialect == "sqlite":
        found = _BY_AFFINITY[affinity(type_.written)]
    return f"{found}{'[]' * type_.dimensions}"


def disagreements(folder: Path, other: Dialect) -> list[Difference]:
    """What PostgreSQL's edition and another dialect's say differently."""
    sides = [
        logical(renga_schema.read((folder / f"{dialect}.sql").read_bytes(), dialect=dialect).schema)
        for dialect in ("postgres", other)
    ]
    return differences(("postgres", other), *sides)


def agree(folder: Path, name: str) -> None:
    """Fail on what nothing explains, and on explanations of nothing."""
    JUDGED.agree(name, [difference for other in OTHERS for difference in disagreements(folder, other)])


def test_small_twins_are_one_model() -> None:
    """A schema with every kind of key and type that the three dialects share reads as one model from each."""
    agree(OWN, "twins")


def test_a_twin_that_differs_is_noticed(tmp_path: Path) -> None:
    """A column of another type, a key that is missing and a NOT NULL too many are told apart."""
    (tmp_path / "postgres.sql").write_text("CREATE TABLE t (id int PRIMARY KEY, a date, b int REFERENCES t, c text)")
    (tmp_path / "sqlite.sql").write_text("CREATE TABLE T (Id INTEGER PRIMARY KEY, A INT, B INT, C TEXT NOT NULL)")
    assert list(map(str, disagreements(tmp_path, "sqlite"))) == [
        "t/a: is: postgres temporal, sqlite integer",
        "t/c: null: postgres yes, sqlite no",
        "t/foreign key (b): in postgres only: t(id)",
    ]


@pytest.mark.parametrize("twin", ["chinook", "sakila"])
def test_real_twins_are_one_model(shared_material: Path, twin: str) -> None:
    """The three editions of a well-known sample database read as one model."""
    agree(shared_material / "corpus" / "twins" / twin, f"twins/{twin}")
