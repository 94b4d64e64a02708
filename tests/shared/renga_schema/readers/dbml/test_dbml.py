"""DBML and what the reader makes of it, side by side: `cases/x.dbml` and `cases/x.yaml`."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import renga_schema
from expecting import accounted, as_data, expect
from renga_schema import Schema, Unreadable
from renga_schema.readers.dbml import read_dbml
from renga_schema.readers.dbml.partials import MOST_COPIES

CASES = sorted((Path(__file__).parent / "cases").glob("*.dbml"))
SHOP = (Path(__file__).parent / "cases" / "shop.dbml").read_text()
PIECES = [
    "Table a {",
    "}",
    "\n",
    "id int [pk]",
    "'''",
    "'",
    "`",
    "/*",
    "*/",
    "[",
    "]",
    "(",
    ")",
    "Ref:",
    ">",
    "indexes {",
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_text_becomes_what_its_case_expects(case: Path) -> None:
    """Reading a case gives at least what is written beside it."""
    expected = yaml.safe_load(case.with_suffix(".yaml").read_text())
    reading = renga_schema.read(case.read_bytes(), file=case.name)
    expect({"diagnostics": [], "losses": [], **expected}, as_data(reading), case.stem)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_every_case_survives_serialisation(case: Path) -> None:
    """The model of a case goes to JSON and back without change."""
    schema = read_dbml(case.read_text()).schema
    assert Schema.model_validate_json(schema.model_dump_json()) == schema


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_the_statements_add_up(case: Path) -> None:
    """Every element is applied, kept, noted, in the ledger or failed."""
    accounted(read_dbml(case.read_text()))


@pytest.mark.parametrize("text", [SHOP, "Ref: a.b > c.d", "// just this\nTable x {\n  id int\n}"])
def test_dbml_is_recognised_by_its_text(text: str) -> None:
    """DBML needs no file name."""
    found = renga_schema.detect(text)
    assert (found.format, found.dialect) == ("dbml", None)
    assert found.evidence
    assert renga_schema.read(text).schema == read_dbml(text).schema


def test_a_partial_table_is_copied_within_bounds() -> None:
    """Many injections of many columns end in a diagnostic, not in a model without bounds."""
    columns = 1_000
    text = "TablePartial p {\n" + "".join(f"c{i} int\n" for i in range(columns)) + "}\n"
    text += "".join(f"Table t{i} {{\n~p\n}}\n" for i in range(MOST_COPIES // columns + 2))
    reading = read_dbml(text)
    assert [each.code for each in reading.diagnostics] == ["DBML-PARTIAL"] * 2
    assert sum(len(table.columns) for table in reading.schema.tables) == MOST_COPIES


@settings(max_examples=150)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=40))
def test_any_text_is_answered(pieces: list[str]) -> None:
    """Whatever stands in a text, the answer is a reading or `Unreadable`, and the statements add up."""
    try:
        reading = read_dbml(" ".join(pieces))
    except Unreadable:
        return
    accounted(reading)
    assert reading.statements.kept == 0


@settings(max_examples=60)
@given(st.integers(0, len(SHOP) - 1), st.integers(0, 30), st.sampled_from(PIECES))
def test_a_damaged_text_is_answered(at: int, length: int, piece: str) -> None:
    """A text with a part torn out and another put in is read as far as it goes."""
    reading = read_dbml(SHOP[:at] + piece + SHOP[at + length :])
    assert reading.statements.total >= 1


@pytest.mark.parametrize(
    "text",
    [
        "{" * 200_000,
        "/*" * 100_000,
        "'" * 200_000,
        "'''\\" * 50_000,
        "`" * 199_999,
        "Table a {\n" * 18_000,
        "Table a {\n b int [" + "[" * 190_000,
        "Table a {\n b int(" + "(" * 190_000,
        "Table a {\nrecords {" + "'" * 190_000,
        "Table a {\n" + "b int\n" * 30_000 + "}",
        "Table a {\nb int\nindexes {\n" + "b\n" * 90_000 + "}\n}",
        "Table a {\nb int [pk]\n}\n" + "Ref: a.b <> a.b\n" * 12_000,
        "Table a {\nb int\n}\n" + "".join(f"Ref: a.b > c{i}.b\n" for i in range(9_000)),
        "Table a {\n" + "".join(f"b{i} int [unique, ref: - a.b0]\n" for i in range(6_000)) + "}",
    ],
    ids=lambda text: text[:12].strip(),
)
def test_what_could_cost_by_the_square_is_answered(text: str) -> None:
    """200 kB made to be read slowly are answered long before the test's time is up."""
    assert read_dbml(text).statements.total
