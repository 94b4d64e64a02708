"""SQL that means harm: what nests, what repeats, and what makes one statement look at all that came before.

Longer than 400 lines: it is one table of texts.
"""

from typing import get_args

from hostile.pieces import SIZE, in_turn, mirrored, numbered, repeated
from renga_schema.model import Dialect

DIALECTS: tuple[Dialect, ...] = get_args(Dialect)

_CONTEXTS = {
    "CHECK": ("CREATE TABLE t (a int CHECK (", "))"),
    "DEFAULT": ("CREATE TABLE t (a int DEFAULT ", ")"),
    "a type": ("CREATE TABLE t (a ", ")"),
    "a view": ("CREATE VIEW v AS SELECT ", ""),
    "an index": ("CREATE TABLE t (a int); CREATE INDEX i ON t ((", "))"),
    "a trigger": ("CREATE TRIGGER t AFTER INSERT ON t FOR EACH ROW BEGIN ", " END"),
    "the open": ("", ""),
}
_CHAINS = {
    "opened": "(",
    "opened brackets": "[",
    "NOT": "NOT ",
    "minus": "- ",
    "OR": "a OR ",
    "AND of groups": "a AND (",
    "CASE": "CASE WHEN 1 THEN ",
    "CASE alone": "CASE ",
    "BEGIN": "BEGIN ",
    "IF": "IF a THEN ",
    "END": "END ",
    "END IF": "END IF;",
    "calls": "f(",
    "casts": "::int",
    "CAST": "CAST(",
    "arrays": "ARRAY[",
    "subscripts": "a[1]",
    "dots": "a.",
    "IN": "a IN (",
    "SELECT": "(SELECT ",
    "BETWEEN": "1 BETWEEN ",
    "COLLATE": "COLLATE c ",
    "strings": "'a' ",
    "strings with quotes": "''''",
    "names": '"a" ',
    "numbers": "1 ",
    "commas": "1,",
    "dimensions": "int[]",
    "INTERVAL": "INTERVAL '1' ",
    "semicolons": "a;",
}


def chains() -> dict[str, str]:
    """Each link, in each place where a statement holds expressions."""
    return {
        f"{link} in {place}": repeated(text, before, after)
        for link, text in _CHAINS.items()
        for place, (before, after) in _CONTEXTS.items()
    }


def _deep(dialect: str) -> dict[str, str]:
    """Thousands of expressions, each as deep as is still parsed, and none twice."""
    deep = {
        "parentheses": "(" * 22 + "a > ~" + ")" * 22,
        "calls": "f(" * 22 + "a, ~" + ")" * 22,
        "CASE": "CASE WHEN a = ~ THEN " * 12 + "1" + " ELSE 2 END" * 12,
        "casts": "CAST(" * 12 + "~" + " AS int)" * 12,
        "lists": "a IN (" * 12 + "~" + ")" * 12,
        "subqueries": "(SELECT " * 12 + "~" + ")" * 12,
        "arrays": "ARRAY[" * 12 + "~" + "]" * 12,
        "plain": "a > ~",
        "half": "((((a > ~",
    }
    return {
        f"deep {name} ({dialect})": numbered(f"CREATE TABLE t~ (a int CHECK ({text}));") for name, text in deep.items()
    }


_MANY: dict[str, str] = {
    "statements of one word": repeated("a;"),
    "CREATE": repeated("CREATE "),
    "CREATE and semicolons": repeated("CREATE TABLE ;"),
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
    "foreign keys and a rename": numbered(
        "CREATE TABLE t~ (a int REFERENCES a);", "CREATE TABLE a (a int);", "ALTER TABLE a RENAME TO b;"
    ),
    "a wide key": numbered("c~,", "CREATE TABLE t (a int, PRIMARY KEY (", "a))"),
    "a wide key of columns": in_turn(
        "c~ int,", "CONSTRAINT k~ UNIQUE (c~, c~+),", before="CREATE TABLE t (", after="z int)"
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
    "inheritance chain": numbered("CREATE TABLE t~+ (c~ int) INHERITS (t~);", "CREATE TABLE t0 (a int);"),
    "inheritance of many": numbered("CREATE TABLE t~ (a int);", size=SIZE // 2)
    + numbered("t~,", "CREATE TABLE u () INHERITS (", "t0);", size=SIZE // 2),
    "children": numbered("CREATE TABLE u~ () INHERITS (t);", "CREATE TABLE t (a int);", "ALTER TABLE t ADD b int;"),
    "children and ADD": numbered("CREATE TABLE u~ () INHERITS (t);", "CREATE TABLE t (a int);", size=SIZE // 2)
    + numbered("ALTER TABLE t ADD c~ int;", size=SIZE // 2),
    "children and RENAME": numbered("CREATE TABLE u~ () INHERITS (t);", "CREATE TABLE t (a0 int);", size=SIZE // 2)
    + numbered("ALTER TABLE t RENAME a~ TO a~+;", size=SIZE // 2),
    "chain and RENAME": numbered("CREATE TABLE t~+ () INHERITS (t~);", "CREATE TABLE t0 (a0 int);", size=SIZE // 2)
    + numbered("ALTER TABLE t0 RENAME a~ TO a~+;", size=SIZE // 2),
    "INHERIT in a ring": in_turn(
        "CREATE TABLE t~ (a int);",
        "ALTER TABLE t~ INHERIT t~+;",
        after="ALTER TABLE t5 INHERIT t0;ALTER TABLE t0 ADD b int;",
    ),
    "partitions": numbered(
        "CREATE TABLE p~ PARTITION OF t FOR VALUES IN (~);", "CREATE TABLE t (a int) PARTITION BY LIST (a);"
    ),
    "wide partitions": numbered("c~ int,", "CREATE TABLE t (", "a int) PARTITION BY LIST (a);", size=20_000)
    + numbered("CREATE TABLE p~ PARTITION OF t DEFAULT;", size=SIZE - 20_000),
    "partitions of partitions": numbered(
        "CREATE TABLE t~+ PARTITION OF t~ DEFAULT PARTITION BY LIST (a);",
        "CREATE TABLE t0 (a int) PARTITION BY LIST (a);",
        "DROP TABLE t0;",
    ),
    "ATTACH": in_turn(
        "CREATE TABLE p~ (a int);",
        "ALTER TABLE t ATTACH PARTITION p~ FOR VALUES IN (~);",
        before="CREATE TABLE t (a int) PARTITION BY LIST (a);",
    ),
    "ATTACH in a ring": in_turn(
        "CREATE TABLE t~ (a int);",
        "ALTER TABLE t~ ATTACH PARTITION t~+ DEFAULT;",
        after="ALTER TABLE t5 ATTACH PARTITION t0 DEFAULT;DROP TABLE t0;",
    ),
    "ATTACH of indexes": in_turn(
        "CREATE INDEX i~ ON t (a);", "ALTER INDEX p ATTACH PARTITION i~;", before="CREATE TABLE t (a int);"
    ),
    "partition keys and ADD": numbered(
        "CREATE TABLE p~ PARTITION OF t DEFAULT;", "CREATE TABLE t (a int) PARTITION BY LIST (a);", size=SIZE // 2
    )
    + numbered("ALTER TABLE t ADD c~ int;", size=SIZE // 2),
    "partition indexes": numbered(
        "CREATE TABLE p~ PARTITION OF t DEFAULT;", "CREATE TABLE t (a int) PARTITION BY LIST (a);", size=SIZE // 2
    )
    + numbered("CREATE INDEX i~ ON t (a);", size=SIZE // 2),
    "partitions in one": numbered(
        "PARTITION p~ VALUES LESS THAN (~),",
        "CREATE TABLE t (a int) PARTITION BY RANGE (a) (",
        "PARTITION p VALUES LESS THAN MAXVALUE)",
    ),
    "subpartitions": numbered(
        "PARTITION p~ VALUES LESS THAN (~) (SUBPARTITION s~),",
        "CREATE TABLE t (a int) PARTITION BY RANGE (a) SUBPARTITION BY HASH (a) (",
        "PARTITION p VALUES LESS THAN MAXVALUE)",
    ),
    "ADD PARTITION": numbered("ALTER TABLE t ADD PARTITION (PARTITION p~);", "CREATE TABLE t (a int);"),
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
    "FIRST": numbered("ALTER TABLE t ADD c~ int FIRST;", "CREATE TABLE t (a int);"),
    "AFTER": numbered("ALTER TABLE t ADD c~ int AFTER a;", "CREATE TABLE t (a int);"),
    "MODIFY": repeated(
        "ALTER TABLE t MODIFY a bigint;", numbered("c~ int,", "CREATE TABLE t (", "a int);", size=60_000)
    ),
    "CHANGE": numbered("ALTER TABLE t CHANGE a~ a~+ bigint;", "CREATE TABLE t (a0 int);"),
    "CHANGE with keys": numbered("KEY k~ (a0),", "CREATE TABLE t (a0 int,", "KEY (a0));", size=SIZE // 2)
    + numbered("ALTER TABLE t CHANGE a~ a~+ bigint;", size=SIZE // 2),
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
    "labels in a column": numbered("'l~',", "CREATE TABLE t (a enum(", "'z'))"),
    "arguments": repeated("1,", "CREATE TABLE t (a numeric(", "1))"),
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
    "exclusions": repeated("EXCLUDE USING gist (a WITH &&),", "CREATE TABLE t (a int,", "b int)"),
    "options": numbered("o~ = ~,", "CREATE TABLE t (a int) WITH (", "z = 1)"),
    "options of MySQL": repeated("COMMENT='a' ENGINE=InnoDB ", "CREATE TABLE t (a int) "),
    "SET of options": numbered("ALTER TABLE t SET (o~ = ~);", "CREATE TABLE t (a int);"),
    "settings": repeated("SET a = 'b';"),
    "search paths": numbered("SET search_path = s~;CREATE TABLE t (a int);"),
    "modes": repeated("SET sql_mode = 'ANSI_QUOTES';SET sql_mode='';"),
    "conforming strings": repeated("SET standard_conforming_strings = off;SET standard_conforming_strings = on;"),
    "a long SET": repeated("sql_mode = ", "SET a = 1, "),
    "COPY": repeated("COPY t FROM stdin;\n1\n\\.\n"),
    "COPY never ended": repeated("COPY t FROM stdin;\n"),
    "COPY with a long head": repeated("COPY ", "", ";"),
    "INSERT": repeated("INSERT INTO t VALUES ('a;b');\n"),
    "one INSERT": repeated("('a;b', \"c\", 1),\n", "INSERT INTO t VALUES "),
    "DELIMITER": repeated("DELIMITER ;;\n"),
    "changing delimiters": numbered("DELIMITER x~\nSELECT 1x~\n"),
    "a long delimiter": "DELIMITER " + "x" * (SIZE // 2) + "\n" + "x" * (SIZE // 2 - 20),
    "delimiters that quote": repeated("DELIMITER '\nSELECT 1'\n"),
    "delimiters that repeat": repeated("SELECT 1;/\n", "DELIMITER ;/;/;/\n"),
    "GO": repeated("GO\n"),
    "GO and a number": repeated("SELECT 1\nGO 5\n"),
    "psql commands": repeated("\\connect a\n"),
    "psql ends": repeated("SELECT 1 \\g\n"),
    "comments before a word": repeated("/* a */", "CREATE ", "TABLE t (a int)"),
    "version comments": repeated("/*!40101 SET a = 1 */;\n"),
    "CREATE of a long head": repeated("DEFINER=a ", "CREATE ", "VIEW v AS SELECT 1"),
    "words before PROCEDURE": repeated("CREATE a b c d e f PROCEDUR;"),
    "a long name": "CREATE TABLE " + "a" * (SIZE - 30) + " (a int)",
    "a long quoted name": 'CREATE TABLE "' + "a" * (SIZE - 30) + '" (a int)',
    "a long dotted name": repeated("a.", "CREATE TABLE ", "a (a int)"),
    "a long number": "CREATE SEQUENCE s START " + "9" * (SIZE - 30),
    "long numbers": repeated("CREATE SEQUENCE s START " + "9" * 4000 + ";"),
    "a long type": "CREATE TABLE t (a " + "a" * (SIZE - 30) + ")",
    "a type of words": repeated("a ", "CREATE TABLE t (a ", ")"),
    "a long string": "CREATE TABLE t (a text DEFAULT '" + "a" * (SIZE - 40) + "')",
    "a string of quotes": repeated("''", "CREATE TABLE t (a text DEFAULT '", "')"),
    "a long comment": "COMMENT ON TABLE t IS '" + "a" * (SIZE - 40) + "'",
    "long names of columns": numbered("c" * 500 + "~ int,", "CREATE TABLE t (", "z int)"),
    "long names not found": numbered("CREATE TABLE " + "t" * 200 + "~ (a int);", size=SIZE // 2)
    + numbered("ALTER TABLE " + "u" * 200 + "~ ADD b int;", size=SIZE // 2),
    "columns of long defaults": numbered("c~ int DEFAULT (" + "1 + " * 100 + "~),", "CREATE TABLE t (", "z int)"),
    "expressions just short enough": numbered(
        "c~ int CHECK (" + "a OR " * 3900 + "~ > 1),", "CREATE TABLE t (", "z int)"
    ),
    "expressions of NOT just short enough": numbered(
        "c~ int CHECK (" + "NOT " * 4900 + "~),", "CREATE TABLE t (", "z int)"
    ),
    "expressions of CASE just short enough": numbered(
        "c~ int CHECK (" + "CASE WHEN 1 THEN " * 1100 + "~),", "CREATE TABLE t (", "z int)"
    ),
    "expressions of quotes just short enough": numbered(
        "c~ text CHECK (a = '" + "''" * 9900 + "~'),", "CREATE TABLE t (", "z int)"
    ),
    "expressions of casts just short enough": numbered(
        "c~ int CHECK (~" + "::int" * 3900 + "),", "CREATE TABLE t (", "z int)"
    ),
    "expressions of dots just short enough": numbered(
        "c~ int CHECK (~" + ".a" * 9900 + "),", "CREATE TABLE t (", "z int)"
    ),
    "WHEN": repeated("a OR ", "CREATE TRIGGER t AFTER INSERT ON t FOR EACH ROW WHEN (", "a) EXECUTE FUNCTION f()"),
    "events": repeated("INSERT OR ", "CREATE TRIGGER t AFTER ", "INSERT ON t EXECUTE FUNCTION f()"),
    "DO": repeated("DO $$ BEGIN END $$;"),
    "SWITCH": repeated("ALTER TABLE t ENABLE TRIGGER a;", "CREATE TABLE t (a int);"),
    "DEFAULT of SQL Server": numbered("ALTER TABLE t ADD CONSTRAINT d~ DEFAULT 1 FOR a;", "CREATE TABLE t (a int);"),
    "defaults of SQL Server and DROP": numbered("c~ int,", "CREATE TABLE t (", "z int);", size=30_000)
    + numbered("ALTER TABLE t ADD CONSTRAINT d~ DEFAULT 1 FOR c~;", size=100_000)
    + numbered("ALTER TABLE t DROP CONSTRAINT d~;", size=70_000),
    "nothing but WITH": repeated("WITH CHECK ", "CREATE TABLE t (a int);ALTER TABLE t "),
    "virtual tables": numbered("CREATE VIRTUAL TABLE v~ USING fts5(a);"),
    "queries as tables": numbered("CREATE TABLE t~ AS SELECT 1;"),
    "temporary tables": repeated("CREATE TEMPORARY TABLE t (a int);DROP TABLE t;"),
}


def scripts() -> dict[str, str]:
    """Scripts for every dialect: where one is not a dialect's own, its statements fail, which must be fast too."""
    return _MANY | _deep("each")
