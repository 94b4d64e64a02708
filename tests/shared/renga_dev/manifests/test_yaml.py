"""YAML as Kubernetes reads it."""

from typing import Any

import pytest

from renga_dev.manifests import InvalidManifests, parse


@pytest.mark.parametrize(
    ("text", "value"),
    [("2024-01-01", "2024-01-01"), ("10:30", "10:30"), ("017", 15), ("0x1f", 31), ("-3", -3), ("1.5", 1.5),
     ("1e3", 1000.0), ("08", "08"), ("on", True), ("~", None), ("100m", "100m"), ("'1'", "1"), ("1_000", "1_000")],
)  # fmt: skip
def test_scalars(text: str, value: Any) -> None:
    """Dates and base-60 numbers are texts, because Kubernetes knows neither."""
    (document,) = parse(f"x: {text}", "x.yaml")
    assert document.value == {"x": value}


def test_empty_documents_are_left_out() -> None:
    """A stream may begin and end with a separator."""
    assert [document.value for document in parse("---\n---\na: 1\n---\n", "x.yaml")] == [{"a": 1}]


@pytest.mark.parametrize("text", ["a: [", "a: !!python/object:os.system x", "\x00", "a: 1\na: : 2"])
def test_what_is_no_yaml_is_named(text: str) -> None:
    """The file is named; nothing is constructed that is not plain data."""
    with pytest.raises(InvalidManifests, match=r"^x.yaml: YAML: "):
        parse(text, "x.yaml")
