"""DDL for what is proposed: databases take it."""

import sqlite3

import psycopg
import pytest

from renga_dev.constraints import script
from renga_infer.links import Link
from renga_infer.relating import Relation
from renga_schema import read
from renga_schema.model import Dialect, Schema

SQL = """
CREATE TABLE customer (id int PRIMARY KEY, note text);
CREATE TABLE "Order" (id int PRIMARY KEY, customer_id int, note text);
"""
CUSTOMER = Relation(Link("Order", "customer_id", "customer", "id"), 0.9, ("it is named so",))
NOTE = Relation(Link("Order", "note", "customer", "note"), 0.6, ())
NOTHING = "-- Nothing is proposed.\n"


def schema(dialect: Dialect, sql: str = SQL) -> Schema:
    """The schema that a script describes."""
    return read(sql.replace('"', "`") if dialect == "mysql" else sql, dialect=dialect).schema


@pytest.mark.connected
def test_postgres_takes_it_without_a_long_lock(postgres_database: str) -> None:
    """New rows are held to it at once; the rows that are there are checked in a statement of its own."""
    text = script(schema("postgres"), [CUSTOMER], "postgres")
    add, validate = text.splitlines()
    assert add.endswith(
        '"Order" ADD CONSTRAINT "Order_customer_id_fkey" FOREIGN KEY (customer_id) REFERENCES customer (id) NOT VALID;'
    )
    with psycopg.connect(postgres_database) as connection:
        connection.execute(SQL)
        connection.execute('INSERT INTO "Order" VALUES (1, 7)')
        connection.execute(add.encode())
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            connection.execute(validate.encode())


def test_sqlite_has_its_table_made_anew() -> None:
    """The table is written with the constraint in it, and SQLite holds rows to it."""
    text = script(schema("sqlite"), [CUSTOMER], "sqlite")
    database = sqlite3.connect(":memory:")
    database.executescript(f"PRAGMA foreign_keys = on; CREATE TABLE customer (id int PRIMARY KEY);\n{text}")
    with pytest.raises(sqlite3.IntegrityError):
        database.execute('INSERT INTO "Order" VALUES (1, 7, NULL)')
    database.close()


def test_mysql_checks_while_it_adds() -> None:
    """It has no other way."""
    assert script(schema("mysql"), [CUSTOMER], "mysql") == (
        "ALTER TABLE `Order` ADD CONSTRAINT Order_customer_id_fkey"
        " FOREIGN KEY (customer_id) REFERENCES customer (id);\n"
    )


def test_another_dialect_than_the_schemas() -> None:
    """What was read of one is declared in another's terms."""
    assert "NOT VALID" in script(schema("mysql"), [CUSTOMER], "postgres")


def test_what_is_no_key_cannot_be_referred_to() -> None:
    """It is said, and not written as a statement that would fail."""
    text = script(schema("postgres"), [NOTE], "postgres")
    assert text.startswith("-- Order.note -> customer.note: customer.note is neither a primary key nor unique")
    assert "ALTER" not in text


def test_nothing_proposed() -> None:
    """The script says so."""
    assert script(schema("postgres"), [], "postgres") == NOTHING


def test_names_fit_and_do_not_meet() -> None:
    """A long name is shortened to what PostgreSQL keeps of it, and one that is taken gets a number."""
    long, other = "a" * 60, "a" * 61
    sql = (
        "CREATE TABLE c (id int PRIMARY KEY);\n"
        f"CREATE TABLE {long} (c_id int, d_id int CONSTRAINT x REFERENCES c (id));\nCREATE TABLE {other} (c_id int);"
    )
    relations = [Relation(Link(table, "c_id", "c", "id"), None, ()) for table in (long, other)]
    text = script(schema("postgres", sql), relations, "postgres")
    names = [line.split("ADD CONSTRAINT ")[1].split()[0] for line in text.splitlines() if "ADD" in line]
    assert len(set(names)) == 2
    assert all(len(name) <= 63 for name in names)
