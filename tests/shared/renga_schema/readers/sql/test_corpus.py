"""Real schemas, read whole: dumps of applications and sample databases."""

from pathlib import Path

import pytest

import renga_schema
from corpus import read_once
from renga_schema import Reading
from renga_schema.model import Described, Dialect, Schema, Table
from renga_schema.readers.sql.names import fold
from renga_schema.report import Statements


def scripts(shared_material: Path) -> list[tuple[Path, Dialect]]:
    """Every SQL file of the corpus with its dialect."""
    corpus = shared_material / "corpus"
    folders: dict[str, Dialect] = {"postgres": "postgres", "mysql": "mysql", "mssql": "mssql"}
    found = [(path, dialect) for name, dialect in folders.items() for path in (corpus / "apps" / name).glob("*.sql")]
    found += [(path, "postgres") for path in (corpus / "large").glob("*.sql")]
    twins: list[Dialect] = ["postgres", "mysql", "sqlite"]
    found += [(path, dialect) for dialect in twins for path in (corpus / "twins").glob(f"*/{dialect}.sql")]
    return sorted(found)


@pytest.fixture(scope="module")
def readings(shared_material: Path) -> dict[Path, Reading]:
    """Each file of the corpus, read once."""
    return {path: read_once(path, dialect) for path, dialect in scripts(shared_material)}


def test_no_file_is_lost(readings: dict[Path, Reading]) -> None:
    """Every file of the corpus gives at least one table."""
    assert len(readings) > 70
    assert [path.name for path, reading in readings.items() if not reading.schema.tables] == []


def test_every_statement_is_accounted_for(readings: dict[Path, Reading]) -> None:
    """Applied, kept, noted, in the ledger and failed add up to all statements, in every file."""
    for path, reading in readings.items():
        counts = reading.statements.model_dump()
        assert counts.pop("total") == sum(counts.values()), path
        assert reading.statements.failed == len(reading.diagnostics), path
        assert reading.statements.ledger <= len(reading.losses), path


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "sqlite", "mssql"])
def test_statements_are_understood(readings: dict[Path, Reading], dialect: Dialect) -> None:
    """At least 99.5 % of a dialect's statements end without a diagnostic."""
    counts = [reading.statements for reading in readings.values() if reading.schema.dialect == dialect]
    total = sum(count.total for count in counts)
    assert total > 0
    assert sum(count.failed for count in counts) <= 0.005 * total


def test_nothing_is_lost_without_an_entry(readings: dict[Path, Reading]) -> None:
    """The whole corpus holds one thing that the model has no place for: an anonymous code block."""
    assert [loss.object for reading in readings.values() for loss in reading.losses] == ["DO"]


def test_every_reference_resolves(readings: dict[Path, Reading]) -> None:
    """A foreign key, trigger or policy names a table exactly as the table names itself, and columns likewise."""
    for path, reading in readings.items():
        schema = reading.schema
        for table in schema.tables:
            for key in table.foreign_keys:
                target = schema.table(key.target)
                assert target is not None, (path, table.ref, key)
                assert all(target.column(name) for name in key.referred_columns), (path, table.ref, key)
                assert all(table.column(name) for name in key.columns), (path, table.ref, key)
        known = {table.ref for table in schema.tables} | {view.ref for view in schema.views}
        assert all(trigger.table in known for trigger in schema.triggers), path


def test_keys_and_indexes_name_columns_that_exist(readings: dict[Path, Reading]) -> None:
    """Primary keys, unique constraints and indexes mention columns by the column's own spelling."""
    for path, reading in readings.items():
        for table in reading.schema.tables:
            mentioned = list(table.primary_key.columns) if table.primary_key else []
            mentioned += [name for unique in table.uniques for name in unique.columns]
            mentioned += [part.column for index in table.indexes for part in index.parts if part.column]
            assert [name for name in mentioned if table.column(name) is None] == [], (path, table.ref)


def described(table: Table) -> list[Described]:
    """A table with its columns and indexes."""
    return [table, *table.columns, *table.indexes]


def test_positions_point_at_the_name(shared_material: Path, readings: dict[Path, Reading]) -> None:
    """The origin of a table or column is where its name is written, in the line and column that an editor shows."""
    for path, dialect in scripts(shared_material):
        lines = path.read_text("utf-8-sig").split("\n")
        for table in readings[path].schema.tables:
            if table.partition_of or table.inherits:
                continue  # an inherited column stands in another table
            for each in (table, *table.columns):
                assert each.origin is not None
                at = lines[each.origin.line - 1][each.origin.column - 1 :]
                written = (
                    at.lstrip('"`[') if each is not table else at.replace('"', "").replace("`", "").replace("[", "")
                )
                found = written if each is not table else written.split("(")[0]
                assert fold(each.name, dialect).lower() in found.lower(), (path, each.origin, each.name)


def test_reading_is_deterministic(shared_material: Path, readings: dict[Path, Reading]) -> None:
    """The same text gives the same reading."""
    path = shared_material / "corpus" / "large" / "pagila.sql"
    assert renga_schema.read(path.read_bytes(), dialect="postgres", file=path.name) == readings[path]


def test_models_survive_serialisation(readings: dict[Path, Reading]) -> None:
    """The model goes to JSON and back without change."""
    for path, reading in readings.items():
        assert Schema.model_validate_json(reading.schema.model_dump_json()) == reading.schema, path


def test_pagila_is_read_whole(shared_material: Path, readings: dict[Path, Reading]) -> None:
    """A dump with partitions, domains, enums, aggregates, triggers and policies gives what its catalogue holds."""
    reading = readings[shared_material / "corpus" / "large" / "pagila.sql"]
    schema = reading.schema
    assert reading.diagnostics == ()
    assert reading.statements == Statements(applied=313, kept=26, noted=49, total=388)
    assert [len(kind) for kind in (schema.tables, schema.views, schema.sequences, schema.enums, schema.domains)] == [
        71,
        8,
        13,
        1,
        2,
    ]
    assert sum(table.partition_of is not None for table in schema.tables) == 55
    assert len(schema.triggers) == 16


@pytest.mark.parametrize(
    ("folder", "expected"),
    [("postgres", 14), ("mysql", 41), ("mssql", 11), ("large", 1), ("chinook", 3), ("sakila", 3)],
)
def test_dialects_are_recognised(shared_material: Path, folder: str, expected: int) -> None:
    """The dialect of a script is detected from its text; only a script in plain standard SQL leaves it open."""
    right = [
        path
        for path, dialect in scripts(shared_material)
        if path.parent.name == folder and renga_schema.detect(path.read_text("utf-8-sig"), path.name).dialect == dialect
    ]
    assert len(right) == expected
