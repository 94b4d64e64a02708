"""MariaDB itself is the judge: its catalogue after running a script holds what the reader says from reading it.

Where the server refuses a statement, that is a difference like any other, and the rest is compared.
"""

from functools import partial
from pathlib import Path

import pytest

from agreement import Difference, Judged, complaints, differences
from corpus import read_once
from mariadb import HOME, connected, load
from mysql_catalogue import catalogued
from mysql_reading import LEFT_TO_THE_SERVER, read

pytestmark = pytest.mark.connected

FOLDER = Path(__file__).parent
JUDGED = Judged.by("mysql", FOLDER / "explained.yaml", FOLDER / "cases/mysql")


def disagreements(port: int, file: Path) -> list[Difference]:
    """What MariaDB and the reader say differently about a script."""
    refused = [Difference(f"line {line}", f"refused: {reason}") for line, reason in load(port, file.read_bytes())]
    written = read_once(file, "mysql")
    said = read(written.schema, HOME)
    with connected(port) as connection:
        found = {
            fact: value
            for fact, value in catalogued(connection).items()
            if fact.aspect not in LEFT_TO_THE_SERVER or fact in said
        }
    return [*refused, *complaints(written), *differences(("MariaDB", "model"), found, said)]


@pytest.mark.parametrize("case", JUDGED.cases, ids=lambda case: case.stem)
def test_cases_read_as_mariadb_loads_them(mariadb_port: int, case: Path) -> None:
    """Each committed MySQL case is true: the server runs it and has the same catalogue afterwards."""
    JUDGED.agree(f"cases/{case.name}", disagreements(mariadb_port, case))


def test_the_corpus_reads_as_mariadb_loads_it(
    subtests: pytest.Subtests, shared_material: Path, mariadb_port: int
) -> None:
    """Dumps of real applications and sample databases give the catalogue that MariaDB gives them."""
    JUDGED.agree_on_corpus(subtests, shared_material, partial(disagreements, mariadb_port))


def test_explanations_are_about_cases_that_exist() -> None:
    """No entry of the list outlives the case that it explains."""
    assert not JUDGED.outlived()
