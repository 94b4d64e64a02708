"""SQL that is hard to take apart into statements: settings, commands of a client, delimiters, COPY and INSERT."""

from hostile.pieces import SIZE, numbered, repeated

SPLITTING: dict[str, str] = {
    "statements of one word": repeated("a;"),
    "CREATE": repeated("CREATE "),
    "CREATE and semicolons": repeated("CREATE TABLE ;"),
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
}
