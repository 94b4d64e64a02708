"""Histories of a schema, made up: statements that change what is there, or is not, by names that meet again and again.

What a fuzzer of bytes hardly ever writes: a name that is taken already, a table that inherits from itself, a type moved
to where another is, and what follows from that twenty statements later.
"""

import random
import re
from collections.abc import Callable, Sequence
from typing import Final

from renga_schema.model import Dialect

_PLACE = re.compile(r"\{(\w+)\}")
_WORDS: Final = {
    "table": ("a", "b", "c", "T1", "orders", "s1.a", "s1.b", "s2.orders"),
    "name": ("a", "b", "c", "T1", "orders"),
    "column": ("id", "x", "ref", "Name"),
    "schema": ("s1", "s2"),
    "key": ("k1", "k2", "k3"),
    "n": ("1", "2", "3"),
    "type": ("int", "varchar(9)"),
    "cascade": ("", "CASCADE"),
    "refers": ("REFERENCES {table} ({column})", "REFERENCES {table}"),
    "more": ("", "", "NOT NULL", "PRIMARY KEY", "UNIQUE", "DEFAULT 1", "CHECK ({column} > 1)", "{refers}"),
    "define": ("{column} {type} {more}",),
    "constraint": (
        "CONSTRAINT {key} FOREIGN KEY ({column}) {refers}",
        *("UNIQUE ({column})", "PRIMARY KEY ({column})", "CONSTRAINT {key} CHECK ({column} > 1)"),
    ),
    "elements": ("{define}", "{define}, {define}", "id {type}, x {type}, {constraint}", "{define}, {constraint}"),
}
_CREATE: Final = "CREATE TABLE {table} ({elements})"
_STATEMENTS: Final = """
CREATE TABLE {table} ({elements})
DROP TABLE {table}
ALTER TABLE {table} ADD {define}
ALTER TABLE {table} ADD {constraint}
ALTER TABLE {table} DROP COLUMN {column}
ALTER TABLE {table} DROP CONSTRAINT {key}
CREATE INDEX i{n} ON {table} ({column})
CREATE VIEW v{n} AS SELECT id FROM {table}
DROP VIEW v{n}
"""
_RENAMES: Final = """
ALTER TABLE {table} RENAME TO {name}
ALTER TABLE {table} RENAME COLUMN {column} TO {column}
"""
_TRANSACTIONS: Final = """
BEGIN
COMMIT
ROLLBACK
SAVEPOINT p
ROLLBACK TO SAVEPOINT p
"""
_POSTGRES: Final = """
CREATE SCHEMA {schema}
DROP SCHEMA {schema} {cascade}
ALTER SCHEMA {schema} RENAME TO {schema}
SET search_path = {schema}, public
DROP TABLE {table} CASCADE
ALTER TABLE {table} SET SCHEMA {schema}
CREATE TABLE {table} (LIKE {table} INCLUDING ALL)
CREATE TABLE {table} ({elements}) INHERITS ({table})
CREATE TABLE {table} ({elements}) PARTITION BY RANGE (id)
CREATE TABLE {table} PARTITION OF {table} FOR VALUES FROM ({n}) TO (9)
ALTER TABLE {table} ATTACH PARTITION {table} FOR VALUES FROM ({n}) TO (9)
ALTER TABLE {table} DETACH PARTITION {table}
ALTER TABLE {table} INHERIT {table}
ALTER TABLE {table} NO INHERIT {table}
ALTER TABLE {table} ADD COLUMN y serial
ALTER TABLE {table} RENAME CONSTRAINT {key} TO {key}
CREATE SEQUENCE {schema}.q{n}
CREATE SEQUENCE q{n} OWNED BY {table}.{column}
DROP SEQUENCE q{n} CASCADE
ALTER SEQUENCE q{n} RENAME TO q{n}
ALTER SEQUENCE q{n} SET SCHEMA {schema}
ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT nextval('q{n}'::regclass)
CREATE TYPE m{n} AS ENUM ('a', 'b')
CREATE TYPE {schema}.m{n} AS (id int, x m1)
CREATE DOMAIN m{n} AS m1
ALTER TYPE m{n} RENAME TO m{n}
ALTER TYPE m{n} SET SCHEMA {schema}
DROP TYPE m{n} {cascade}
ALTER TABLE {table} ADD COLUMN z m{n}
CREATE TABLE {table} OF m{n}
CREATE TRIGGER g{n} AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION f()
ALTER TRIGGER g{n} ON {table} RENAME TO g{n}
DROP TRIGGER g{n} ON {table}
CREATE POLICY p{n} ON {table} USING (true)
DROP POLICY p{n} ON {table}
ALTER VIEW v{n} RENAME TO {name}
ALTER INDEX i{n} RENAME TO i{n}
"""
_MYSQL: Final = """
RENAME TABLE {table} TO {table}
RENAME TABLE {table} TO {table}, {table} TO {table}
USE {schema}
CREATE TABLE {table} LIKE {table}
ALTER TABLE {table} DROP FOREIGN KEY {key}
DROP TRIGGER g{n}
ALTER TABLE {table} CHANGE {column} {column} int
ALTER TABLE {table} MODIFY {column} bigint NOT NULL
CREATE TEMPORARY TABLE {table} ({elements})
ALTER TABLE {table} DROP PRIMARY KEY
CREATE TRIGGER g{n} AFTER INSERT ON {table} FOR EACH ROW SET @x = 1
"""
_SQLITE: Final = """
CREATE TRIGGER g{n} AFTER INSERT ON {table} BEGIN SELECT 1; END
DROP TRIGGER g{n}
DROP INDEX i{n}
"""
_MSSQL: Final = """
EXEC sp_rename '{table}', '{name}'
EXEC sp_rename '{table}.{column}', '{column}', 'COLUMN'
ALTER TABLE {table} ALTER COLUMN {column} bigint
DROP INDEX i{n} ON {table}
"""
_OF: Final[dict[Dialect, str]] = {
    "postgres": _STATEMENTS + _RENAMES + _TRANSACTIONS + _POSTGRES,
    "mysql": _STATEMENTS + _RENAMES + _MYSQL,
    "sqlite": _STATEMENTS + _RENAMES + _TRANSACTIONS + _SQLITE,
    "mssql": _STATEMENTS + _MSSQL,
}
"""A statement a line."""


def history(dialect: Dialect, seed: int) -> str:
    """A script of some dozen statements, the same for each seed; many of them cannot be carried out."""
    choose: Callable[[Sequence[str]], str] = random.Random(f"{dialect} {seed}").choice  # noqa: S311 - no secrets

    def filled(text: str) -> str:
        return _PLACE.sub(lambda place: filled(choose(_WORDS[place[1]])), text)

    changes = [line for line in _OF[dialect].splitlines() if line]
    statements = [*[_CREATE] * 5, *(choose(changes) for _ in range(40))]
    return "".join(f"{filled(statement)};\n" for statement in statements)
