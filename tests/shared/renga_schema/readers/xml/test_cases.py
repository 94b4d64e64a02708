"""Small documents and what the reader makes of them, side by side: `x.xml` and `x.yaml`.

A case that is read for a dialect lies in a folder of its name: `liquibase/postgres/x.xml`.
"""

from pathlib import Path
from typing import get_args

import pytest
import yaml

from expecting import accounted, as_data, expect
from renga_schema import Reading, read
from renga_schema.model import Dialect, Schema

FOLDER = Path(__file__).parent / "cases"
CASES = sorted(case for case in FOLDER.rglob("*.xml") if case.parent.name != "native")


def read_case(case: Path) -> Reading:
    """The reading of a case."""
    dialect = case.parent.name if case.parent.name in get_args(Dialect) else None
    return read(case.read_bytes(), format="xml", dialect=dialect, file=case.name)  # type: ignore[arg-type]  # checked


@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(case.relative_to(FOLDER).with_suffix("").parts))
def test_a_document_becomes_what_its_case_expects(case: Path) -> None:
    """Reading a case gives at least what is written beside it, and its statements add up."""
    reading = read_case(case)
    expected = yaml.safe_load(case.with_suffix(".yaml").read_text())
    expect({"diagnostics": [], "losses": [], **expected}, as_data(reading), case.stem)
    accounted(reading)


@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(case.relative_to(FOLDER).with_suffix("").parts))
def test_every_object_points_to_its_element(case: Path) -> None:
    """Tables and columns point to a place in the text that says their name."""
    lines = case.read_text().splitlines()
    for table in read_case(case).schema.tables:
        for item in (table, *table.columns):
            assert item.origin is not None
            assert item.origin.file == case.name
            assert lines[item.origin.line - 1][item.origin.column - 1] in {"<", item.name[0]}


@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(case.relative_to(FOLDER).with_suffix("").parts))
def test_every_case_survives_serialisation(case: Path) -> None:
    """The model of a case goes to JSON and back without change."""
    schema = read_case(case).schema
    assert Schema.model_validate_json(schema.model_dump_json()) == schema


def test_every_case_has_its_expectation() -> None:
    """No document lies among the cases without an expectation, nor the other way round."""
    assert {case.with_suffix(".yaml") for case in CASES} == set(FOLDER.rglob("*.yaml"))
