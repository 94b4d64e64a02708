"""The one entry to all readers: what it refuses, what it recognises, and what it does with input that means harm."""

import pickle
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import renga_schema
from expecting import accounted
from renga_schema import Unreadable
from renga_schema.model import Dialect
from renga_schema.readers.source import LIMIT_BYTES

DIALECTS: list[Dialect] = ["postgres", "mysql", "sqlite", "mssql"]

UNREADABLE = {
    "empty": (b"", "READ-EMPTY"),
    "only white space": (b" \n\t ", "READ-EMPTY"),
    "only a byte order mark": (b"\xef\xbb\xbf", "READ-EMPTY"),
    "a NUL byte": (b"CREATE TABLE a (x int);\n\0", "READ-NUL"),
    "UTF-16 without a mark": ("CREATE TABLE a (x int);".encode("utf-16-le"), "READ-NUL"),
    "noise": (bytes(range(128, 256)) * 40, "READ-ENCODING"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00", "READ-NUL"),
    "cut UTF-16": (b"\xff\xfeC\x00R", "READ-ENCODING"),
    "half a surrogate pair": ("CREATE TABLE a (x int); -- \ud800", "READ-ENCODING"),
    "too large": (b"-" * (LIMIT_BYTES + 1), "READ-SIZE"),
    "too much to hold": ("CREATE TABLE t (" + "a int, " * 520_000 + "b int);", "READ-SIZE"),
}


@pytest.mark.parametrize(("content", "code"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_text_is_refused_with_a_reason(content: str | bytes, code: str) -> None:
    """Input that no reader can begin with raises Unreadable, whose diagnostic says what to do."""
    with pytest.raises(Unreadable) as caught:
        renga_schema.read(content, dialect="postgres")
    diagnostic = caught.value.diagnostic
    assert (diagnostic.code, diagnostic.severity, diagnostic.message) == (code, "error", str(caught.value))
    assert diagnostic.help
    assert pickle.loads(pickle.dumps(caught.value)).diagnostic == diagnostic  # noqa: S301 - our own


def test_a_refusal_names_the_value_and_the_limit() -> None:
    """An input that is too large is told how large it is and how large it may be."""
    with pytest.raises(Unreadable, match=r"has 50\.0 MiB; at most 32 MiB are read"):
        renga_schema.read(b"x" * (50 * 1024 * 1024))


def test_odd_bytes_are_read_with_a_warning() -> None:
    """What is not UTF-8 is taken for Windows-1252: one byte of data must not cost the tables around it."""
    script = "CREATE TABLE caf\u00e9 (id int);\n".encode("cp1252") + b"INSERT INTO x VALUES (_binary '\x81\xff');\n"
    reading = renga_schema.read(script + "CREATE TABLE na\u00efve (id int);".encode(), dialect="mysql", file="a.sql")
    assert [table.name for table in reading.schema.tables] == ["caf\u00e9", "na\u00efve"]
    (note,) = reading.diagnostics
    assert (note.severity, note.code) == ("warning", "READ-ENCODING")
    assert "3 bytes, the first in line 1" in note.message
    assert reading == renga_schema.read(
        script + "CREATE TABLE na\u00efve (id int);".encode(), dialect="mysql", file="a.sql"
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_is_read_with_and_without_a_mark(encoding: str) -> None:
    """UTF-8 needs no byte order mark, the wider encodings do; positions do not count it."""
    reading = renga_schema.read('CREATE TABLE "caf\u00e9" (x int);'.encode(encoding), dialect="postgres")
    table = reading.schema.tables[0]
    assert table.name == "caf\u00e9"
    assert table.origin is not None
    assert (table.origin.line, table.origin.column) == (1, 14)


def test_an_unknown_dialect_or_format_is_named() -> None:
    """A typing error in an option raises ValueError that lists what there is."""
    with pytest.raises(ValueError, match="no dialect 'oracle'; there are postgres, mysql, sqlite, mssql"):
        renga_schema.read("SELECT 1", dialect="oracle")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no format 'toml'; there are sql, yaml"):
        renga_schema.read("SELECT 1", format="toml")


def test_a_file_with_nothing_but_comments_reads_as_nothing() -> None:
    """Comments are no statements, and no error."""
    reading = renga_schema.read("-- nothing\n/* here */ ;;", dialect="postgres")
    assert reading.statements.total == 0
    assert not reading.schema.tables


def test_nothing_applied_is_for_the_caller_to_judge() -> None:
    """A text in which every statement fails raises nothing; the counts tell."""
    reading = renga_schema.read("this is prose; and so is this", dialect="postgres")
    assert (reading.statements.applied, reading.statements.failed, reading.statements.total) == (0, 2, 2)


def test_importing_the_package_imports_no_parser() -> None:
    """The parser is paid for by the first expression that needs it, not by every function that imports the package."""
    script = (
        "import sys, renga_schema; assert 'sqlglot' not in sys.modules;"
        "renga_schema.read('CREATE TABLE a (x int DEFAULT 1, y text DEFAULT now())', dialect='postgres');"
        "assert 'sqlglot' not in sys.modules;"
        "renga_schema.read('CREATE TABLE a (x int CHECK (x > 1 + 2))', dialect='postgres');"
        "assert 'sqlglot' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_description_in_yaml_goes_to_its_own_reader() -> None:
    """The format follows from the file's name or from the text."""
    text = "renga: 1\ntables:\n  people:\n    columns:\n      id: bigint\n"
    by_name = renga_schema.read(text, file="schema.yaml")
    assert by_name.schema.dialect is None


# Hostile input. Each of these once took another reader minutes, all memory, or its stack.

MANY = 100_000
HOSTILE = {
    "deep parentheses": "CREATE TABLE a (x int CHECK (" + "(" * MANY + "1" + ")" * MANY + ")); CREATE TABLE b (x int);",
    "parentheses never closed": "CREATE TABLE a " + "(" * MANY,
    "a long chain of OR": "CREATE TABLE a (x int CHECK (" + " OR ".join(f"x={n}" for n in range(2000)) + "))",
    "a long chain of NOT": "CREATE TABLE a (x int CHECK (" + "NOT " * 4500 + "true))",
    "a long chain of casts": "CREATE TABLE a (x int DEFAULT 1" + "::int" * 3000 + ")",
    "a million semicolons": ";" * 1_000_000,
    "comments never closed": "/* ; " * 40_000,
    "dollar quotes never closed": ";".join(f"$a{n}$" for n in range(20_000)),
    "quotes": "'" * 200_001,
    "double quotes": '"' * 200_001,
    "version marks": "/*!" * 60_000,
    "backslashes": "\\" * 200_000,
    "white space": "CREATE TABLE a (x int)" + " " * 200_000 + "x",
    "one long word": "a" * 200_000,
    "a long number": "CREATE SEQUENCE a START " + "9" * 100_000,
    "many columns": "CREATE TABLE a (" + ",".join(f"c{n} int" for n in range(15_000)) + ")",
    "many renames": "".join(f"CREATE TABLE a{n}(x int);" for n in range(3500))
    + "".join(f"ALTER TABLE a{n} RENAME TO b{n};" for n in range(3500)),
    "many misses": "".join(f"CREATE TABLE a{n}(x int);" for n in range(4500))
    + "".join(f"ALTER TABLE zz{n} ADD y int;" for n in range(3500)),
    "many nameless indexes": "CREATE TABLE a(x int);" + "CREATE INDEX ON a(x);" * 8000,
    "many children": "CREATE TABLE t0 (a int);"
    + "".join(f"CREATE TABLE t{n + 1} () INHERITS (t{n});" for n in range(2500))
    + "ALTER TABLE t0 ADD b int;",
    "many batches": "GO\n" * 60_000,
    "many delimiters": "DELIMITER ;;\n" * 15_000,
}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_input_is_answered(text: str, dialect: Dialect) -> None:
    """200 kB of anything end in a reading, in which every statement is accounted for; the timeout catches a hang."""
    accounted(renga_schema.read(text, dialect=dialect))


def test_deep_parentheses_cost_only_their_own_statement() -> None:
    """A statement nested beyond the limit is one diagnostic, and the next one is read."""
    reading = renga_schema.read(HOSTILE["deep parentheses"], dialect="postgres")
    assert [table.name for table in reading.schema.tables] == ["b"]
    assert [each.message for each in reading.diagnostics] == ["Parentheses are nested deeper than 128."]


@pytest.mark.parametrize("opener", ["'", '"', "$x$", "$$"])
def test_a_quote_that_is_never_closed_costs_only_its_own_statement(opener: str) -> None:
    """An unclosed quote is taken to end at the next semicolon at the end of a line."""
    text = f"CREATE TABLE a (x int);\nINSERT INTO a VALUES ({opener}abc);\nCREATE TABLE b (y int);\n"
    reading = renga_schema.read(text, dialect="postgres")
    assert [table.name for table in reading.schema.tables] == ["a", "b"]
    (diagnostic,) = reading.diagnostics
    assert diagnostic.message == "The quote that opens here is never closed."
    assert diagnostic.origin is not None
    assert (diagnostic.origin.line, diagnostic.origin.column) == (2, 23)


GRAMMAR = """
CREATE TABLE ALTER DROP INDEX UNIQUE PRIMARY KEY FOREIGN REFERENCES CHECK DEFAULT NOT NULL COLUMN ADD RENAME TO ON
CONSTRAINT USING WITH AS SELECT VIEW TRIGGER FUNCTION BEGIN END TYPE ENUM DOMAIN SEQUENCE OWNED BY PARTITION OF
INHERITS LIKE COMMENT IS SET GENERATED ALWAYS IDENTITY STORED COLLATE EXCLUDE WHERE INCLUDE a b c t int text
varchar(10) numeric(1,2) enum('a') 'x' "q" `q` [q] 1 -1 ( ) , ; . :: = * /* */ -- $$ $a$ \\ GO DELIMITER // /*!1
"""
WORDS = st.sampled_from([*GRAMMAR.split(), "\n"])
"""Words of the grammar in no order: they reach deeper into the reader than random characters do."""


@settings(max_examples=150)
@given(words=st.lists(WORDS, max_size=60), dialect=st.sampled_from(DIALECTS))
def test_words_in_any_order_raise_nothing(words: list[str], dialect: Dialect) -> None:
    """Whatever the words, the answer is a reading."""
    text = " ".join(words)
    if text.strip():
        renga_schema.read(text, dialect=dialect)


@settings(max_examples=150)
@given(content=st.binary(max_size=400), dialect=st.sampled_from([*DIALECTS, None]))
def test_bytes_of_any_kind_raise_nothing_but_unreadable(content: bytes, dialect: Dialect | None) -> None:
    """Whatever the bytes, the answer is a reading or Unreadable."""
    with suppress(Unreadable):
        renga_schema.read(content, dialect=dialect, format="sql")


def _mutilated(text: str, cut: int, length: int, insert: str) -> str:
    at = cut % (len(text) + 1)
    return text[:at] + insert + text[at + length :]


CASES = sorted((Path(__file__).parent / "sql" / "cases").glob("*/*.sql"))


@settings(max_examples=150)
@given(
    case=st.sampled_from(CASES),
    cut=st.integers(min_value=0, max_value=10_000),
    length=st.integers(min_value=0, max_value=30),
    insert=st.sampled_from(["", ";", "(", ")", "'", ",", " x ", "\n", "1"]),
)
def test_a_real_script_with_damage_raises_nothing(case: Path, cut: int, length: int, insert: str) -> None:
    """Scripts full of features, with a piece cut out or put in, are read for what they still say."""
    dialect: Dialect = case.parent.name  # type: ignore[assignment]
    renga_schema.read(_mutilated(case.read_text(), cut, length, insert), dialect=dialect)
