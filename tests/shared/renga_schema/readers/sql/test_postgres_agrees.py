"""PostgreSQL 18 itself is the judge: its catalogue after running a script holds what the reader says from reading it.

Where the server refuses a statement, that is a difference like any other, and the rest is compared.
"""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import renga_schema
from agreement import Difference, differences, explanations, files_of, unexplained
from postgres import NEWEST_MISSING, load, newest_binaries, server
from postgres_catalogue import catalogued
from postgres_reading import read

pytestmark = pytest.mark.connected

FOLDER = Path(__file__).parent
CASES = sorted((FOLDER / "cases" / "postgres").glob("*.sql"))
EXPLANATIONS = explanations(FOLDER / "explained.yaml", "postgres")
ROLES = ("postgres", "prisma", "notification-service")
"""The owners that the scripts name; a server has them before it gets a dump."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A server with the roles that dumps are about."""
    programs = newest_binaries()
    if programs is None:
        pytest.skip(NEWEST_MISSING)
    with server(programs) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            for role in ROLES:
                connection.execute(psycopg.sql.SQL("CREATE ROLE {}").format(psycopg.sql.Identifier(role)))
        yield url


def disagreements(url: str, script: Path) -> list[Difference]:
    """What PostgreSQL and the reader say differently about a script."""
    database, refusals = load(url, script)
    refused = [Difference(f"line {line}", f"refused: {reason}") for line, reason in refusals]
    reading = renga_schema.read(script.read_bytes(), dialect="postgres")
    complaints = [
        Difference(f"line {each.origin and each.origin.line}", f"not read: {each.message}")
        for each in reading.diagnostics
    ]
    with psycopg.connect(database, autocommit=True) as connection:
        found = catalogued(connection)
    return [*refused, *complaints, *differences(("PostgreSQL", "model"), found, read(reading.schema))]


def agree(url: str, script: Path, name: str) -> None:
    """Fail on what nothing explains, and on explanations of nothing."""
    remaining, stale = unexplained(name, disagreements(url, script), EXPLANATIONS)
    assert not remaining, "\n" + "\n".join(map(str, remaining[:40]))
    assert not stale, f"nothing to explain any more: {stale}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_cases_read_as_postgresql_loads_them(url: str, case: Path) -> None:
    """Each committed PostgreSQL case is true: the server runs it and has the same catalogue afterwards."""
    agree(url, case, f"cases/{case.name}")


def test_the_corpus_reads_as_postgresql_loads_it(subtests: pytest.Subtests, shared_material: Path, url: str) -> None:
    """Dumps of real applications and sample databases give the catalogue that PostgreSQL gives them."""
    corpus = shared_material / "corpus"
    scripts = [
        path
        for pattern in ("apps/postgres/*.sql", "large/*.sql", "twins/*/postgres.sql")
        for path in corpus.glob(pattern)
    ]
    assert len(scripts) > 10
    named = {script.relative_to(corpus).as_posix(): script for script in sorted(scripts)}
    assert {file for folder in ("apps", "large", "twins") for file in files_of(EXPLANATIONS, folder)} <= named.keys()
    for name, script in named.items():
        with subtests.test(msg=name):
            agree(url, script, name)


def test_explanations_are_about_cases_that_exist() -> None:
    """No entry of the list outlives the case that it explains."""
    assert files_of(EXPLANATIONS, "cases") <= {f"cases/{case.name}" for case in CASES}
