"""Small documents and what the reader makes of them, side by side: `x.json` or `x.yml`, and `x.yaml`."""

from pathlib import Path

import pytest
import yaml

from expecting import accounted, as_data, expect
from renga_schema import read
from renga_schema.model import Schema

FOLDER = Path(__file__).parent / "cases"
CASES = sorted([*FOLDER.glob("*.json"), *FOLDER.glob("*.yml")])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_document_becomes_what_its_case_expects(case: Path) -> None:
    """Reading a case gives at least what is written beside it, and its statements add up."""
    reading = read(case.read_bytes(), format="jsonschema", file=case.name)
    expected = yaml.safe_load(case.with_suffix(".yaml").read_text())
    expect({"diagnostics": [], "losses": [], **expected}, as_data(reading), case.stem)
    accounted(reading)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_every_case_survives_serialisation(case: Path) -> None:
    """The model of a case goes to JSON and back without change."""
    schema = read(case.read_bytes(), format="jsonschema").schema
    assert Schema.model_validate_json(schema.model_dump_json()) == schema


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_every_reference_leads_somewhere(case: Path) -> None:
    """What a foreign key refers to is there, and of the same type."""
    schema = read(case.read_bytes(), format="jsonschema").schema
    for table in schema.tables:
        for key in table.foreign_keys:
            target = schema.table(key.target)
            assert target is not None
            referred, own = target.column(key.referred_columns[0]), table.column(key.columns[0])
            assert referred is not None
            assert own is not None
            assert (own.type.name, own.type.arguments) == (referred.type.name, referred.type.arguments)


def test_every_case_has_its_expectation() -> None:
    """No document lies among the cases without an expectation, nor the other way round."""
    assert {case.with_suffix(".yaml") for case in CASES} == set(FOLDER.rglob("*.yaml"))
