"""Schemas as the model `links` sees them."""

from pathlib import Path

from renga_dev.designs import examples, links_of
from renga_infer.links import Link
from renga_infer.links.training.corpus import Example
from renga_infer.schemas import design_of
from renga_schema import read

_SQL = """
CREATE DOMAIN key AS bigint;
CREATE TABLE app.users (id key PRIMARY KEY, email varchar(80) UNIQUE, tags text[]);
COMMENT ON COLUMN app.users.email IS 'where news go';
CREATE TABLE app.rooms (house integer, number integer, PRIMARY KEY (house, number));
CREATE TABLE app.stays (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    guest key REFERENCES app.users,
    house integer, number integer,
    FOREIGN KEY (house, number) REFERENCES app.rooms (house, number)
);
"""


def test_a_design_has_tables_types_and_keys_and_no_links() -> None:
    """Domains are seen through, namespaces and comments kept; what is declared is given apart, by its columns."""
    schema = read(_SQL, dialect="postgres").schema
    design = design_of(schema)
    users, rooms, stays = design.tables
    assert [table.qualified for table in design.tables] == ["app.users", "app.rooms", "app.stays"]
    assert (users.columns[0].type, users.columns[0].family) == ("bigint", "integer")
    assert (users.columns[1].length, users.columns[1].comment) == (80, "where news go")
    assert users.columns[2].family == "other"
    assert users.uniques == (("email",),)
    assert rooms.primary_key == ("house", "number")
    assert stays.columns[0].counted
    single, composite = links_of(schema)
    assert single == (Link("app.stays", "guest", "app.users", "id"),)
    assert composite == (
        (Link("app.stays", "house", "app.rooms", "house"), Link("app.stays", "number", "app.rooms", "number")),
    )
    assert "app.users" not in repr(stays)


def test_a_folder_is_a_list_of_examples(tmp_path: Path) -> None:
    """Files are called by their names, or by their folders; one that cannot be read is a sentence."""
    (tmp_path / "hotel").mkdir()
    (tmp_path / "hotel" / "postgres.sql").write_text(_SQL)
    (tmp_path / "blog.sql").write_text("CREATE TABLE posts (id integer PRIMARY KEY);")
    (tmp_path / "empty.sql").write_text("")
    (tmp_path / "notes.txt").write_text("no schema")
    found = list(examples(tmp_path))
    assert [one.name for one in found if isinstance(one, Example)] == ["blog", "hotel"]
    assert [one for one in found if isinstance(one, str)] == ["empty.sql: The input is empty."]
