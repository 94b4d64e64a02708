"""SQL in which one thing is long: a name, a number, a type, a text, or an expression just short enough to be parsed."""

from hostile.pieces import SIZE, numbered, repeated

LENGTHS: dict[str, str] = {
    "arguments": repeated("1,", "CREATE TABLE t (a numeric(", "1))"),
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
}
