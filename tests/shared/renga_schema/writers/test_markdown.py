"""The page that documents a schema."""

from collections.abc import Callable

from renga_schema import Loss, Schema, read
from renga_schema.model import Dialect
from renga_schema.writers import write

Case = Callable[[Dialect], Schema]


def test_the_page_names_everything(case: Case) -> None:
    """Every table, column, constraint, index, enum, domain, view, routine and policy is on the page."""
    schema = case("postgres")
    text = write(schema, "markdown", name="Library").text
    assert text.startswith("# Library\n")
    named = [column.name for table in schema.tables for column in table.columns]
    named += [index.name or "" for table in schema.tables for index in table.indexes]
    for kind in ("tables", "enums", "domains", "views", "routines", "triggers", "policies"):
        named += [item.name for item in getattr(schema, kind)]
    assert [name for name in named if name not in text] == []


def test_the_summary_counts() -> None:
    """The second paragraph says how much there is."""
    schema = read("CREATE TABLE t (a int, b int);\nCREATE TYPE e AS ENUM ('x');", dialect="postgres").schema
    assert "1 table, 2 columns, 1 enum, described for PostgreSQL." in write(schema, "markdown").text


def test_a_comment_cannot_break_the_table_that_it_stands_in() -> None:
    """Pipes, line breaks and markup in a comment are text in its cell."""
    sql = "CREATE TABLE t (a int);\nCOMMENT ON COLUMN t.a IS E'one | two\n<b>*three*</b>';"
    text = write(read(sql, dialect="postgres").schema, "markdown").text
    (row,) = [line for line in text.splitlines() if line.startswith("| `a`")]
    assert row.count(" | ") == 3
    assert r"one \| two<br>\<b\>\*three\*\</b\>" in row


def test_code_may_hold_pipes_and_backticks() -> None:
    """A default with a pipe and a backtick stays one cell of code."""
    sql = "CREATE TABLE t (a text DEFAULT 'x|`y`');"
    text = write(read(sql, dialect="postgres").schema, "markdown").text
    assert r"`` 'x\|`y`' ``".replace(" ", "") in text.replace(" ", "")


def test_the_readers_ledger_is_at_the_end() -> None:
    """What the reader could not represent is shown to whoever reads the page."""
    losses = [Loss(object="t", feature="tablespace", instead="left out")]
    text = write(Schema(), "markdown", losses=losses).text
    assert text.rstrip().endswith("| `t` | tablespace | left out |")
