"""SQLite itself is the judge: its catalogue after running a script holds what the reader says from reading it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import renga_schema
from agreement import Difference, differences, explanations, files_of, unexplained
from sqlite_catalogue import catalogued
from sqlite_reading import read

FOLDER = Path(__file__).parent
CASES = sorted((FOLDER / "cases" / "sqlite").glob("*.sql"))
EXPLANATIONS = explanations(FOLDER / "explained.yaml", "sqlite")
REFUSED = "-- refused by SQLite"
"""A case that begins like this is about what SQLite refuses, so SQLite cannot judge it."""
ATTACHED = """
ATTACH DATABASE ':memory:' AS other;
CREATE TABLE other.away (id INT PRIMARY KEY, name TEXT);
CREATE INDEX other.away_name ON away (name);
CREATE TRIGGER other.away_touched AFTER INSERT ON away BEGIN SELECT 1; END;
CREATE TABLE here (id INTEGER PRIMARY KEY);
CREATE TEMP TRIGGER passing AFTER INSERT ON here BEGIN SELECT 1; END;
"""


def loaded(script: str) -> sqlite3.Connection:
    """A database after a script."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(script)
    return connection


def disagreements(script: str) -> list[Difference]:
    """What SQLite and the reader say differently about a script."""
    reading = renga_schema.read(script, dialect="sqlite")
    complaints = [
        Difference(f"line {each.origin and each.origin.line}", f"not read: {each.message}")
        for each in reading.diagnostics
    ]
    with closing(loaded(script)) as connection:
        found = catalogued(connection)
    return [*complaints, *differences(("SQLite", "model"), found, read(reading.schema))]


def agree(script: str, name: str) -> None:
    """Fail on what nothing explains, and on explanations of nothing."""
    remaining, stale = unexplained(name, disagreements(script), EXPLANATIONS)
    assert not remaining, "\n" + "\n".join(map(str, remaining[:40]))
    assert not stale, f"nothing to explain any more: {stale}"


@pytest.mark.parametrize("twin", ["chinook", "sakila"])
def test_twins_read_as_sqlite_loads_them(shared_material: Path, twin: str) -> None:
    """The SQLite editions of well-known sample databases give the catalogue that SQLite gives them."""
    name = f"twins/{twin}/sqlite.sql"
    agree((shared_material / "corpus" / name).read_text("utf-8-sig"), name)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_cases_read_as_sqlite_loads_them(case: Path) -> None:
    """Each committed SQLite case is true: SQLite runs it and has the same catalogue afterwards."""
    script = case.read_text()
    if script.startswith(REFUSED):
        pytest.skip("the case is about what SQLite refuses")
    agree(script, f"cases/{case.name}")


def test_what_is_attached_is_a_namespace() -> None:
    """An index or trigger is where its name says, and so is the table that it is on."""
    assert disagreements(ATTACHED) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_dump_reads_as_what_it_was_made_of(case: Path) -> None:
    """The dump of a database says what the script said that made it."""
    script = case.read_text()
    if script.startswith(REFUSED):
        pytest.skip("the case is about what SQLite refuses")
    with closing(loaded(script)) as connection:
        found = catalogued(connection)
        dump = "\n".join(connection.iterdump())
    reading = renga_schema.read(dump, dialect="sqlite")
    assert reading.diagnostics == ()
    assert differences(("SQLite", "dump"), found, read(reading.schema)) == []


def test_explanations_are_about_cases_that_exist() -> None:
    """No entry of the list outlives the case that it explains."""
    assert files_of(EXPLANATIONS, "cases") <= {f"cases/{case.name}" for case in CASES}
