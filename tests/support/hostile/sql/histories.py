"""Histories of changes, each of which concerns much of what is there before it."""

from hostile.pieces import SIZE, in_turn, numbered, repeated

_HALF = SIZE // 2
_TABLES = numbered("CREATE TABLE t~ (a int);", size=_HALF)
_CHECKS = numbered("CHECK (a > ~),", "CREATE TABLE t (a int,", "b int);", size=_HALF)

HISTORIES: dict[str, str] = {
    "transactions that go back": _TABLES + repeated("BEGIN;CREATE TABLE x (a int);ROLLBACK;", size=_HALF),
    "savepoints": _TABLES + "BEGIN;" + numbered("SAVEPOINT s~;", size=_HALF - 20) + "ROLLBACK;",
    "back to a savepoint": _TABLES + "BEGIN;SAVEPOINT s;" + repeated("DROP TABLE t1;ROLLBACK TO s;", size=_HALF - 30),
    "NO INHERIT with checks": _CHECKS
    + "CREATE TABLE u () INHERITS (t);"
    + repeated("ALTER TABLE u INHERIT t;ALTER TABLE u NO INHERIT t;", size=_HALF - 50),
    "DETACH with keys": numbered(
        "UNIQUE (a, b~),b~ int,", "CREATE TABLE t (a int,", "z int) PARTITION BY LIST (a);", size=_HALF
    )
    + "CREATE TABLE p PARTITION OF t DEFAULT;"
    + repeated("ALTER TABLE t DETACH PARTITION p;ALTER TABLE t ATTACH PARTITION p DEFAULT;", size=_HALF - 50),
    "ATTACH of keys": numbered(
        "CREATE TABLE p~ PARTITION OF t (PRIMARY KEY (a)) DEFAULT;",
        "CREATE TABLE t (a int) PARTITION BY LIST (a);",
        size=_HALF,
    )
    + numbered("ALTER INDEX i ATTACH PARTITION p~_pkey;", size=_HALF),
    "ATTACH of keys that are not there": numbered(
        "CREATE TABLE p~ PARTITION OF t (PRIMARY KEY (a)) DEFAULT;",
        "CREATE TABLE t (a int) PARTITION BY LIST (a);",
        size=_HALF,
    )
    + numbered("ALTER INDEX i ATTACH PARTITION q~_pkey;", size=_HALF),
    "RENAME with a long check": "CREATE TABLE t (a0 int, CHECK ("
    + repeated("a0 > 1 OR ", size=15_000)
    + "a0 > 2));"
    + numbered("ALTER TABLE t RENAME a~ TO a~+;", size=150_000),
    "RENAME with a long check of many": "CREATE TABLE t (a0 int, "
    + repeated("CHECK (a0 > 1 AND a0 < 5), ", size=60_000)
    + "b int);"
    + numbered("ALTER TABLE t RENAME a~ TO a~+;", size=130_000),
    "DROP and CREATE of nameless indexes": "CREATE TABLE t (a int);"
    + repeated("CREATE INDEX ON t (a);", size=_HALF)
    + repeated("DROP INDEX t_a_idx7;CREATE INDEX ON t (a);", size=_HALF - 30),
    "views of many and CASCADE": numbered("t~,", "CREATE VIEW v AS SELECT 1 FROM ", "t0;", size=80_000)
    + numbered("CREATE TABLE t~ (a int);DROP TABLE u~ CASCADE;DROP TABLE t~ CASCADE;", size=110_000),
    "views and DROP COLUMN CASCADE": numbered(
        "CREATE VIEW v~ AS SELECT b FROM t;", "CREATE TABLE t (b int);", size=_HALF
    )
    + numbered("ALTER TABLE t ADD c~ int;ALTER TABLE t DROP c~ CASCADE;", size=_HALF - 30),
    "a long view and DROP COLUMN CASCADE": repeated(
        "b, ", "CREATE TABLE t (b int);CREATE VIEW v AS SELECT ", "b FROM t;", size=_HALF
    )
    + numbered("ALTER TABLE t ADD c~ int;ALTER TABLE t DROP c~ CASCADE;", size=_HALF - 30),
    "RENAME of checks of a domain": numbered(
        "CONSTRAINT k~ CHECK (VALUE > ~) ", "CREATE DOMAIN d AS int ", ";", size=_HALF
    )
    + numbered("ALTER DOMAIN d RENAME CONSTRAINT k~ TO l~;", size=_HALF),
    "nameless checks of a domain": repeated("CHECK (VALUE > 1) ", "CREATE DOMAIN d AS int ", ";", size=_HALF)
    + numbered("ALTER DOMAIN d DROP CONSTRAINT d_check~;", size=_HALF),
    "DROP PARTITION": numbered(
        "PARTITION p~ VALUES LESS THAN (~),",
        "CREATE TABLE t (a int) PARTITION BY RANGE (a) (",
        "PARTITION p VALUES LESS THAN MAXVALUE);",
        size=_HALF,
    )
    + numbered("ALTER TABLE t DROP PARTITION p~;", size=_HALF),
    "ALTER ATTRIBUTE": numbered("a~ int,", "CREATE TYPE c AS (", "z int);", size=_HALF)
    + numbered("ALTER TYPE c ALTER ATTRIBUTE a~ TYPE text;", size=_HALF),
    "RENAME ATTRIBUTE of typed tables": "CREATE TYPE c AS (a0 int);"
    + numbered("CREATE TABLE t~ OF c;", size=_HALF)
    + numbered("ALTER TYPE c RENAME ATTRIBUTE a~ TO a~+ CASCADE;", size=_HALF - 30),
    "RENAME of types in composite types": "CREATE TYPE e0 AS ENUM ('a');"
    + numbered("CREATE TYPE c~ AS (a e0);", size=_HALF)
    + numbered("ALTER TYPE e~ RENAME TO e~+;", size=_HALF - 30),
    "RENAME of a type of columns": "CREATE TYPE e0 AS ENUM ('a');"
    + numbered("c~ e0,", "CREATE TABLE t (", "z int);", size=_HALF)
    + numbered("ALTER TYPE e~ RENAME TO e~+;", size=_HALF - 30),
    "DROP TYPE CASCADE": numbered("CREATE TYPE e~ AS ENUM ('a');CREATE TABLE t~ (a e~);", size=120_000)
    + numbered("DROP TYPE e~ CASCADE;", size=80_000),
    "DROP TYPE CASCADE of routines": in_turn(
        "CREATE TYPE e~ AS ENUM ('a');", "CREATE FUNCTION f~(e~) RETURNS int AS 'a';", "DROP TYPE e~ CASCADE;"
    ),
    "RENAME of a sequence of columns": "CREATE SEQUENCE s0;"
    + numbered("c~ int DEFAULT nextval('s0'),", "CREATE TABLE t (", "z int);", size=_HALF)
    + numbered("ALTER SEQUENCE s~ RENAME TO s~+;", size=_HALF - 30),
    "DROP SEQUENCE CASCADE": numbered("c~ int DEFAULT nextval('s~'),", "CREATE TABLE t (", "z int);", size=_HALF)
    + numbered("CREATE SEQUENCE s~;DROP SEQUENCE s~ CASCADE;", size=_HALF),
    "DROP FUNCTION CASCADE": in_turn(
        "CREATE FUNCTION f~() RETURNS trigger AS 'a';",
        "CREATE TRIGGER g~ AFTER INSERT ON t EXECUTE FUNCTION f~();",
        "DROP FUNCTION f~() CASCADE;",
    ),
    "routines of one name": numbered("CREATE FUNCTION f(t~) RETURNS int AS 'a';"),
    "routines of one name and DROP": in_turn("CREATE FUNCTION f(t~) RETURNS int AS 'a';", "DROP FUNCTION f(t~);"),
    "triggers of one name": in_turn(
        "CREATE TRIGGER g AFTER INSERT ON t~ EXECUTE FUNCTION f();", "COMMENT ON TRIGGER g ON t~ IS 'a';"
    ),
    "foreign keys of one and RENAME of another": repeated(
        "FOREIGN KEY (a) REFERENCES a (a),", "CREATE TABLE a (a int);CREATE TABLE t (a int,", "b int);", size=_HALF
    )
    + numbered("ALTER TABLE u~ RENAME TO u~+;", "CREATE TABLE u0 (a int);", size=_HALF),
    "foreign keys of one and RENAME": repeated(
        "FOREIGN KEY (a) REFERENCES u0 (a),", "CREATE TABLE u0 (a int);CREATE TABLE t (a int,", "b int);", size=_HALF
    )
    + numbered("ALTER TABLE u~ RENAME TO u~+;", size=_HALF - 30),
    "sp_rename of constraints": numbered(
        "CONSTRAINT k~ CHECK (a > ~),", "CREATE TABLE t (a int,", "b int)\nGO\n", size=_HALF
    )
    + numbered("EXEC sp_rename 'k~', 'l~'\nGO\n", size=_HALF),
    "descriptions of SQL Server": numbered("c~ int,", "CREATE TABLE t (", "z int)\nGO\n", size=50_000)
    + numbered(
        "EXEC sp_addextendedproperty 'MS_Description', 'a', 'schema', 'dbo', 'table', 't', 'column', 'c~'\nGO\n",
        size=150_000,
    ),
    "CONVERT": numbered("c~ text,", "CREATE TABLE t (", "z int);", size=_HALF)
    + repeated(
        "ALTER TABLE t CONVERT TO CHARACTER SET latin1;ALTER TABLE t CONVERT TO CHARACTER SET utf8;", size=_HALF
    ),
    "ADD IF NOT EXISTS": numbered("KEY k~ (a),", "CREATE TABLE t (a int,", "KEY z (a));", size=_HALF)
    + numbered("ALTER TABLE t ADD KEY IF NOT EXISTS k~ (a);", size=_HALF),
    "DROP of each column with keys": numbered("c~ int UNIQUE,", "CREATE TABLE t (", "z int);", size=_HALF)
    + numbered("ALTER TABLE t DROP COLUMN c~;", size=_HALF),
    "DROP NOT NULL of children": numbered("CREATE TABLE u~ () INHERITS (t);", "CREATE TABLE t (a int);", size=_HALF)
    + repeated("ALTER TABLE t ALTER a DROP NOT NULL;", size=_HALF - 30),
    "keys with children": numbered("CREATE TABLE u~ () INHERITS (t);", "CREATE TABLE t (a int);", size=_HALF)
    + repeated("ALTER TABLE t DROP CONSTRAINT IF EXISTS t_pkey;ALTER TABLE t ADD PRIMARY KEY (a);", size=_HALF - 30),
}
