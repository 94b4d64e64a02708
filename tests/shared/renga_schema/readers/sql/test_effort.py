"""How much a script may make the reader look at."""

from itertools import pairwise
from pathlib import Path

import pytest

import renga_schema
from renga_schema import Unreadable
from renga_schema.readers.source import Source, decode
from renga_schema.readers.sql.builder import Builder
from renga_schema.readers.sql.reader import Session

TABLES = "".join(f"CREATE TABLE t{number} (a int REFERENCES other);\n" for number in range(1000))
RENAMED = "".join(f"ALTER TABLE t{number} RENAME TO u{number};\n" for number in range(1000))
BACK = "".join(f"ALTER TABLE u{number} RENAME TO t{number};\n" for number in range(1000))
NAMES = ("other", "another") * 2500
"""A table that all the others refer to is called so one after the other."""


def test_changes_are_carried_out() -> None:
    """Several times as many changes as tables are carried out, for each costs what it changes."""
    reading = renga_schema.read(TABLES + (RENAMED + BACK) * 3 + RENAMED, dialect="postgres")
    assert not reading.diagnostics
    assert {table.name for table in reading.schema.tables} == {f"u{number}" for number in range(1000)}


def test_too_much_is_refused() -> None:
    """Beyond what its length allows a script is refused, with the line that was reached and what to do."""
    changed = "".join(f"ALTER TABLE {old} RENAME TO {new};\n" for old, new in pairwise(NAMES))
    with pytest.raises(Unreadable) as refused:
        renga_schema.read(
            f"CREATE TABLE other (a int);\n{TABLES}{RENAMED}{changed}", dialect="postgres", file="big.sql"
        )
    said = refused.value.diagnostic
    assert said.code == "READ-SIZE"
    assert said.origin is not None
    assert said.origin.file == "big.sql"
    assert 2000 < said.origin.line < 7000
    assert str(said.origin.line) in said.message
    assert said.help == "Hand in a dump of the schema as it is after the changes."


def test_a_changelog_is_refused_likewise() -> None:
    """A changelog of Liquibase is held to the same, with the change that was reached."""
    changes = ['<createTable tableName="other"><column name="a" type="int"/></createTable>']
    changes += [
        f'<createTable tableName="t{number}"><column name="a" type="int">'
        f'<constraints foreignKeyName="k{number}" references="other(a)"/></column></createTable>'
        for number in range(1000)
    ]
    changes += [f'<renameTable oldTableName="{old}" newTableName="{new}"/>' for old, new in pairwise(NAMES)]
    text = (
        '<databaseChangeLog>\n<changeSet id="1" author="a">\n' + "\n".join(changes) + "</changeSet></databaseChangeLog>"
    )
    with pytest.raises(Unreadable) as refused:
        renga_schema.read(text, dialect="postgres")
    assert refused.value.diagnostic.code == "READ-SIZE"


def test_real_dumps_are_far_from_it(shared_material: Path) -> None:
    """No dump of the corpus takes more than a fiftieth of what it may."""
    for path in sorted((shared_material / "corpus").glob("apps/postgres/*.sql")):
        session = Session(Builder("postgres"))
        session.open(Source(decode(path.read_bytes(), path.name).text))
        for span in session.spans():
            session.read(span)
        effort = session.builder.effort
        assert effort.spent * 50 < effort.allowed, f"{path.name} takes {effort.spent} of {effort.allowed}"
