"""Names as each dialect spells them."""

import sqlite3

import pytest

from renga_schema.identifiers import RESERVED, length, literal, quote
from renga_schema.model import Dialect


@pytest.mark.parametrize(
    ("name", "dialect", "spelled"),
    [
        ("customer", "postgres", "customer"),
        ("Customer", "postgres", '"Customer"'),
        ("Customer", "mysql", "Customer"),
        ("order", "postgres", '"order"'),
        ("order", "mysql", "`order`"),
        ("ORDER", "sqlite", '"ORDER"'),
        ("rank", "postgres", "rank"),
        ("rank", "mysql", "`rank`"),
        ("two words", "sqlite", '"two words"'),
        ('a"b', "postgres", '"a""b"'),
        ("a`b", "mysql", "`a``b`"),
        ("1st", "postgres", '"1st"'),
        ("größe", "postgres", '"größe"'),
        ("", "postgres", '""'),
    ],
)
def test_a_name_is_quoted_only_where_it_must_be(name: str, dialect: Dialect, spelled: str) -> None:
    """A name stays bare unless it is reserved, odd, or would be folded."""
    assert quote(name, dialect) == spelled


def test_a_quote_in_a_text_is_doubled() -> None:
    """A literal holds any text; MySQL's backslashes are escaped too."""
    assert literal("it's", "postgres") == "'it''s'"
    assert literal("a\\b", "postgres") == "'a\\b'"
    assert literal("a\\b", "mysql") == "'a\\\\b'"


def test_length_is_what_the_engine_counts() -> None:
    """PostgreSQL counts bytes, MySQL characters."""
    assert length("größe", "postgres") == 7
    assert length("größe", "mysql") == 5


def test_every_bare_word_names_a_column_in_sqlite() -> None:
    """What the other dialects reserve and SQLite does not can be used there without quotes."""
    words = sorted((RESERVED["postgres"] | RESERVED["mysql"]) - RESERVED["sqlite"])
    database = sqlite3.connect(":memory:")
    for word in words:
        database.execute(f"CREATE TABLE t_{word} ({word} INT, UNIQUE ({word}))")
        database.execute(f"SELECT {word} FROM t_{word}")  # noqa: S608  words of our own list
    database.close()
