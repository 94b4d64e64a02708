"""PostgreSQL 18 itself is the judge: its catalogue after running a script holds what the reader says from reading it.

Where the server refuses a statement, that is a difference like any other, and the rest is compared.
"""

from functools import partial
from pathlib import Path

import psycopg
import pytest

from agreement import Difference, Judged, complaints, differences
from corpus import read_once
from postgres import load
from postgres_catalogue import catalogued
from postgres_reading import read

pytestmark = pytest.mark.connected

FOLDER = Path(__file__).parent
JUDGED = Judged.by("postgres", FOLDER / "explained.yaml", FOLDER / "cases/postgres")


def disagreements(url: str, script: Path) -> list[Difference]:
    """What PostgreSQL and the reader say differently about a script."""
    database, refusals = load(url, script)
    refused = [Difference(f"line {line}", f"refused: {reason}") for line, reason in refusals]
    written = read_once(script, "postgres")
    with psycopg.connect(database, autocommit=True) as connection:
        found = catalogued(connection)
    return [*refused, *complaints(written), *differences(("PostgreSQL", "model"), found, read(written.schema))]


@pytest.mark.parametrize("case", JUDGED.cases, ids=lambda case: case.stem)
def test_cases_read_as_postgresql_loads_them(newest_postgres_url: str, case: Path) -> None:
    """Each committed PostgreSQL case is true: the server runs it and has the same catalogue afterwards."""
    JUDGED.agree(f"cases/{case.name}", disagreements(newest_postgres_url, case))


def test_the_corpus_reads_as_postgresql_loads_it(
    subtests: pytest.Subtests, shared_material: Path, newest_postgres_url: str
) -> None:
    """Dumps of real applications and sample databases give the catalogue that PostgreSQL gives them."""
    JUDGED.agree_on_corpus(subtests, shared_material, partial(disagreements, newest_postgres_url))


def test_explanations_are_about_cases_that_exist() -> None:
    """No entry of the list outlives the case that it explains."""
    assert not JUDGED.outlived()
