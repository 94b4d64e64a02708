"""A live SQLite database."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from renga_schema import Unreadable, read
from renga_schema.live import read_database

CASES = sorted(Path(__file__).parents[1].glob("*/cases/sqlite.sql"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database file, not yet made."""
    return tmp_path / "a b%20.db"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.parts[-3])
def test_a_database_reads_as_the_script_that_made_it(case: Path, file: Path) -> None:
    """SQLite keeps what was written, so every table, view and trigger is the same but for its place."""
    script = case.read_text()
    with closing(sqlite3.connect(file)) as database:
        database.executescript(script)
    live, written = read_database(f"sqlite:///{file}"), read(script, dialect="sqlite")
    assert not live.diagnostics
    assert _placeless(live.schema.model_dump()) == _placeless(written.schema.model_dump())


def test_what_is_no_database(file: Path) -> None:
    """A missing file is not made, and another file is not read as one."""
    with pytest.raises(Unreadable, match="there is no file"):
        read_database(f"sqlite:///{file}")
    assert not file.exists()
    file.write_text("no database at all, whatever its name says")
    with pytest.raises(Unreadable, match="not a database"):
        read_database(f"sqlite:///{file}")


def test_an_empty_database_is_read(file: Path) -> None:
    """It has nothing, which is no fault."""
    sqlite3.connect(file).close()
    assert read_database(f"sqlite:///{file}").schema.is_empty


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgre://h/d", "Did you mean postgres"),
        ("oracle://h/d", "no database that can be read"),
        ("mysql://h", "names no database"),
        ("postgresql://h:port/d", "no URL of a postgres database"),
    ],
)
def test_urls_that_name_no_database(url: str, message: str) -> None:
    """The mistake is named before anything is connected to."""
    with pytest.raises(ValueError, match=message):
        read_database(url)


def _placeless(value: object) -> object:
    if isinstance(value, dict):
        return {name: _placeless(item) for name, item in value.items() if name != "origin"}
    return [_placeless(item) for item in value] if isinstance(value, (list, tuple)) else value
