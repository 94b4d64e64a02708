"""Where statements end."""

import pytest

from renga_schema.model import Dialect
from renga_schema.readers.sql.batches import batches
from renga_schema.readers.sql.lexicon import Lexicon
from renga_schema.readers.sql.split import Splitter

SQLITE_TRIGGER = (
    "CREATE TRIGGER t INSERT ON x WHEN CASE 1 WHEN 1 THEN 2 END BEGIN a; SELECT CASE WHEN 1 THEN 2 END; SELECT 1; END"
)
MYSQL_PROCEDURE = (
    "CREATE PROCEDURE p() BEGIN IF a THEN b; END IF; CASE x WHEN 1 THEN y; END CASE; WHILE z DO w; END WHILE; END"
)
MYSQL_TRIGGER = (
    "CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW IF new.begin THEN "
    "SET new.a = CASE WHEN b THEN IF(c, 1, 2) ELSE IF(d, 3, 4) END, new.end = 1; IF(e) THEN f; END IF; END IF"
)
MYSQL_EVENT = (
    "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO a: LOOP IF (b) THEN LEAVE a; ELSEIF c THEN REPEAT d; "
    "UNTIL REPEAT('x', 2) END REPEAT; END IF; END LOOP a"
)
MARIADB_BLOCK = "BEGIN NOT ATOMIC a; b; END"
TABLE = 'CREATE TABLE event ("begin" date, case_id int)'
RULE = "CREATE RULE r AS ON x DO (a; b)"

CASES: list[tuple[str, Dialect, list[str]]] = [
    ("a; b;; c", "postgres", ["a", "b", "c"]),
    ("a 'x;''y'; b", "sqlite", ["a 'x;''y'", "b"]),
    ('a "x;""y"; b', "postgres", ['a "x;""y"', "b"]),
    ("a -- x;\n; b", "postgres", ["a -- x;", "b"]),
    ("a # x;\n; b", "mysql", ["a # x;", "b"]),
    ("a # x; b", "postgres", ["a # x", "b"]),
    ("a --x; b", "mysql", ["a --x", "b"]),
    ("a /* x; /* y; */ z; */; b", "postgres", ["a /* x; /* y; */ z; */", "b"]),
    ("# x;\n.bail on\na\n.5;\n  #\n; b;\n.quit", "sqlite", [".bail on", "a\n.5", "#", "b", ".quit"]),
    ("a /* x; /* y; */ ; b", "sqlite", ["a /* x; /* y; */", "b"]),
    ("a 'x\\'; b'; c", "mysql", ["a 'x\\'; b'", "c"]),
    ("a 'x\\'; b", "postgres", ["a 'x\\'", "b"]),
    ("a E'x\\'; b'; c", "postgres", ["a E'x\\'; b'", "c"]),
    ("a $$ x; $$; b", "postgres", ["a $$ x; $$", "b"]),
    ("a $f$ x; $$ ; $f$; b", "postgres", ["a $f$ x; $$ ; $f$", "b"]),
    ("a x$y$z; b$y$", "postgres", ["a x$y$z", "b$y$"]),
    ("a $1; b", "postgres", ["a $1", "b"]),
    ("a [x;y]; b", "sqlite", ["a [x;y]", "b"]),
    ("a `x;y`; b", "mysql", ["a `x;y`", "b"]),
    ("/*!40101 SET x=1 */; b", "mysql", ["SET x=1 */", "b"]),
    ("/*!999999\\- x; */ b", "mysql", ["b"]),
    ("DELIMITER ;;\na; b ;;\nDELIMITER ;\nc;", "mysql", ["DELIMITER ;;", "a", "b", "DELIMITER ;", "c"]),
    (f"delimiter $$\na; {MYSQL_PROCEDURE}$$\nb", "mysql", ["delimiter $$", "a", MYSQL_PROCEDURE, "b"]),
    (f"{MYSQL_TRIGGER}; c", "mysql", [MYSQL_TRIGGER, "c"]),
    (f"{MYSQL_EVENT}; c", "mysql", [MYSQL_EVENT, "c"]),
    (f"DELIMITER //\n{MARIADB_BLOCK} //\nc", "mysql", ["DELIMITER //", MARIADB_BLOCK, "c"]),
    ("DELIMITER //\nCREATE EVENT e BEGIN a //\nc", "mysql", ["DELIMITER //", "CREATE EVENT e BEGIN a", "c"]),
    ("DELIMITER //\na / b //\nDELIMITER ;\nc", "mysql", ["DELIMITER //", "a / b", "DELIMITER ;", "c"]),
    ("DELIMITER $$\na $ b$$ c", "mysql", ["DELIMITER $$", "a $ b", "c"]),
    # The client heeds fifteen characters of a delimiter.
    ("DELIMITER 123456789012345678\na 123456789012345b", "mysql", ["DELIMITER 123456789012345678", "a", "b"]),
    ("a [x]];y]; b [; c", "sqlite", ["a [x]];y]", "b [", "c"]),
    ("\\connect x\na;", "postgres", ["\\connect x", "a"]),
    ("COPY t FROM stdin;\na;b\n\\.\nc;", "postgres", ["COPY t FROM stdin", "c"]),
    (
        "CREATE TRIGGER t INSERT ON x BEGIN a; b; END; c",
        "sqlite",
        ["CREATE TRIGGER t INSERT ON x BEGIN a; b; END", "c"],
    ),
    (f"{SQLITE_TRIGGER}; c", "sqlite", [SQLITE_TRIGGER, "c"]),
    (f"{MYSQL_PROCEDURE}; c", "mysql", [MYSQL_PROCEDURE, "c"]),
    ("CREATE FUNCTION f() BEGIN ATOMIC a; b; END; c", "postgres", ["CREATE FUNCTION f() BEGIN ATOMIC a; b; END", "c"]),
    ("CREATE RULE r AS ON x DO (a; b); c", "postgres", ["CREATE RULE r AS ON x DO (a; b)", "c"]),
    (f"{TABLE}; c", "sqlite", [TABLE, "c"]),
]


@pytest.mark.parametrize(("text", "dialect", "expected"), CASES)
def test_a_script_falls_into_its_statements(text: str, dialect: Dialect, expected: list[str]) -> None:
    """Semicolons in strings, names, comments, bodies and data end nothing."""
    spans = list(Splitter(text, Lexicon.of(dialect)))
    assert [span.problem for span in spans] == [None] * len(expected)
    assert [text[span.start : span.end].strip() for span in spans] == expected


BATCHES = [
    ("CREATE TABLE a (x int)\nGO\nDROP TABLE a\ngo 5\n", ["CREATE TABLE a (x int)", "GO", "DROP TABLE a", "go"]),
    ("CREATE TABLE a (x int)\nDROP TABLE b; DROP TABLE c", ["CREATE TABLE a (x int)", "DROP TABLE b", "DROP TABLE c"]),
    ("ALTER TABLE a\nALTER COLUMN x int\n", ["ALTER TABLE a\nALTER COLUMN x int"]),
    (
        "CREATE PROC p AS\nSELECT 1;\nDROP TABLE x\nGO\nPRINT 1",
        ["CREATE PROC p AS\nSELECT 1;\nDROP TABLE x", "GO", "PRINT 1"],
    ),
    ("SELECT '\nGO\n' -- GO\nGO", ["SELECT '\nGO\n'", "GO"]),
]


@pytest.mark.parametrize(("text", "expected"), BATCHES)
def test_a_sql_server_script_falls_into_batches_and_statements(text: str, expected: list[str]) -> None:
    """GO ends a batch; without semicolons a statement ends where the next one begins on a line of its own."""
    assert [text[span.start : span.end] for span in batches(text, Lexicon.of("mssql"))] == expected
