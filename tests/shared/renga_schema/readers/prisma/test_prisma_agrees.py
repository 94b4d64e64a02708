"""Prisma's own migration engine is the judge: the SQL that it makes of a schema says what the reader says of it.

The engine runs without a database and knows PostgreSQL, CockroachDB and SQLite so. The SQL is read by the readers of
SQL, which have judges of their own.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest

import renga_schema
from agreement import Facts, differences
from node import ask, install
from postgres_reading import read
from renga_schema.model import Schema

pytestmark = pytest.mark.connected

FOLDER = Path(__file__).parent
CASES = {path.stem: path for path in sorted((FOLDER / "cases").glob("*.prisma"))}
JUDGED = [*sorted(name for name in CASES if name.startswith("migrate_")), "sqlite"]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Mapping[str, str]]:
    """What the engine says about every case that is made for it."""
    judge = install(FOLDER / "judge", tmp_path_factory.mktemp("prisma"))
    return ask(judge, {name: CASES[name].read_text() for name in JUDGED})


@pytest.mark.parametrize("name", JUDGED)
def test_a_schema_is_the_database_that_prisma_migrate_makes(
    name: str, answers: Mapping[str, Mapping[str, str]]
) -> None:
    """Tables, columns, defaults, keys, indexes, enums and all their names are those of the migration."""
    ours = renga_schema.read(CASES[name].read_text(), format="prisma").schema
    assert "refused" not in answers[name]
    theirs = renga_schema.read(answers[name]["sql"], dialect=ours.dialect)
    assert theirs.diagnostics == ()
    found = differences(("Prisma", "model"), facts(theirs.schema), facts(ours))
    assert not found, "\n" + "\n".join(map(str, found[:40]))


def facts(schema: Schema) -> Facts:
    """What a migration can say: no comments, no views, and no foreign key that only Prisma's client heeds."""
    tables = tuple(
        table.model_copy(update={"foreign_keys": tuple(key for key in table.foreign_keys if not key.ignored)})
        for table in schema.tables
    )
    said = read(schema.model_copy(update={"tables": tables, "views": ()}))
    return {fact: value for fact, value in said.items() if fact.aspect != "comment"}
