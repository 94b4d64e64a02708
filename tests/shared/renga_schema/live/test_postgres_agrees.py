"""PostgreSQL 18 itself is the judge: what a script says, what its catalogue counts, and what is read of it live."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from agreement import Difference, counts_of, differences, explanations, files_of, unexplained
from postgres import NEWEST_MISSING, load, newest_binaries, server
from postgres_counts import counted
from postgres_reading import read as facts
from renga_schema import read
from renga_schema.live import read_database

pytestmark = pytest.mark.connected

FOLDER = Path(__file__).parent
CASES = sorted(
    [*(FOLDER / "cases/postgres").glob("*.sql"), *(FOLDER.parent / "readers/sql/cases/postgres").glob("*.sql")]
)
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
                connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
        yield url


def disagreements(url: str, script: Path) -> list[Difference]:
    """What the catalogue, the script's reading and the database's reading say differently."""
    database, _ = load(url, script)
    written, live = read(script.read_bytes(), dialect="postgres"), read_database(database)
    with psycopg.connect(database, autocommit=True) as connection:
        real = counts_of(counted(connection))
    complaints = [Difference(each.object or "live", f"live: {each.message}") for each in live.diagnostics]
    return [
        *complaints,
        *differences(("catalogue", "file"), real, counts_of(written)),
        *differences(("catalogue", "live"), real, counts_of(live)),
        *differences(("live", "file"), facts(live.schema), facts(written.schema)),
    ]


def agree(url: str, script: Path, name: str) -> None:
    """Fail on what nothing explains, and on explanations of nothing."""
    remaining, stale = unexplained(name, disagreements(url, script), EXPLANATIONS)
    assert not remaining, "\n" + "\n".join(map(str, remaining[:40]))
    assert not stale, f"nothing to explain any more: {stale}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_cases_count_as_postgresql_counts_them(url: str, case: Path) -> None:
    """Each committed case counts as the catalogue counts it after loading, and the database reads as the case."""
    agree(url, case, f"cases/{case.name}")


def test_the_corpus_counts_as_postgresql_counts_it(subtests: pytest.Subtests, shared_material: Path, url: str) -> None:
    """Real dumps count as the catalogue counts them after loading, and the database reads as the dump."""
    corpus = shared_material / "corpus"
    patterns = ("apps/postgres/*.sql", "large/*.sql", "twins/*/postgres.sql")
    named = {path.relative_to(corpus).as_posix(): path for pattern in patterns for path in corpus.glob(pattern)}
    assert len(named) > 10
    assert {file for folder in ("apps", "large", "twins") for file in files_of(EXPLANATIONS, folder)} <= named.keys()
    for name, script in sorted(named.items()):
        with subtests.test(msg=name):
            agree(url, script, name)


def test_explanations_are_about_cases_that_exist() -> None:
    """No entry of the list outlives the case that it explains."""
    assert files_of(EXPLANATIONS, "cases") <= {f"cases/{case.name}" for case in CASES}
