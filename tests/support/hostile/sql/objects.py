"""SQL with much that stands beside tables: views, sequences, types, namespaces, routines, triggers, comments."""

from hostile.pieces import SIZE, in_turn, mirrored, numbered, repeated

OBJECTS: dict[str, str] = {
    "views": numbered("CREATE VIEW v~ AS SELECT * FROM t;"),
    "views over views": numbered("CREATE VIEW v~+ AS SELECT * FROM v~;", "CREATE VIEW v0 AS SELECT 1 AS a;"),
    "one view again": repeated("CREATE OR REPLACE VIEW v AS SELECT 1;"),
    "a wide view": numbered("c~,", "CREATE VIEW v AS SELECT ", "1"),
    "indexes of a view": numbered("CREATE INDEX i~ ON v (a);", "CREATE MATERIALIZED VIEW v AS SELECT 1 AS a;"),
    "nameless indexes of a view": repeated("CREATE INDEX ON v (a);", "CREATE MATERIALIZED VIEW v AS SELECT 1 AS a;"),
    "DROP of indexes of a view": in_turn(
        "CREATE INDEX i~ ON v (a);", "DROP INDEX i~;", before="CREATE MATERIALIZED VIEW v AS SELECT 1 AS a;"
    ),
    "UNION": repeated("SELECT 1 UNION ", "CREATE VIEW v AS ", "SELECT 1"),
    "joins": repeated("JOIN t ON a = b ", "CREATE VIEW v AS SELECT 1 FROM t "),
    "sequences": numbered("CREATE SEQUENCE s~;"),
    "owned sequences": in_turn(
        "CREATE SEQUENCE s~;", "ALTER SEQUENCE s~ OWNED BY t.a;", before="CREATE TABLE t (a int);"
    ),
    "owned sequences and RENAME": numbered(
        "CREATE SEQUENCE s~ OWNED BY t0.a;", "CREATE TABLE t0 (a int);", size=SIZE // 2
    )
    + numbered("ALTER TABLE t~ RENAME TO t~+;", size=SIZE // 2),
    "serial columns": numbered("c~ serial,", "CREATE TABLE t (", "z int)"),
    "serials and DROP": in_turn("CREATE TABLE t~ (a serial);", "DROP TABLE t~;"),
    "serials and RENAME": in_turn("CREATE TABLE t~ (a serial);", "ALTER TABLE t~ RENAME TO u~;"),
    "labels": numbered("'l~',", "CREATE TYPE e AS ENUM (", "'z')"),
    "ADD VALUE": numbered("ALTER TYPE e ADD VALUE 'l~';", "CREATE TYPE e AS ENUM ('a');"),
    "ADD VALUE before": numbered("ALTER TYPE e ADD VALUE 'l~' BEFORE 'a';", "CREATE TYPE e AS ENUM ('a');"),
    "RENAME VALUE": numbered("'l~',", "CREATE TYPE e AS ENUM (", "'z');", size=60_000)
    + numbered("ALTER TYPE e RENAME VALUE 'l~' TO 'm~';", size=SIZE - 60_000),
    "types": numbered("CREATE TYPE e~ AS ENUM ('a');"),
    "kept types and ALTER": numbered("CREATE TYPE r~ AS RANGE (subtype = int);", size=SIZE // 2)
    + numbered("ALTER TYPE r~ RENAME TO s~;", size=SIZE // 2),
    "attributes of a type": numbered("a~ int,", "CREATE TYPE c AS (", "z int)"),
    "ADD ATTRIBUTE": numbered("ALTER TYPE c ADD ATTRIBUTE a~ int;", "CREATE TYPE c AS (a int);"),
    "domains": numbered("CREATE DOMAIN d~ AS int CHECK (VALUE > ~);"),
    "checks of a domain": numbered("ALTER DOMAIN d ADD CHECK (VALUE > ~);", "CREATE DOMAIN d AS int;"),
    "namespaces": numbered("CREATE SCHEMA s~;"),
    "a long search path": numbered("s~,", "SET search_path = ", "a;", size=1900)
    + numbered("CREATE TABLE t~ (a int);ALTER TABLE zz ADD c int;", size=SIZE - 1900),
    "moves to another namespace": in_turn("CREATE TABLE t~ (a int);", "ALTER TABLE t~ SET SCHEMA s;"),
    "RENAME of a namespace": numbered(
        "CREATE TABLE s.t~ (a int REFERENCES s.t~+);", "CREATE SCHEMA s;", "ALTER SCHEMA s RENAME TO u;"
    ),
    "DROP SCHEMA CASCADE": numbered(
        "CREATE TABLE s.t~ (a int REFERENCES s.t~+);", "CREATE SCHEMA s;", "DROP SCHEMA s CASCADE;"
    ),
    "extensions": numbered("CREATE EXTENSION e~;"),
    "comments on tables": repeated("COMMENT ON TABLE t IS 'a';", "CREATE TABLE t (a int);"),
    "comments on columns": numbered("c~ int,", "CREATE TABLE t (", "z int);", size=60_000)
    + numbered("COMMENT ON COLUMN t.c~ IS 'a';", size=SIZE - 60_000),
    "comments on constraints": numbered(
        "CONSTRAINT k~ CHECK (a > ~),", "CREATE TABLE t (a int,", "b int);", size=SIZE // 2
    )
    + numbered("COMMENT ON CONSTRAINT k~ ON t IS 'a';", size=SIZE // 2),
    "comments on constraints that are not there": numbered(
        "CHECK (a > ~),", "CREATE TABLE t (a int,", "b int);", size=SIZE // 2
    )
    + numbered("COMMENT ON CONSTRAINT k~ ON t IS 'a';", size=SIZE // 2),
    "comments on triggers": in_turn(
        "CREATE TRIGGER t~ AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();",
        "COMMENT ON TRIGGER t~ ON t IS 'a';",
        before="CREATE TABLE t (a int);",
    ),
    "comments on routines": in_turn("CREATE FUNCTION t~() RETURNS int AS 'a';", "COMMENT ON FUNCTION t~() IS 'a';"),
    "comments on indexes": in_turn(
        "CREATE INDEX i~ ON t (a);", "COMMENT ON INDEX i~ IS 'a';", before="CREATE TABLE t (a int);"
    ),
    "routines": numbered("CREATE FUNCTION f~() RETURNS int LANGUAGE sql AS $$ SELECT ~; $$;"),
    "one routine again": repeated("CREATE OR REPLACE FUNCTION f() RETURNS int AS 'a';"),
    "routines with bodies": numbered("CREATE PROCEDURE p~() BEGIN SELECT 1; END;"),
    "replaced routines": numbered("CREATE OR REPLACE FUNCTION f~() RETURNS int AS 'a';"),
    "one body of statements": repeated("SELECT 1;", "CREATE PROCEDURE p() BEGIN ", "END;"),
    "one body of blocks": mirrored("BEGIN ", "END;", "CREATE PROCEDURE p() ", inner="SELECT 1;"),
    "a body never closed": repeated("SELECT 1;", "CREATE PROCEDURE p() BEGIN "),
    "bodies never closed": repeated("CREATE PROCEDURE p() BEGIN SELECT 1;"),
    "triggers": numbered("CREATE TRIGGER t~ AFTER INSERT ON t BEGIN SELECT 1; END;", "CREATE TABLE t (a int);"),
    "one trigger again": repeated("CREATE TRIGGER t AFTER INSERT ON t BEGIN SELECT 1; END;", "CREATE TABLE t (a int);"),
    "policies": numbered("CREATE POLICY p~ ON t USING (a > ~);", "CREATE TABLE t (a int);"),
    "ALTER POLICY": in_turn("CREATE POLICY p~ ON t;", "ALTER POLICY p~ ON t TO b;", before="CREATE TABLE t (a int);"),
    "rules": numbered("CREATE RULE r~ AS ON INSERT TO t DO NOTHING;"),
    "rules and DROP": in_turn("CREATE RULE r~ AS ON INSERT TO t DO NOTHING;", "DROP RULE r~ ON t;"),
    "others and DROP": in_turn("CREATE COLLATION c~ (locale = 'a');", "DROP COLLATION c~;"),
    "WHEN": repeated("a OR ", "CREATE TRIGGER t AFTER INSERT ON t FOR EACH ROW WHEN (", "a) EXECUTE FUNCTION f()"),
    "events": repeated("INSERT OR ", "CREATE TRIGGER t AFTER ", "INSERT ON t EXECUTE FUNCTION f()"),
    "DO": repeated("DO $$ BEGIN END $$;"),
}
