"""A live MariaDB database, on a real server."""

from pathlib import Path

import pytest
from pymysql.constants import CLIENT

import mariadb
from renga_schema import Reading, Unreadable, read
from renga_schema.counts import count
from renga_schema.live import read_database

pytestmark = pytest.mark.connected

LIBRARY = (Path(__file__).parents[1] / "writers/cases/mysql.sql").read_text()
CODE = """
CREATE FUNCTION twice(n int) RETURNS int DETERMINISTIC BEGIN DECLARE m int; SET m = n * 2; RETURN m; END;
CREATE PROCEDURE nothing() BEGIN SELECT 1; SELECT ';'; END;
CREATE TRIGGER grow BEFORE INSERT ON branch FOR EACH ROW SET NEW.`rank` = NEW.`rank` + 1;
CREATE SEQUENCE ticket START WITH 5;
"""


@pytest.fixture
def url(mariadb_url: str) -> str:
    """The database `trial`, empty."""
    mariadb.emptied(mariadb.port_of(mariadb_url), "trial")
    return mariadb_url


def loaded(url: str, script: str) -> Reading:
    """What the database holds after a script."""
    port = mariadb.port_of(url)
    with mariadb.connected(port, CLIENT.MULTI_STATEMENTS) as connection, connection.cursor() as cursor:
        cursor.execute("USE trial")
        cursor.execute(script)
        while cursor.nextset():
            pass
    return read_database(url)


def test_a_database_has_what_the_script_says(url: str) -> None:
    """Tables, columns, types and keys are read back as described; MariaDB's own ways are the only differences."""
    live, written = loaded(url, LIBRARY), read(LIBRARY, dialect="mysql")
    assert not live.diagnostics
    assert not live.losses
    for table in written.schema.tables:
        found = live.schema.table(table.name)
        assert found is not None
        assert found.primary_key is not None
        assert table.primary_key is not None
        assert found.primary_key.columns == table.primary_key.columns
        for column in table.columns:
            again = found.column(column.name)
            assert again is not None
            # MariaDB has no type json: it is a long text with a check.
            kind = "longtext" if column.type.name == "json" else column.type.name
            assert (again.type.name, again.nullable, again.comment) == (kind, column.nullable, column.comment)
            assert (again.type.arguments, again.type.values, again.type.unsigned, again.identity) == (
                column.type.arguments,
                column.type.values,
                column.type.unsigned,
                column.identity,
            )
        assert found.partitioning == table.partitioning or found.partitioning is not None
        assert {index.name for index in table.indexes if not index.unique} <= {index.name for index in found.indexes}
    assert [view.name for view in live.schema.views] == ["open_branch"]


def test_code_is_read_whole(url: str) -> None:
    """Routines, triggers and sequences come with their bodies, whatever semicolons these hold."""
    live = loaded(url, LIBRARY + CODE)
    assert not live.diagnostics
    assert [(routine.name, routine.kind) for routine in live.schema.routines] == [
        ("twice", "function"),
        ("nothing", "procedure"),
    ]
    assert "SELECT ';'" in live.schema.routines[1].definition
    assert [(trigger.name, trigger.table.name) for trigger in live.schema.triggers] == [("grow", "branch")]
    assert [sequence.name for sequence in live.schema.sequences] == ["ticket"]


CATALOGUED = {
    "tables": "tables WHERE table_type = 'BASE TABLE' AND table_schema = 'trial'",
    "primary_keys": "table_constraints WHERE constraint_type = 'PRIMARY KEY' AND table_schema = 'trial'",
    "foreign_keys": "table_constraints WHERE constraint_type = 'FOREIGN KEY' AND table_schema = 'trial'",
    "unique_constraints": "table_constraints WHERE constraint_type = 'UNIQUE' AND table_schema = 'trial'",
    "indexes": "statistics WHERE non_unique = 1 AND seq_in_index = 1 AND table_schema = 'trial'",
}


@pytest.mark.parametrize("name", ["lychee", "matomo", "dotclear", "xpressengine"])
def test_counts_are_those_of_the_catalogue(url: str, name: str, shared_material: Path) -> None:
    """Real dumps count as MariaDB counts them, from the file and from the live database."""
    script = (shared_material / f"corpus/apps/mysql/{name}.sql").read_text("utf-8-sig")
    live = loaded(url, script)
    with mariadb.connected(mariadb.port_of(url)) as connection, connection.cursor() as cursor:
        real = {}
        for kind, source in CATALOGUED.items():
            cursor.execute(f"SELECT count(*) FROM information_schema.{source}")  # noqa: S608 - the table above
            real[kind] = cursor.fetchone()
    for reading in (live, read(script, dialect="mysql")):
        counted = count(reading)
        assert {kind: (getattr(counted, kind),) for kind in CATALOGUED} == real


def test_failures_are_sentences_without_the_password(url: str) -> None:
    """A wrong password, a database that is not there, a server that is not."""
    for wrong in (
        url.replace(mariadb.PASSWORD, "wr0ng"),
        url.replace("/trial", "/nowhere"),
        "mysql://renga:wr0ng@127.0.0.1:1/trial",
    ):
        with pytest.raises(Unreadable) as caught:
            read_database(wrong)
        text = caught.value.diagnostic.model_dump_json()
        assert "wr0ng" not in text
        assert mariadb.PASSWORD not in text
        assert caught.value.diagnostic.help
