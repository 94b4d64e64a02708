"""The costs of docs/cloud.md add up."""

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs/cloud.md").read_text()
CLOUDS = ("Google Cloud", "AWS", "Azure")
ABOUT = 5
"""What "about" may be off by (dollars a month): totals are rounded."""


def rows(text: str) -> list[list[str]]:
    """The cells of each line of a table, its head and its rule left out."""
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return [cells for cells in lines[1:] if not set(cells[0]) <= set("- ")]


@pytest.mark.parametrize("cloud", CLOUDS)
def test_totals_are_sums(cloud: str) -> None:
    """A cloud costs, idle, asleep and gone, what its parts do."""
    parts = rows(PAGE.split(f"**{cloud}**\n\n")[1].split("\n\n")[0])
    (total,) = re.findall(rf"^\| {cloud} \| about (\d+) \| about (\d+) \| about (\d+) \|", PAGE, re.MULTILINE)
    for column, said in zip((1, 2, 3), total, strict=True):
        assert abs(sum(int(part[column]) for part in parts) - int(said)) <= ABOUT
        assert len(parts) > 5


def test_each_price_says_where_it_is_from() -> None:
    """A part has a source that the page lists, or says that none was found; no source is listed for nothing."""
    costs, sources = PAGE.split("## What it costs")[1].split("## Upgrading")[0].split("### Sources")
    listed = set(re.findall(r"^\| (\[\d+\])", sources, re.MULTILINE))
    assert set(re.findall(r"\[\d+\]", costs)) == listed
    for cloud in CLOUDS:
        for *_, source in rows(costs.split(f"**{cloud}**\n\n")[1].split("\n\n")[0]):
            assert source == "not found" or set(source.split()) <= listed
