"""MariaDB itself is the judge: what a script says, what its catalogue counts, and what is read of it live."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from agreement import Difference, counts_of, differences, explanations, files_of, unexplained
from mariadb import HOME, MISSING, PASSWORD, binaries, connected, load, server
from mysql_catalogue import databases
from mysql_counts import counted
from mysql_reading import LEFT_TO_THE_SERVER
from mysql_reading import read as facts
from renga_schema import read
from renga_schema.live import read_database

pytestmark = pytest.mark.connected

FOLDER = Path(__file__).parent
CASES = sorted([*(FOLDER / "cases/mysql").glob("*.sql"), *(FOLDER.parent / "readers/sql/cases/mysql").glob("*.sql")])
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
    """What the catalogue, the script's reading and the database's reading say differently.

    Of a script that fills several databases only the first two are compared: a URL names one database.
    """
    load(port, script)
    written = read(script, dialect="mysql")
    with connected(port) as connection:
        real = counts_of(counted(connection))
        filled = databases(connection)
    found = differences(("catalogue", "file"), real, counts_of(written))
    filled = [name for name in filled if name != HOME] or [HOME]
    if len(filled) > 1:
        return found
    live = read_database(f"mysql://renga:{PASSWORD}@127.0.0.1:{port}/{filled[0]}")
    found += [Difference(each.object or "live", f"live: {each.message}") for each in live.diagnostics]
    found += differences(("catalogue", "live"), real, counts_of(live))
    said, again = facts(written.schema, filled[0]), facts(live.schema, filled[0])
    # SHOW CREATE leaves out what follows from the table or the server.
    told = {fact for fact in said.keys() ^ again.keys() if fact.aspect not in LEFT_TO_THE_SERVER}
    told |= said.keys() & again.keys()
    sides = ({fact: value for fact, value in side.items() if fact in told} for side in (again, said))
    return [*found, *differences(("live", "file"), *sides)]


def agree(port: int, script: Path, name: str) -> None:
    """Fail on what nothing explains, and on explanations of nothing."""
    remaining, stale = unexplained(name, disagreements(port, script.read_bytes()), EXPLANATIONS)
    assert not remaining, "\n" + "\n".join(map(str, remaining[:40]))
    assert not stale, f"nothing to explain any more: {stale}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_cases_count_as_mariadb_counts_them(port: int, case: Path) -> None:
    """Each committed case counts as the catalogue counts it after loading, and the database reads as the case."""
    agree(port, case, f"cases/{case.name}")


def test_the_corpus_counts_as_mariadb_counts_it(subtests: pytest.Subtests, shared_material: Path, port: int) -> None:
    """Real dumps count as the catalogue counts them after loading, and the database reads as the dump."""
    corpus = shared_material / "corpus"
    patterns = ("apps/mysql/*.sql", "twins/*/mysql.sql")
    named = {path.relative_to(corpus).as_posix(): path for pattern in patterns for path in corpus.glob(pattern)}
    assert len(named) > 40
    assert {file for folder in ("apps", "twins") for file in files_of(EXPLANATIONS, folder)} <= named.keys()
    for name, script in sorted(named.items()):
        with subtests.test(msg=name):
            agree(port, script, name)


def test_explanations_are_about_cases_that_exist() -> None:
    """No entry of the list outlives the case that it explains."""
    assert files_of(EXPLANATIONS, "cases") <= {f"cases/{case.name}" for case in CASES}
