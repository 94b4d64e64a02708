"""The registry of writers."""

import subprocess
import sys

import pytest

from renga_schema import Schema, writers
from renga_schema.model import Column, DataType, Dialect, Table, View

TABLE = Table(name="t", columns=(Column(name="a", type=DataType(name="integer")),))


@pytest.mark.parametrize("target", writers.targets())
def test_every_target_writes(target: str) -> None:
    """Each target gives a document with a file name, a media type and the table in its text."""
    document = writers.write(Schema(tables=(TABLE,)), target, name="shop")
    assert document.path
    assert document.media_type
    assert document.text.endswith("\n")
    assert "shop" in document.text
    assert "integer" in document.text


def test_an_unknown_target_is_named_with_its_likely_meaning() -> None:
    """A misspelt target raises an error that offers the right one."""
    with pytest.raises(writers.UnknownTargetError, match="did you mean 'postgres'"):
        writers.write(Schema(), "postgresql")
    with pytest.raises(LookupError, match="the targets are postgres, mysql"):
        writers.write(Schema(), "xyz")


def test_a_target_does_not_pay_for_another() -> None:
    """To write PostgreSQL's DDL in its own dialect imports neither sqlglot nor another writer."""
    program = (
        "import sys\n"
        "from renga_schema import Schema, writers\n"
        "writers.write(Schema(dialect='postgres'), 'postgres')\n"
        "print([name for name in sys.modules if name.split('.')[0] in {'sqlglot', 'yaml', 'jinja2'}"
        " or name in {'renga_schema.writers.mysql', 'renga_schema.writers.markdown'}])"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_an_empty_schema_is_an_empty_script() -> None:
    """A script without statements still runs."""
    assert writers.write(Schema(), "sqlite", name="x").text == "-- x, for SQLite\n"


def test_a_name_cannot_end_the_comment_that_it_stands_in() -> None:
    """A line break in the name of a design does not become SQL."""
    text = writers.write(Schema(), "sqlite", name="x\nDROP TABLE t;").text
    assert text.count("\n") == 1


@pytest.mark.parametrize("target", ["postgres", "mysql", "sqlite"])
def test_a_view_without_a_query_is_left_out(target: Dialect) -> None:
    """A view that the source only mentions is no statement of the script, and is in the ledger."""
    document = writers.write(Schema(dialect=target, views=(View(name="seen", query=""),)), target)
    assert "VIEW" not in document.text
    assert [(loss.object, loss.feature) for loss in document.losses] == [("seen", "view")]
