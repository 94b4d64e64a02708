"""The conformance suite of CloudEvents SQL, which nobody here wrote."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from renga import cesql

FILES = {
    "binary_comparison_operators": 32,
    "binary_logical_operators": 16,
    "binary_math_operators": 18,
    "case_sensitivity": 7,
    "casting_functions": 21,
    "context_attributes_access": 8,
    "exists_expression": 7,
    "in_expression": 16,
    "integer_builtin_functions": 4,
    "like_expression": 37,
    "literals": 10,
    "negate_operator": 6,
    "not_operator": 6,
    "parse_errors": 1,
    "spec_examples": 13,
    "string_builtin_functions": 42,
    "sub_expression": 3,
    "subscriptions_api_recreations": 28,
}
ANY_EVENT = {"specversion": "1.0", "id": "any", "source": "http://localhost/any", "type": "any", "subject": "any"}


class _Loader(yaml.SafeLoader):
    """Dates stay text: an event in JSON has no others."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def suite(folder: Path, name: str) -> list[dict[str, Any]]:
    """The cases of one file; expressions as they were written, where YAML would take `TRUE` for a boolean."""
    text = (folder / f"{name}.yaml").read_text(encoding="utf-8")
    # Both loaders are safe ones: the second only leaves every scalar a text.
    typed = yaml.load(text, Loader=_Loader)["tests"]  # noqa: S506
    written = yaml.load(text, Loader=yaml.BaseLoader)["tests"]  # noqa: S506
    return [case | {"expression": raw["expression"]} for case, raw in zip(typed, written, strict=True)]


def outcome(case: dict[str, Any]) -> tuple[object, str | None]:
    """What we make of a case: the value, and the kind of the error."""
    event = (case.get("event") or ANY_EVENT) | (case.get("eventOverrides") or {})
    try:
        value, errors = cesql.compile(case["expression"]).evaluate(event)
    except cesql.ParseError:
        return False, "parse"
    return value, errors[0].kind if errors else None


@pytest.mark.parametrize("name", FILES)
def test_every_case_passes(name: str, shared_material: Path) -> None:
    """Value, type of the value, and kind of the error are what the suite expects."""
    folder = shared_material / "conformance" / "cesql-tck"
    if not folder.is_dir():
        pytest.skip(f"no conformance suite at {folder}")
    cases = suite(folder, name)
    assert len(cases) == FILES[name]
    for case in cases:
        value, error = outcome(case)
        expected = case.get("result", False)
        said = f"{case['name']}: {case['expression']}"
        assert (type(value), value, error) == (type(expected), expected, case.get("error")), said


def test_the_suite_is_whole() -> None:
    """Every one of its 275 cases is counted above."""
    assert sum(FILES.values()) == 275
