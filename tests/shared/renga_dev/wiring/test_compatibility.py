"""A change that earlier events would not survive is named; every other one is let through."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from renga_dev.wiring.compatibility import breaks
from renga_dev.wiring.vocabulary import schema_of
from renga_events.vocabulary import vocabulary

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "compatibility.yaml").read_text())


@pytest.mark.parametrize("case", [pytest.param(case, id=case["change"]) for case in CASES])
def test_a_change_is_judged(case: dict[str, Any]) -> None:
    """Each change has exactly the breaks that its case lists."""
    assert [str(each) for each in breaks(_schema(case["old"]), _schema(case["new"]))] == case["breaks"]


@pytest.mark.parametrize("ce_type", vocabulary())
def test_every_type_is_compatible_with_itself(ce_type: str) -> None:
    """The real schemas, the largest and the recursive among them, have no break with themselves."""
    schema = schema_of(vocabulary()[ce_type])
    assert breaks(schema, schema) == []


def _schema(given: dict[str, Any]) -> dict[str, Any]:
    if "schema" in given:
        schema: dict[str, Any] = given["schema"]
        return schema
    properties = {name: value for name, value in given.items() if name != "required"}
    return {"type": "object", "properties": properties, "required": given.get("required", [])}
