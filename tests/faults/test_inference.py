"""The chain while the inference service is killed in the middle of its work."""

from pathlib import Path

import pytest

from faults.inference import chain

KILLS = 2
"""`make faults` takes forty."""


@pytest.mark.timeout(300)
def test_the_service_is_killed_in_the_middle(tmp_path: Path) -> None:
    """Runs end well after it comes back: each with one answer, of all rows, as if nothing had been."""
    with chain(tmp_path) as running:
        running.kill(KILLS, seed=20261121)
        assert running.wrong() == []
        assert running.cut_short() > 0
