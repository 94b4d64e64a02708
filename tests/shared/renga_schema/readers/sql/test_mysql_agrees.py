"""MariaDB itself is the judge: its catalogue after running a script holds what the reader says from reading it.

Where the server refuses a statement, that is a difference like any other, and the rest is compared.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

import renga_schema
from agreement import Difference, differences, explanations, files_of, unexplained
from mariadb import HOME, MISSING, binaries, connected, load, server
from mysql_catalogue import catalogued
from mysql_reading import LEFT_TO_THE_SERVER, read

pytestmark = pytest.mark.connected

FOLDER = Path(__file__).parent
CASES = sorted((FOLDER / "cases" / "mysql").glob("*.sql"))
EXPLANATIONS = explanations(FOLDER / "explained.yaml", "mysql")


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a server that need not survive a power cut."""
    programs = binaries()
    if programs is None:
        pytest.skip(MISSING)
    with server(programs) as url:
        port = make_url(url).port
        assert port is not None
        with connected(port) as connection, connection.cursor() as cursor:
            cursor.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 0")
        yield port


def disagreements(port: int, script: bytes) -> list[Difference]:
    """What MariaDB and the reader say differently about a script."""
    refused = [Difference(f"line {line}", f"refused: {reason}") for line, reason in load(port, script)]
    reading = renga_schema.read(script, dialect="mysql")
    complaints = [
        Difference(f"line {each.origin and each.origin.line}", f"not read: {each.message}")
        for each in reading.diagnostics
    ]
    said = read(reading.schema, HOME)
    with connected(port) as connection:
        found = {
            fact: value
            for fact, value in catalogued(connection).items()
            if fact.aspect not in LEFT_TO_THE_SERVER or fact in said
        }
    return [*refused, *complaints, *differences(("MariaDB", "model"), found, said)]


def agree(port: int, script: Path, name: str) -> None:
    """Fail on what nothing explains, and on explanations of nothing."""
    remaining, stale = unexplained(name, disagreements(port, script.read_bytes()), EXPLANATIONS)
    assert not remaining, "\n" + "\n".join(map(str, remaining[:40]))
    assert not stale, f"nothing to explain any more: {stale}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_cases_read_as_mariadb_loads_them(port: int, case: Path) -> None:
    """Each committed MySQL case is true: the server runs it and has the same catalogue afterwards."""
    agree(port, case, f"cases/{case.name}")


def test_the_corpus_reads_as_mariadb_loads_it(subtests: pytest.Subtests, shared_material: Path, port: int) -> None:
    """Dumps of real applications and sample databases give the catalogue that MariaDB gives them."""
    corpus = shared_material / "corpus"
    scripts = [path for pattern in ("apps/mysql/*.sql", "twins/*/mysql.sql") for path in corpus.glob(pattern)]
    assert len(scripts) > 40
    named = {script.relative_to(corpus).as_posix(): script for script in sorted(scripts)}
    assert {file for folder in ("apps", "large", "twins") for file in files_of(EXPLANATIONS, folder)} <= named.keys()
    for name, script in named.items():
        with subtests.test(msg=name):
            agree(port, script, name)


def test_explanations_are_about_cases_that_exist() -> None:
    """No entry of the list outlives the case that it explains."""
    assert files_of(EXPLANATIONS, "cases") <= {f"cases/{case.name}" for case in CASES}
