"""How many connections the runtime may have."""

import resource
import subprocess
import sys

import pytest

from renga_dev.openfiles import ENOUGH, too_few


@pytest.mark.parametrize("soft", [64, 1024])
def test_the_limit_is_raised(soft: int) -> None:
    """A process that begins with few may have as many as the system allows, or enough."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    code = (
        "import resource; from renga_dev.openfiles import raise_limit\n"
        f"resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))\n"
        "print(raise_limit(), resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    told, have = map(int, said.split())
    assert told == have > soft or hard == soft


def test_a_low_limit_is_told() -> None:
    """The number, what it means, and what raises it."""
    assert too_few(ENOUGH) is None
    said = too_few(256) or ""
    assert "256" in said
    assert f"ulimit -n {ENOUGH}" in said
