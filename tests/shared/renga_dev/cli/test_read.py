"""`renga read`: what files, folders and databases describe, with no runtime."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from renga_schema import read
from renga_schema.serialization import from_json

Renga = Callable[..., Result]
SHOP = "CREATE TABLE shop (id serial PRIMARY KEY, name text NOT NULL);\nCREATE TABLE till (shop int REFERENCES shop);\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A script."""
    path = tmp_path / "shop.sql"
    path.write_text(SHOP)
    return path


def test_counts(cli: Renga, file: Path) -> None:
    """One JSON object with every kind, from a file as from standard input."""
    result = cli("read", file, "--as", "counts")
    assert result.exit_code == 0
    counted = json.loads(result.stdout)
    assert (counted["tables"], counted["foreign_keys"], counted["sequences"]) == (2, 1, 1)
    assert counted["statements"] == {"applied": 2, "kept": 0, "noted": 0, "ledger": 0, "failed": 0, "total": 2}
    assert cli("read", "-", "--as", "counts", input=SHOP.encode()).stdout == result.stdout
    assert cli("read", "--as", "counts", input=SHOP.encode()).stdout == result.stdout


def test_the_model_as_json(cli: Renga, file: Path) -> None:
    """It is the whole model with its version, and is read like any other description."""
    written = cli("read", file, "--as", "json").stdout
    assert json.loads(written)["model_version"] == 1
    assert from_json(written) == read(SHOP, file=str(file)).schema
    assert cli("read", "-", "--as", "json", input=written.encode()).stdout == written
    newer = cli("read", "-", input=written.replace('"model_version": 1', '"model_version": 2').encode())
    assert (newer.exit_code, "version 2; this release reads version 1" in newer.stderr) == (1, True)


def test_the_model_as_yaml(cli: Renga, file: Path) -> None:
    """It is Renga's own format, which is read to the same numbers and writes itself again."""
    written = cli("read", file, "--as", "yaml")
    assert "name: text!" in written.stdout
    assert written.stderr == ""
    assert cli("read", "-", "--as", "yaml", input=written.stdout.encode()).stdout == written.stdout


def test_the_summary(cli: Renga, file: Path) -> None:
    """What it was taken for and why, what is in it, and each fault at its place."""
    file.write_text(f"{SHOP}CREATE TABLE bad (id int,,);\n")
    result = cli("read", file)
    assert result.exit_code == 0
    assert "PostgreSQL (serial; confidence" in result.stdout
    assert "2 tables, 3 columns, 1 primary key" in result.stdout
    assert f"{file}:3:26: error READ-SYNTAX" in result.stdout
    assert f"    CREATE TABLE bad (id int,,);\n{' ' * 29}^\n" in result.stdout


def test_a_folder_and_a_database(cli: Renga, tmp_path: Path) -> None:
    """Migrations apply in order; a SQLite file is a database, by path as by URL."""
    (tmp_path / "2_b.sql").write_text("ALTER TABLE shop ADD x int;")
    (tmp_path / "1_a.sql").write_text(SHOP)
    assert json.loads(cli("read", tmp_path, "--as", "counts").stdout)["columns"] == 4
    database = tmp_path / "shop.db"
    connection = sqlite3.connect(database)
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
    connection.close()
    by_path, by_url = cli("read", database, "--as", "counts"), cli("read", f"sqlite:///{database}", "--as", "counts")
    assert by_path.stdout == by_url.stdout
    assert json.loads(by_url.stdout)["tables"] == 1


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"CREAT TABLE x;"])
def test_nothing_readable(cli: Renga, content: bytes) -> None:
    """What is empty, no text, or understood nowhere is exit status 1 with a sentence."""
    result = cli("read", "-", input=content)
    assert result.exit_code == 1
    assert result.stderr


def test_nothing_readable_in_a_database(cli: Renga, tmp_path: Path) -> None:
    """A database that is not there is exit status 1 too."""
    result = cli("read", f"sqlite:///{tmp_path}/none.db")
    assert (result.exit_code, "there is no file" in result.stderr) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("no/such/file.sql",), "cannot be read: No such file"),
        (("-", "--dialect", "oracle"), "There is no dialect 'oracle'"),
        (("-", "--from", "word"), "There is no format 'word'"),
        (("-", "--as", "picture"), "'picture' is not one of"),
        (("postgre://h/d",), "Did you mean postgres"),
        (("sqlite:///x.db", "--dialect", "mysql"), "are for files"),
        (("sqlite:///x.db", "a.sql"), "give its URL alone"),
    ],
)
def test_misuse(cli: Renga, arguments: tuple[str, ...], message: str) -> None:
    """Mistakes of the call are exit status 2."""
    result = cli("read", *arguments, input=SHOP.encode())
    assert (result.exit_code, message in result.stderr) == (2, True), result.stderr


@pytest.mark.timeout(300)  # All there are, read one after the other: 20 s of a core.
def test_the_corpus(cli: Renga, shared_material: Path) -> None:
    """Every real file is read, and how its statements ended adds up."""
    for path in sorted((shared_material / "corpus").rglob("*.sql")):
        result = cli("read", path, "--as", "counts")
        assert result.exit_code == 0, path
        counted = json.loads(result.stdout)
        assert counted["tables"] > 0, path
        ends = counted["statements"]
        assert ends.pop("total") == sum(ends.values()), path
