"""MariaDB itself is the judge: what a script says, what its catalogue counts, and what is read of it live."""

from functools import partial
from pathlib import Path

import pytest

from agreement import Difference, Judged, counted_alike, counts_of, differences
from corpus import read_once
from mariadb import HOME, PASSWORD, connected, load
from mysql_catalogue import databases
from mysql_counts import counted
from mysql_reading import LEFT_TO_THE_SERVER
from mysql_reading import read as facts
from renga_schema.live import read_database

pytestmark = pytest.mark.connected

FOLDER = Path(__file__).parent
JUDGED = Judged.by(
    "mysql", FOLDER / "explained.yaml", FOLDER / "cases/mysql", FOLDER.parent / "readers/sql/cases/mysql"
)


def disagreements(port: int, file: Path) -> list[Difference]:
    """What the catalogue, the script's reading and the database's reading say differently.

    Of a script that fills several databases only the first two are compared: a URL names one database.
    """
    load(port, file.read_bytes())
    written = read_once(file, "mysql")
    with connected(port) as connection:
        real = counts_of(counted(connection))
        filled = databases(connection)
    filled = [name for name in filled if name != HOME] or [HOME]
    if len(filled) > 1:
        return differences(("catalogue", "file"), real, counts_of(written))
    live = read_database(f"mysql://renga:{PASSWORD}@127.0.0.1:{port}/{filled[0]}")
    said, again = facts(written.schema, filled[0]), facts(live.schema, filled[0])
    # SHOW CREATE leaves out what follows from the table or the server.
    told = {fact for fact in said.keys() ^ again.keys() if fact.aspect not in LEFT_TO_THE_SERVER}
    told |= said.keys() & again.keys()
    sides = ({fact: value for fact, value in side.items() if fact in told} for side in (again, said))
    return [*counted_alike(real, written, live), *differences(("live", "file"), *sides)]


@pytest.mark.parametrize("case", JUDGED.cases, ids=lambda case: case.stem)
def test_cases_count_as_mariadb_counts_them(mariadb_port: int, case: Path) -> None:
    """Each committed case counts as the catalogue counts it after loading, and the database reads as the case."""
    JUDGED.agree(f"cases/{case.name}", disagreements(mariadb_port, case))


def test_the_corpus_counts_as_mariadb_counts_it(
    subtests: pytest.Subtests, shared_material: Path, mariadb_port: int
) -> None:
    """Real dumps count as the catalogue counts them after loading, and the database reads as the dump."""
    JUDGED.agree_on_corpus(subtests, shared_material, partial(disagreements, mariadb_port))


def test_explanations_are_about_cases_that_exist() -> None:
    """No entry of the list outlives the case that it explains."""
    assert not JUDGED.outlived()
