"""What is written runs, from top to bottom, on the engine that it is written for."""

import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

import mariadb
from renga_schema import Schema, read
from renga_schema.model import Dialect
from renga_schema.writers import write

Case = Callable[[Dialect], Schema]
Run = Callable[[str], list[str]]
SOURCES: list[Dialect] = ["postgres", "mysql", "sqlite"]


def run_sqlite(script: str) -> list[str]:
    """The error of the script, if any."""
    with closing(sqlite3.connect(":memory:")) as database:
        try:
            database.executescript(script)
        except sqlite3.Error as error:
            return [str(error)]
    return []


@pytest.fixture
def run_postgres(new_postgres_database: Callable[[], str]) -> Run:
    """Runs a script on PostgreSQL; each gets an empty database."""
    client = shutil.which("psql")
    if client is None:
        pytest.skip("psql is not installed; Debian's package is postgresql-client")
    return lambda script: errors([client, new_postgres_database(), "-qX"], script)


@pytest.fixture
def run_mysql(mariadb_port: int) -> Run:
    """Runs a script on MariaDB; each gets an empty database."""
    client = shutil.which("mariadb")
    if client is None:
        pytest.skip("mariadb is not installed; Debian's package is mariadb-client")
    login = ["--no-defaults", "-h127.0.0.1", f"-P{mariadb_port}", "-urenga", f"-p{mariadb.PASSWORD}"]

    def run(script: str) -> list[str]:
        mariadb.emptied(mariadb_port, "trial")
        return errors([client, *login, "-f", "trial"], script)

    return run


def errors(command: list[str], script: str) -> list[str]:
    """What the client says went wrong."""
    result = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
    return [line for line in result.stderr.splitlines() if "ERROR" in line]


@pytest.mark.parametrize("source", SOURCES)
def test_sqlite_runs_it(source: Dialect, case: Case) -> None:
    """SQLite runs the script of a schema of every dialect."""
    assert run_sqlite(write(case(source), "sqlite").text) == []


@pytest.mark.connected
@pytest.mark.parametrize("source", SOURCES)
def test_postgres_runs_it(source: Dialect, case: Case, run_postgres: Run) -> None:
    """PostgreSQL runs the script of a schema of every dialect."""
    assert run_postgres(write(case(source), "postgres").text) == []


@pytest.mark.connected
@pytest.mark.parametrize("source", SOURCES)
def test_mysql_runs_it(source: Dialect, case: Case, run_mysql: Run) -> None:
    """MariaDB runs the script of a schema of every dialect."""
    assert run_mysql(write(case(source), "mysql").text) == []


SHORT = {"postgres": ["helpdesk", "northwind", "exo"], "mysql": ["lychee", "northwind", "mantis", "dotclear"]}


@pytest.mark.connected
@pytest.mark.parametrize("target", ["postgres", "mysql", "sqlite"])
def test_real_schemas_run_everywhere(target: Dialect, shared_material: Path, run_postgres: Run, run_mysql: Run) -> None:
    """A handful of real dumps run on every engine, whatever dialect they come from."""
    run = {"postgres": run_postgres, "mysql": run_mysql, "sqlite": run_sqlite}[target]
    for source, names in SHORT.items():
        for name in names:
            path = shared_material / "corpus" / "apps" / source / f"{name}.sql"
            schema = read(path.read_bytes(), dialect=source).schema  # type: ignore[arg-type]  # a key of SHORT
            script = write(schema, target).text
            assert run(script) == [], f"{source}/{name} for {target}"


@pytest.mark.connected
def test_the_shop_opens_everywhere(repository: Path, run_postgres: Run, run_mysql: Run) -> None:
    """The example runs on the engine it is written for, and what is written from it on every engine."""
    text = (repository / "examples" / "shop.sql").read_text()
    assert run_postgres(text) == []
    schema = read(text).schema
    for target, run in {"postgres": run_postgres, "mysql": run_mysql, "sqlite": run_sqlite}.items():
        assert run(write(schema, target).text) == [], target


@pytest.mark.connected
def test_indexes_of_partitions_are_attached(run_postgres: Run) -> None:
    """An index on a partitioned table alone gets the index of each partition that belongs to it, and no other."""
    script = """
        CREATE TABLE move (id int, at date) PARTITION BY RANGE (at);
        CREATE TABLE move_2026 PARTITION OF move FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
        CREATE INDEX move_at ON ONLY move (at);
        CREATE INDEX move_2026_at ON move_2026 (at);
        ALTER INDEX move_at ATTACH PARTITION move_2026_at;
    """
    written = write(read(script, dialect="postgres").schema, "postgres").text
    assert "ALTER INDEX move_at ATTACH PARTITION move_2026_at;" in written
    assert run_postgres(written) == []
