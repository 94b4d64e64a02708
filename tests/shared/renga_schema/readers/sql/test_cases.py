"""Small scripts and what the reader makes of them, side by side: `x.sql` and `x.yaml`.

An expectation says as much as its author cares about: a mapping must hold at least what is written, a list must
have exactly as many items, and everything else must be equal. Its keys are those of `Schema`, and `diagnostics`,
`losses` and `statements` of `Reading`.
"""

from pathlib import Path

import pytest
import yaml

import renga_schema
from expecting import as_data, expect
from renga_schema.model import Schema

FOLDER = Path(__file__).parent / "cases"
CASES = sorted(FOLDER.glob("*/*.sql"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.stem}")
def test_a_script_becomes_what_its_case_expects(case: Path) -> None:
    """Reading a case gives at least what is written beside it."""
    reading = renga_schema.read(case.read_bytes(), dialect=case.parent.name, file=case.name)  # type: ignore[arg-type]
    expected = yaml.safe_load(case.with_suffix(".yaml").read_text())
    expect({"diagnostics": [], "losses": [], **expected}, as_data(reading), case.stem)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.stem}")
def test_every_case_survives_serialisation(case: Path) -> None:
    """The model of a case goes to JSON and back without change."""
    schema = renga_schema.read(case.read_bytes(), dialect=case.parent.name).schema  # type: ignore[arg-type]
    assert Schema.model_validate_json(schema.model_dump_json()) == schema


def test_every_case_has_its_expectation() -> None:
    """No script lies among the cases without an expectation, nor the other way round."""
    assert {case.with_suffix(".yaml") for case in CASES} == set(FOLDER.glob("*/*.yaml"))
