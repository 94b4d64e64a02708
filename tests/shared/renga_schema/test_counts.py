"""Objects counted as the engines count them; tests of live databases hold the numbers against real catalogues."""

import io
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from renga_schema import read, read_files
from renga_schema.counts import count
from renga_schema.model import Dialect
from renga_schema.readers.inputs import Input


def counted(script: str, dialect: Dialect) -> dict[str, int]:
    """The kinds of which there is something."""
    numbers = count(read(script, dialect=dialect))
    return {name: number for name, number in numbers if isinstance(number, int) and number and name != "schemas"}


@pytest.mark.parametrize(
    ("dialect", "script", "expected"),
    [
        (
            "postgres",
            """CREATE TABLE t (id int, at date NOT NULL, o int REFERENCES u, CHECK (id > 0), PRIMARY KEY (id, at))
                   PARTITION BY RANGE (at);
               CREATE TABLE t1 PARTITION OF t FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
               CREATE INDEX i ON t (o);""",
            {
                "tables": 2,
                "columns": 6,
                "primary_keys": 2,
                "foreign_keys": 1,
                "checks": 2,
                "indexes": 2,
                "partitions": 1,
            },
        ),
        (
            "postgres",
            "CREATE TABLE a (id int GENERATED ALWAYS AS IDENTITY, s serial); CREATE SEQUENCE x;",
            {"tables": 1, "columns": 2, "sequences": 3},
        ),
        (
            "postgres",
            "CREATE TABLE a (x int CHECK (x > 0), y int CHECK (y > 0) NO INHERIT); CREATE TABLE b () INHERITS (a);",
            {"tables": 2, "columns": 4, "checks": 3},
        ),
        (
            "postgres",
            "CREATE TEMP TABLE a (id int); CREATE EXTENSION plpgsql; CREATE EXTENSION citext;",
            {"extensions": 1},
        ),
        (
            "mysql",
            """CREATE TABLE a (id int PRIMARY KEY, u int, v int, r int REFERENCES a (id), KEY v (v, u),
                   CONSTRAINT f FOREIGN KEY (u) REFERENCES a (id), CONSTRAINT g FOREIGN KEY (v) REFERENCES a (id));
               CREATE UNIQUE INDEX q ON a (r);""",
            {"tables": 1, "columns": 4, "primary_keys": 1, "foreign_keys": 2, "unique_constraints": 1, "indexes": 2},
        ),
        (
            "mysql",
            "CREATE TABLE a (id int) ENGINE=MyISAM PARTITION BY HASH (id) PARTITIONS 4;",
            {"tables": 1, "columns": 1, "partitions": 4},
        ),
        (
            "sqlite",
            "CREATE TABLE a (id INTEGER PRIMARY KEY, b TEXT UNIQUE); CREATE UNIQUE INDEX i ON a (b) WHERE b > 'x';",
            {"tables": 1, "columns": 2, "primary_keys": 1, "unique_constraints": 1, "indexes": 1},
        ),
    ],
)
def test_what_counts(dialect: Dialect, script: str, expected: dict[str, int]) -> None:
    """What an engine makes by itself counts, and what it forgets does not."""
    assert counted(script, dialect) == expected


@pytest.mark.parametrize(
    ("script", "dialect", "expected"),
    [
        ("CREATE TABLE s.t (id int);", "postgres", 2),
        ("CREATE SCHEMA s; CREATE TABLE s.t (id int);", "postgres", 2),
        ("CREATE TABLE t (id int);", "mysql", 1),
        ("CREATE TABLE main.t (id int);", "sqlite", 1),
    ],
)
def test_schemas(script: str, dialect: Dialect, expected: int) -> None:
    """Namespaces that are made, that something is in, and the one that is always there."""
    assert count(read(script, dialect=dialect)).schemas == expected


def test_a_note_is_no_diagnostic() -> None:
    """A file that only undoes is passed over with a note, which leaves the number of findings at none."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("1.up.sql", "CREATE TABLE t (id int8);")
        archive.writestr("1.down.sql", "DROP TABLE t;")
    reading = read_files([Input("m.zip", made.getvalue())])
    assert [found.severity for found in reading.diagnostics] == ["info"]
    assert count(reading).diagnostics == 0


def test_sqlite_counts_alike(shared_material: Path) -> None:
    """SQLite's own catalogue, after running the sample databases, has the same numbers."""
    for twin in ("chinook", "sakila"):
        script = (shared_material / "corpus/twins" / twin / "sqlite.sql").read_text("utf-8-sig")
        with closing(sqlite3.connect(":memory:")) as database:
            database.executescript(script)
            kinds = dict(
                database.execute(
                    "SELECT type, count(*) FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' GROUP BY type"
                ).fetchall()
            )
        numbers = count(read(script, dialect="sqlite"))
        assert {
            "table": numbers.tables,
            "index": numbers.indexes,
            "view": numbers.views,
            "trigger": numbers.triggers,
        } == {kind: kinds.get(kind, 0) for kind in ("table", "index", "view", "trigger")}
