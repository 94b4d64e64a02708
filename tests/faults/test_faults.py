"""The chain under a fault proxy: nothing acknowledged is lost, no effect happens twice, every run ends."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from faults import seeds
from faults.chain import CARELESS, FaultyChain, chain
from faults.schedule import Fault, drawn, reread, shrunk, written

SEEDS = range(60)
"""`make faults` takes a thousand."""


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyChain]:
    """The chain behind the proxy."""
    with chain(tmp_path_factory.mktemp("faults")) as running:
        yield running


@pytest.mark.timeout(600)
def test_seeded_runs(faulty: FaultyChain) -> None:
    """Whatever a schedule does to a run, it ends as without faults, and its effect happens once."""
    failed = list(seeds.failures(faulty, SEEDS))
    assert not failed, "\n".join(failed)
    assert len(faulty.proxy.struck) == 10, faulty.proxy.struck


@pytest.mark.timeout(600)
def test_a_failing_seed(tmp_path: Path) -> None:
    """A function that does a thing twice is caught, and told with the one fault that it takes and how to repeat it."""
    with chain(tmp_path, shelf=CARELESS, RENGA_STORE="none") as careless:
        (told,) = seeds.failures(careless, [4])
    assert "it is on the shelf 2 times" in told
    assert len(drawn(4)) > 1
    (guilty,) = (fault for fault in drawn(4) if fault.hop == "shelf")
    assert told.endswith(f"again: python tests/faults/longer.py --seed 4 --faults '{guilty}'")


def test_a_failing_schedule_is_shrunk() -> None:
    """Of a schedule that fails, what it fails without is left out, and the rest can be written and read."""
    schedule = drawn(5)
    assert len(schedule) > 2
    guilty = {schedule[0], schedule[-1]}
    least = shrunk(schedule, lambda fewer: guilty <= set(fewer))
    assert set(least) == guilty
    assert reread(written(least)) == least


def test_a_schedule_follows_from_its_seed() -> None:
    """The same seed gives the same faults; they are fewer at each hop than its tries, and other seeds give others."""
    schedules = [drawn(seed) for seed in range(200)]
    assert schedules == [drawn(seed) for seed in range(200)]
    assert len(set(schedules)) > 150
    assert all(fault.nth < 5 for schedule in schedules for fault in schedule)


def test_no_fault() -> None:
    """A fault that nobody prints is refused by what it should look like."""
    with pytest.raises(ValueError, match="HOP:EVENT:NTH:KIND:MS"):
        Fault.read("parse:submitted:0:explode:0")
