"""PostgreSQL 18 itself is the judge: what a script says, what its catalogue counts, and what is read of it live."""

from functools import partial
from pathlib import Path

import psycopg
import pytest

from agreement import Difference, Judged, counted_alike, counts_of, differences
from corpus import read_once
from postgres import load
from postgres_counts import counted
from postgres_reading import read as facts
from renga_schema.live import read_database

pytestmark = pytest.mark.connected

FOLDER = Path(__file__).parent
JUDGED = Judged.by(
    "postgres", FOLDER / "explained.yaml", FOLDER / "cases/postgres", FOLDER.parent / "readers/sql/cases/postgres"
)


def disagreements(url: str, script: Path) -> list[Difference]:
    """What the catalogue, the script's reading and the database's reading say differently."""
    database, _ = load(url, script)
    written, live = read_once(script, "postgres"), read_database(database)
    with psycopg.connect(database, autocommit=True) as connection:
        real = counts_of(counted(connection))
    return [
        *counted_alike(real, written, live),
        *differences(("live", "file"), facts(live.schema), facts(written.schema)),
    ]


@pytest.mark.parametrize("case", JUDGED.cases, ids=lambda case: case.stem)
def test_cases_count_as_postgresql_counts_them(newest_postgres_url: str, case: Path) -> None:
    """Each committed case counts as the catalogue counts it after loading, and the database reads as the case."""
    JUDGED.agree(f"cases/{case.name}", disagreements(newest_postgres_url, case))


def test_the_corpus_counts_as_postgresql_counts_it(
    subtests: pytest.Subtests, shared_material: Path, newest_postgres_url: str
) -> None:
    """Real dumps count as the catalogue counts them after loading, and the database reads as the dump."""
    JUDGED.agree_on_corpus(subtests, shared_material, partial(disagreements, newest_postgres_url))


def test_explanations_are_about_cases_that_exist() -> None:
    """No entry of the list outlives the case that it explains."""
    assert not JUDGED.outlived()
