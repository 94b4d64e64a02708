"""How much a script may make the reader look at."""

from pathlib import Path

import pytest

import renga_schema
from renga_schema import Unreadable
from renga_schema.readers.source import Source, decode
from renga_schema.readers.sql.builder import Builder
from renga_schema.readers.sql.reader import Session

TABLES = "".join(f"CREATE TABLE t{number} (a int REFERENCES other);\n" for number in range(1000))
RENAMED = "".join(f"ALTER TABLE t{number} RENAME TO u{number};\n" for number in range(1000))


def test_changes_are_carried_out() -> None:
    """As many changes as tables are carried out, though each looks at every table."""
    reading = renga_schema.read(TABLES + RENAMED, dialect="postgres")
    assert not reading.diagnostics
    assert {table.name for table in reading.schema.tables} == {f"u{number}" for number in range(1000)}


def test_too_much_is_refused() -> None:
    """Beyond what its length allows a script is refused, with the line that was reached and what to do."""
    there, back = RENAMED, "".join(f"ALTER TABLE u{number} RENAME TO t{number};\n" for number in range(1000))
    with pytest.raises(Unreadable) as refused:
        renga_schema.read(TABLES + (there + back) * 3, dialect="postgres", file="big.sql")
    said = refused.value.diagnostic
    assert said.code == "READ-SIZE"
    assert said.origin is not None
    assert said.origin.file == "big.sql"
    assert 2000 < said.origin.line < 7000
    assert str(said.origin.line) in said.message
    assert said.help == "Hand in a dump of the schema as it is after the changes."


def test_a_changelog_is_refused_likewise() -> None:
    """A changelog of Liquibase is held to the same, with the change that was reached."""
    renames = [("t", "u"), ("u", "t")] * 3
    changes = [
        f'<createTable tableName="t{number}"><column name="a" type="int">'
        f'<constraints foreignKeyName="k{number}" references="other(a)"/></column></createTable>'
        for number in range(1000)
    ]
    changes += [
        f'<renameTable oldTableName="{old}{number}" newTableName="{new}{number}"/>'
        for old, new in renames
        for number in range(1000)
    ]
    text = (
        '<databaseChangeLog>\n<changeSet id="1" author="a">\n' + "\n".join(changes) + "</changeSet></databaseChangeLog>"
    )
    with pytest.raises(Unreadable) as refused:
        renga_schema.read(text, dialect="postgres")
    assert refused.value.diagnostic.code == "READ-SIZE"


@pytest.mark.timeout(300)
def test_real_dumps_are_far_from_it(shared_material: Path) -> None:
    """No dump of the corpus takes more than a fiftieth of what it may."""
    for path in sorted((shared_material / "corpus").glob("apps/postgres/*.sql")):
        session = Session(Builder("postgres"))
        session.open(Source(decode(path.read_bytes(), path.name).text))
        for span in session.spans():
            session.read(span)
        effort = session.builder.effort
        assert effort.spent * 50 < effort.allowed, f"{path.name} takes {effort.spent} of {effort.allowed}"
