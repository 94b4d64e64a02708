"""SQL that creates tables: many, wide ones, and with many keys, checks and indexes."""

from hostile.pieces import SIZE, in_turn, numbered, repeated

TABLES: dict[str, str] = {
    "columns": numbered("c~ int,", "CREATE TABLE t (", "z int)"),
    "short columns": numbered("c~ int,", "CREATE TABLE t (", "z int)"),
    "one column again": repeated("c int,", "CREATE TABLE t (", "z int)"),
    "tables": numbered("CREATE TABLE t~ (a int);"),
    "tables with keys": numbered("CREATE TABLE t~ (a int PRIMARY KEY, b int UNIQUE, c int CHECK (c > ~));"),
    "one table again": repeated("CREATE TABLE t (a int);"),
    "attributes": repeated("NOT NULL ", "CREATE TABLE t (a int ", ")"),
    "keys": repeated("UNIQUE (a),", "CREATE TABLE t (a int,", "UNIQUE (a))"),
    "keys of columns": in_turn("c~ int,", "UNIQUE (c~),", before="CREATE TABLE t (", after="z int)"),
    "named keys": numbered("CONSTRAINT k~ UNIQUE (a),", "CREATE TABLE t (a int,", "UNIQUE (a))"),
    "checks": numbered("CHECK (a > ~),", "CREATE TABLE t (a int,", "CHECK (a > 0))"),
    "checks of columns": in_turn("c~ int,", "CHECK (c~ > 0),", before="CREATE TABLE t (", after="z int)"),
    "checks and then a name": in_turn(
        "c~ int,", "CHECK (c~ > 0),", before="CREATE TABLE t (", after="z int); ALTER TABLE t DROP CONSTRAINT x;"
    ),
    "inline checks and names": numbered(
        "c~ int CHECK (c~ > 0),", "CREATE TABLE t (", "z int);" + "ALTER TABLE t DROP CONSTRAINT x;" * 50
    ),
    "foreign keys to one table": numbered("CREATE TABLE t~ (a int REFERENCES a (a));", "CREATE TABLE a (a int);"),
    "foreign keys of one table": repeated(
        "FOREIGN KEY (a) REFERENCES a (a),", "CREATE TABLE a (a int);CREATE TABLE t (a int,", "b int)"
    ),
    "a wide key": numbered("c~,", "CREATE TABLE t (a int, PRIMARY KEY (", "a))"),
    "a wide key of columns": in_turn(
        "c~ int,", "CONSTRAINT k~ UNIQUE (c~, c~+),", before="CREATE TABLE t (", after="z int)"
    ),
    "LIKE": "CREATE TABLE t0 ("
    + numbered("c~ int DEFAULT ~,", size=20_000)
    + "z int);"
    + numbered("CREATE TABLE t~+ (LIKE t0);", size=SIZE - 20_020),
    "LIKE chain": numbered("CREATE TABLE t~+ (LIKE t~ INCLUDING ALL, c~ int);", "CREATE TABLE t0 (a int);"),
    "LIKE of MySQL": "CREATE TABLE t0 ("
    + numbered("c~ int DEFAULT ~,", size=20_000)
    + "z int);"
    + numbered("CREATE TABLE t~+ LIKE t0;", size=SIZE - 20_020),
    "LIKE in one": numbered("c~ int,", "CREATE TABLE t (", "z int);", size=100_000)
    + repeated("LIKE t,", "CREATE TABLE u (", "LIKE t);", size=100_000),
    "indexes": numbered("CREATE INDEX i~ ON t (a);", "CREATE TABLE t (a int);"),
    "nameless indexes": repeated("CREATE INDEX ON t (a);", "CREATE TABLE t (a int);"),
    "expression indexes": numbered("CREATE INDEX i~ ON t ((a + ~)) WHERE a > ~;", "CREATE TABLE t (a int);"),
    "a wide index": numbered("c~,", "CREATE TABLE t (a int);CREATE INDEX i ON t (", "a)"),
    "keys of MySQL": numbered("KEY k~ (a),", "CREATE TABLE t (a int,", "KEY (a))"),
    "nameless keys of MySQL": repeated("KEY (a),", "CREATE TABLE t (a int,", "KEY (a))"),
    "nameless keys of many columns": in_turn("c~ int,", "KEY (c~),", before="CREATE TABLE t (", after="z int)"),
    "nameless unique keys of MySQL": repeated("UNIQUE KEY (a),", "CREATE TABLE t (a int,", "KEY (a))"),
    "nameless foreign keys and a name": repeated(
        "FOREIGN KEY (a) REFERENCES t (a),",
        "CREATE TABLE t (a int,",
        "b int);" + "ALTER TABLE t DROP FOREIGN KEY x;" * 50,
    ),
    "labels in a column": numbered("'l~',", "CREATE TABLE t (a enum(", "'z'))"),
    "exclusions": repeated("EXCLUDE USING gist (a WITH &&),", "CREATE TABLE t (a int,", "b int)"),
    "options": numbered("o~ = ~,", "CREATE TABLE t (a int) WITH (", "z = 1)"),
    "options of MySQL": repeated("COMMENT='a' ENGINE=InnoDB ", "CREATE TABLE t (a int) "),
    "virtual tables": numbered("CREATE VIRTUAL TABLE v~ USING fts5(a);"),
    "queries as tables": numbered("CREATE TABLE t~ AS SELECT 1;"),
    "temporary tables": repeated("CREATE TEMPORARY TABLE t (a int);DROP TABLE t;"),
}
