"""SQLite itself is the judge: its catalogue after running a script holds what the reader says from reading it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import renga_schema
from agreement import Difference, Judged, complaints, differences, script_of
from sqlite_catalogue import catalogued
from sqlite_reading import read

FOLDER = Path(__file__).parent
JUDGED = Judged.by("sqlite", FOLDER / "explained.yaml", FOLDER / "cases/sqlite")
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
    with closing(loaded(script)) as connection:
        found = catalogued(connection)
    return [*complaints(reading), *differences(("SQLite", "model"), found, read(reading.schema))]


def test_twins_read_as_sqlite_loads_them(subtests: pytest.Subtests, shared_material: Path) -> None:
    """The SQLite editions of well-known sample databases give the catalogue that SQLite gives them."""
    JUDGED.agree_on_corpus(subtests, shared_material, lambda file: disagreements(file.read_text("utf-8-sig")))


@pytest.mark.parametrize("case", JUDGED.cases, ids=lambda case: case.stem)
def test_cases_read_as_sqlite_loads_them(case: Path) -> None:
    """Each committed SQLite case is true: SQLite runs it and has the same catalogue afterwards."""
    script = script_of(case, "SQLite")
    JUDGED.agree(f"cases/{case.name}", disagreements(script))


def test_what_is_attached_is_a_namespace() -> None:
    """An index or trigger is where its name says, and so is the table that it is on."""
    assert disagreements(ATTACHED) == []


@pytest.mark.parametrize("case", JUDGED.cases, ids=lambda case: case.stem)
def test_a_dump_reads_as_what_it_was_made_of(case: Path) -> None:
    """The dump of a database says what the script said that made it."""
    script = script_of(case, "SQLite")
    with closing(loaded(script)) as connection:
        found = catalogued(connection)
        dump = "\n".join(connection.iterdump())
    reading = renga_schema.read(dump, dialect="sqlite")
    assert reading.diagnostics == ()
    assert differences(("SQLite", "dump"), found, read(reading.schema)) == []


def test_explanations_are_about_cases_that_exist() -> None:
    """No entry of the list outlives the case that it explains."""
    assert not JUDGED.outlived()
