"""Guessing the format and the dialect, with evidence."""

import pytest

import renga_schema

SIGNS = {
    "CREATE TABLE `t` (`id` int unsigned AUTO_INCREMENT) ENGINE=InnoDB;": ("mysql", "ENGINE="),
    "CREATE TABLE t (id bigserial, at timestamptz, data jsonb DEFAULT '{}'::jsonb);": ("postgres", "PostgreSQL types"),
    "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT);": ("sqlite", "AUTOINCREMENT"),
    "CREATE TABLE t (a TEXT) STRICT;": ("sqlite", "STRICT"),
    "CREATE TABLE [dbo].[t] ([id] [int] IDENTITY(1,1))\nGO\n": ("mssql", "GO"),
    "-- SQLite database\nCREATE TABLE t (a TEXT);": ("sqlite", "says SQLite"),
    "CREATE TABLE t (a TEXT COLLATE NOCASE);": ("sqlite", "COLLATE NOCASE"),
    "CREATE TABLE t (at TEXT DEFAULT (datetime('now')));": ("sqlite", "SQLite functions"),
    "CREATE TABLE n (a int);\nDROP TABLE t;\nALTER TABLE n RENAME TO t;": ("sqlite", "rebuilt tables"),
    "CREATE TABLE t (at datetime(6), n int(11));": ("mysql", "DATETIME(n)"),
    "CREATE TABLE t (at timestamp DEFAULT now() ON UPDATE now());": ("mysql", "ON UPDATE CURRENT_TIMESTAMP"),
    "CREATE TABLE t (a nvarchar(max), b tinyint);": ("mssql", "SQL Server types"),
    "CREATE TABLE t (id numeric(19,0) identity not null);": ("mssql", "IDENTITY"),
    "CREATE TABLE t (\n  [id] int,\n  [name] text\n);": ("mssql", "bracketed columns"),
    "IF OBJECT_ID('t') IS NULL CREATE TABLE t (a int);": ("mssql", "sys catalogue"),
    "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY (START WITH 5));": ("postgres", "identity"),
    "DELIMITER //\nCREATE PROCEDURE p() BEGIN END//": ("mysql", "DELIMITER"),
}


@pytest.mark.parametrize("text", SIGNS)
def test_a_dialect_is_known_by_its_signs(text: str) -> None:
    """The guess names the signs that it rests on."""
    dialect, sign = SIGNS[text]
    found = renga_schema.detect(text)
    assert (found.format, found.dialect) == ("sql", dialect)
    assert sign in found.evidence
    assert found.confidence > 0.3


def test_plain_sql_is_taken_for_postgres_without_confidence() -> None:
    """Where nothing speaks for any dialect, the guess says so."""
    found = renga_schema.detect("CREATE TABLE t (a int, b varchar(10));")
    assert (found.dialect, found.evidence, found.confidence) == ("postgres", (), 0.0)


@pytest.mark.parametrize(
    ("text", "file", "format_"),
    [
        ("anything", "a.sql", "sql"),
        ("anything", "a.DDL", "sql"),
        ("anything", "dir.sql/a.yml", "yaml"),
        ("anything", "a.json", "yaml"),
        ('{"tables": {}}', None, "yaml"),
        ("tables:\n  t:\n", None, "yaml"),
        ("---\ntables: {}\n", "noending", "yaml"),
        ("-- tables: none\nCREATE TABLE t (a int);\n", None, "sql"),
        ("CREATE TABLE t (\n  a int\n);\nlabel: x", None, "sql"),
    ],
)
def test_the_format_follows_from_the_ending_or_the_text(text: str, file: str | None, format_: str) -> None:
    """A known ending decides; without one the text does."""
    assert renga_schema.detect(text, file).format == format_


def test_more_evidence_gives_more_confidence() -> None:
    """Confidence grows with what speaks for a dialect and shrinks with what speaks for another."""
    weak = renga_schema.detect("CREATE TABLE `t` (a int);").confidence
    strong = renga_schema.detect("CREATE TABLE `t` (a int unsigned AUTO_INCREMENT) ENGINE=InnoDB;").confidence
    mixed = renga_schema.detect("CREATE TABLE `t` (a jsonb, b bytea, c int AUTO_INCREMENT);").confidence
    assert weak < strong
    assert mixed < strong


def test_blank_lines_cost_nothing() -> None:
    """A text of nearly nothing but blank lines is answered before the test's own limit, as if they were not there."""
    assert renga_schema.detect(" \n" * 10_000 + "CREATE TABLE [dbo].[t] (a int)\nGO\n").dialect == "mssql"
