"""Folders that hold one schema once for each engine."""

from pathlib import Path

import pytest

from folders import lay_out
from renga_schema import Dialect, Unreadable, read, read_files
from renga_schema.readers.dialects import named

EDITIONS = {
    "mysql": "CREATE TABLE `a` (`id` int unsigned AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB DEFAULT CHARSET=utf8;",
    "postgres": "-- PostgreSQL database dump\nCREATE TABLE a (id bigserial PRIMARY KEY, at timestamptz);",
    "sqlite": "PRAGMA foreign_keys = on;\nCREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT) STRICT;",
}


@pytest.mark.parametrize(
    ("name", "dialect"),
    [
        ("db/migration/mysql/V1__a.sql", "mysql"),
        ("db/postgresql/1.sql", "postgres"),
        ("chinook/sqlite.sql", "sqlite"),
        ("schema.mariadb.sql", "mysql"),
        ("mysql-schema.sql", "mysql"),
        ("install_pgsql.sql", "postgres"),
        ("mysql_users.sql", None),
        ("add_oracle.sql", None),
        ("schema.sql", None),
    ],
)
def test_names_that_speak_of_an_engine(name: str, dialect: Dialect | None) -> None:
    """A folder, or a part of the file's name that stands by itself, says which engine a script is for."""
    says = named(name)
    assert (says and says[0]) == dialect


def test_an_engine_that_is_not_read_is_named_by_its_folder() -> None:
    """`oracle/V1__a.sql` is for an engine, though for none that is read."""
    assert named("oracle/V1__a.sql") == (None, "oracle/")


def test_editions_are_not_mixed(tmp_path: Path) -> None:
    """One schema in three dialects is refused with the way out; with a dialect, that edition is read."""
    folder = lay_out(tmp_path, {f"{dialect}.sql": text for dialect, text in EDITIONS.items()})
    with pytest.raises(Unreadable, match=r"mysql \(mysql.sql\), postgres \(postgres.sql\)") as caught:
        read_files([folder])
    assert "--dialect" in (caught.value.diagnostic.help or "")
    reading = read_files([folder], dialect="mysql")
    assert (reading.schema.dialect, len(reading.schema.tables)) == ("mysql", 1)
    assert [(found.code, found.severity) for found in reading.diagnostics] == [("READ-SKIPPED", "warning")]
    assert "postgres.sql, sqlite.sql" in reading.diagnostics[0].message


def test_the_dialect_of_most_is_read(tmp_path: Path) -> None:
    """Where most scripts are in one dialect, the others are another engine's; whoever doubts goes with the most."""
    files = {"1.sql": EDITIONS["mysql"], "2.sql": "CREATE TABLE b (id int);", "h2/1.sql": "CREATE TABLE c (id int);"}
    reading = read_files([lay_out(tmp_path, files)])
    assert (reading.schema.dialect, [table.name for table in reading.schema.tables]) == ("mysql", ["a", "b"])
    assert "h2/1.sql" in reading.diagnostics[0].message


def test_a_folder_says_what_its_scripts_leave_open(tmp_path: Path) -> None:
    """Migrations that any engine would take are taken for the engine that their folder is called after."""
    folder = lay_out(tmp_path, {f"{name}/V1__a.sql": "CREATE TABLE a (id int);" for name in ("mysql", "postgresql")})
    with pytest.raises(Unreadable, match="several dialects"):
        read_files([folder])
    assert read_files([folder / "mysql"]).schema.dialect == "mysql"
    assert [file.detection.evidence for file in read_files([folder / "mysql"]).files] == [("mysql/",)]
    assert len(read_files([folder], dialect="postgres").files) == 1


def test_files_that_are_named_are_all_meant(tmp_path: Path) -> None:
    """Whoever names files one by one gets them all."""
    folder = lay_out(tmp_path, {f"{dialect}.sql": text for dialect, text in EDITIONS.items()})
    assert len(read_files(sorted(folder.iterdir())).files) == 3


def test_a_dialect_goes_with_every_format(tmp_path: Path) -> None:
    """A dialect says nothing of the format, and is that of a description that names none."""
    yaml = "tables: {t: {columns: {id: int8, on: bool}}}"
    in_a_folder = read_files([lay_out(tmp_path, {"t.yaml": yaml})], dialect="postgres")
    for reading in (in_a_folder, read(yaml, dialect="postgres"), read(yaml, dialect="postgres", file="t.yaml")):
        assert (reading.schema.dialect, reading.schema.tables[0].columns[0].type.name) == ("postgres", "bigint")
    assert read("model a {\n  id Int @id\n}\n", dialect="mysql").schema.tables[0].name == "a"
