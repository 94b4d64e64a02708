"""SQL that changes, renames or drops what it has created, each time looking for all that depends on it."""

from hostile.pieces import SIZE, in_turn, numbered, repeated

CHANGES: dict[str, str] = {
    "foreign keys and a rename": numbered(
        "CREATE TABLE t~ (a int REFERENCES a);", "CREATE TABLE a (a int);", "ALTER TABLE a RENAME TO b;"
    ),
    "ADD": numbered("ALTER TABLE t ADD c~ int;", "CREATE TABLE t (a int);"),
    "ADD in one": numbered("ADD c~ int,", "CREATE TABLE t (a int);ALTER TABLE t ", "ADD z int"),
    "ADD CONSTRAINT": numbered("ALTER TABLE t ADD CONSTRAINT k~ CHECK (a > ~);", "CREATE TABLE t (a int);"),
    "ADD UNIQUE": repeated("ALTER TABLE t ADD UNIQUE (a);", "CREATE TABLE t (a int);"),
    "ADD CHECK": numbered("ALTER TABLE t ADD CHECK (a > ~);", "CREATE TABLE t (a int);"),
    "ADD FOREIGN KEY": repeated("ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES t (a);", "CREATE TABLE t (a int);"),
    "ADD and DROP CONSTRAINT": in_turn(
        "ALTER TABLE t ADD CONSTRAINT k~ CHECK (a > ~);",
        "ALTER TABLE t DROP CONSTRAINT k~;",
        before="CREATE TABLE t (a int);",
    ),
    "nameless and DROP CONSTRAINT": in_turn(
        "ALTER TABLE t ADD CHECK (a > ~);",
        "ALTER TABLE t DROP CONSTRAINT t_a_check~;",
        before="CREATE TABLE t (a int);",
    ),
    "nameless and RENAME": in_turn(
        "ALTER TABLE t ADD UNIQUE (a);", "ALTER TABLE t RENAME a~ TO a~+;", before="CREATE TABLE t (a0 int, a int);"
    ),
    "ALTER of one column": repeated(
        "ALTER TABLE t ALTER a SET NOT NULL;", numbered("c~ int,", "CREATE TABLE t (", "a int);", size=100_000)
    ),
    "ALTER of each column": in_turn("c~ int,", before="CREATE TABLE t (", after="z int);")[: SIZE // 3].rpartition(",")[
        0
    ]
    + ");"
    + numbered("ALTER TABLE t ALTER c~ SET NOT NULL;", size=SIZE // 2),
    "DROP of each column": numbered("c~ int,", "CREATE TABLE t (", "z int);", size=60_000)
    + numbered("ALTER TABLE t DROP COLUMN c~;", size=SIZE - 60_000),
    "DROP of each column in one": numbered("c~ int,", "CREATE TABLE t (", "z int);", size=80_000)
    + numbered("DROP COLUMN c~,", "ALTER TABLE t ", "DROP COLUMN z", size=SIZE - 80_000),
    "RENAME of each column": numbered("c~ int,", "CREATE TABLE t (", "z int);", size=60_000)
    + numbered("ALTER TABLE t RENAME COLUMN c~ TO d~;", size=SIZE - 60_000),
    "RENAME with keys": numbered("c~ int CHECK (c~ > 0),", "CREATE TABLE t (", "z int);", size=SIZE // 2)
    + numbered("ALTER TABLE t RENAME COLUMN c~ TO d~;", size=SIZE // 2),
    "RENAME with indexes": numbered("c~ int,", "CREATE TABLE t (", "z int);", size=40_000)
    + numbered("CREATE INDEX i~ ON t (c~) WHERE c~ > 0;", size=80_000)
    + numbered("ALTER TABLE t RENAME COLUMN c~ TO d~;", size=80_000),
    "RENAME with policies": "CREATE TABLE t (a0 int);"
    + numbered("CREATE POLICY p~ ON t USING (b > ~);", size=SIZE // 2)
    + numbered("ALTER TABLE t RENAME a~ TO a~+;", size=SIZE // 2 - 30),
    "RENAME of one": numbered("ALTER TABLE t~ RENAME TO t~+;", "CREATE TABLE t0 (a int);"),
    "RENAME of one column": numbered("ALTER TABLE t RENAME a~ TO a~+;", "CREATE TABLE t (a0 int);"),
    "RENAME of each table": in_turn("CREATE TABLE t~ (a int);", "ALTER TABLE t~ RENAME TO u~;"),
    "RENAME of each with keys": in_turn("CREATE TABLE t~ (a int REFERENCES t~+);", "ALTER TABLE t~ RENAME TO u~;"),
    "RENAME TABLE": in_turn("CREATE TABLE t~ (a int);", "RENAME TABLE t~ TO u~;"),
    "RENAME TABLE in one": numbered("CREATE TABLE t~ (a int);", size=SIZE // 2)
    + numbered("t~ TO u~,", "RENAME TABLE ", "a TO b", size=SIZE // 2),
    "RENAME with triggers": in_turn(
        "CREATE TABLE t~ (a int);",
        "CREATE TRIGGER g~ AFTER INSERT ON t~ FOR EACH ROW EXECUTE FUNCTION f();",
        "ALTER TABLE t~ RENAME TO u~;",
    ),
    "DROP of each table": in_turn("CREATE TABLE t~ (a int);", "DROP TABLE t~;"),
    "DROP CASCADE of each table": in_turn("CREATE TABLE t~ (a int REFERENCES t~+);", "DROP TABLE t~ CASCADE;"),
    "DROP in one": numbered("CREATE TABLE t~ (a int);", size=140_000)
    + numbered("t~,", "DROP TABLE ", "a CASCADE", size=60_000),
    "DROP of each sequence": in_turn("CREATE SEQUENCE t~;", "DROP SEQUENCE t~;"),
    "DROP of each view": in_turn("CREATE VIEW t~ AS SELECT 1;", "DROP VIEW t~;"),
    "DROP of each type": in_turn("CREATE TYPE t~ AS ENUM ('a');", "DROP TYPE t~;"),
    "DROP of each routine": in_turn("CREATE FUNCTION t~() RETURNS int AS 'a';", "DROP FUNCTION t~();"),
    "DROP of each trigger": in_turn(
        "CREATE TRIGGER t~ AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();",
        "DROP TRIGGER t~ ON t;",
        before="CREATE TABLE t (a int);",
    ),
    "DROP of each index": in_turn("CREATE INDEX i~ ON t (a);", "DROP INDEX i~ ON t;", before="CREATE TABLE t (a int);"),
    "DROP of each index by name": in_turn(
        "CREATE INDEX i~ ON t (a);", "DROP INDEX i~;", before="CREATE TABLE t (a int);"
    ),
    "DROP of each index of a table": in_turn(
        "CREATE INDEX i~ ON t (a);", "ALTER TABLE t DROP INDEX i~;", before="CREATE TABLE t (a int);"
    ),
    "RENAME of each index": in_turn(
        "CREATE INDEX i~ ON t (a);", "ALTER INDEX i~ RENAME TO j~;", before="CREATE TABLE t (a int);"
    ),
    "RENAME of each index of a table": in_turn(
        "CREATE INDEX i~ ON t (a);", "ALTER TABLE t RENAME INDEX i~ TO j~;", before="CREATE TABLE t (a int);"
    ),
    "DROP of what is not there": numbered("DROP TABLE IF EXISTS t~;"),
    "ALTER of what is not there": in_turn("CREATE TABLE t~ (a int);", "ALTER TABLE u~ ADD b int;"),
    "columns that are not there": numbered("c~ int,", "CREATE TABLE t (", "z int);", size=60_000)
    + numbered("ALTER TABLE t ALTER d~ SET NOT NULL;", size=SIZE - 60_000),
    "FIRST": numbered("ALTER TABLE t ADD c~ int FIRST;", "CREATE TABLE t (a int);"),
    "AFTER": numbered("ALTER TABLE t ADD c~ int AFTER a;", "CREATE TABLE t (a int);"),
    "MODIFY": repeated(
        "ALTER TABLE t MODIFY a bigint;", numbered("c~ int,", "CREATE TABLE t (", "a int);", size=60_000)
    ),
    "CHANGE": numbered("ALTER TABLE t CHANGE a~ a~+ bigint;", "CREATE TABLE t (a0 int);"),
    "CHANGE with keys": numbered("KEY k~ (a0),", "CREATE TABLE t (a0 int,", "KEY (a0));", size=SIZE // 2)
    + numbered("ALTER TABLE t CHANGE a~ a~+ bigint;", size=SIZE // 2),
    "SET of options": numbered("ALTER TABLE t SET (o~ = ~);", "CREATE TABLE t (a int);"),
    "SWITCH": repeated("ALTER TABLE t ENABLE TRIGGER a;", "CREATE TABLE t (a int);"),
    "DEFAULT of SQL Server": numbered("ALTER TABLE t ADD CONSTRAINT d~ DEFAULT 1 FOR a;", "CREATE TABLE t (a int);"),
    "defaults of SQL Server and DROP": numbered("c~ int,", "CREATE TABLE t (", "z int);", size=30_000)
    + numbered("ALTER TABLE t ADD CONSTRAINT d~ DEFAULT 1 FOR c~;", size=100_000)
    + numbered("ALTER TABLE t DROP CONSTRAINT d~;", size=70_000),
    "nothing but WITH": repeated("WITH CHECK ", "CREATE TABLE t (a int);ALTER TABLE t "),
}
