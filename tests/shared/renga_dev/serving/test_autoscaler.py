"""The decision of rule S6, row by row, and the meter that feeds it."""

import os

import pytest

from lab import read, subject
from renga_dev.serving.autoscaler import Meter, Panic, Policy, Seen, decide

PLAIN = Policy(target=10.0)
CALM = Panic()


def seen(ready: int, stable: float, panic: float | None = None, now: float = 1000.0) -> Seen:
    """Measurements; the panic window sees what the stable one does unless told otherwise."""
    return Seen(now, ready, stable, stable if panic is None else panic)


@pytest.mark.rule("S6")
@pytest.mark.parametrize(
    ("policy", "measured", "want"),
    [
        # The load decides.
        pytest.param(PLAIN, seen(0, 0), 0, id="nothing asked for, nothing wanted"),
        pytest.param(PLAIN, seen(0, 0.01), 1, id="the least load wants one"),
        pytest.param(PLAIN, seen(1, 10), 1, id="exactly the target fits"),
        pytest.param(PLAIN, seen(2, 20.1), 3, id="a little more does not"),
        pytest.param(PLAIN, seen(3, 25), 3, id="as many as there are"),
        # up at most x1000 per decision
        pytest.param(Policy(target=1.0), seen(1, 5000), 1000, id="up at most a thousandfold"),
        pytest.param(Policy(target=1.0), seen(0, 5000), 1000, id="none counts as one when growing"),
        # down at most /2 per decision
        pytest.param(PLAIN, seen(10, 1), 5, id="down at most by half"),
        pytest.param(PLAIN, seen(9, 1), 4, id="half is rounded down"),
        pytest.param(PLAIN, seen(1, 0), 0, id="one can go to none"),
        pytest.param(PLAIN, seen(3, 0), 1, id="three go to one first"),
        # bounds
        pytest.param(Policy(target=10.0, max_scale=3), seen(2, 100, 10), 3, id="max-scale caps"),
        pytest.param(Policy(target=10.0, min_scale=2), seen(2, 0), 2, id="min-scale holds"),
        pytest.param(Policy(target=10.0, min_scale=2), seen(2, 25), 3, id="min-scale does not stop growth"),
        # activation-scale
        pytest.param(Policy(target=10.0, activation_scale=4), seen(4, 1), 4, id="active means activation-scale"),
        pytest.param(Policy(target=10.0, activation_scale=4), seen(1, 0), 0, id="idle does not"),
        pytest.param(Policy(target=10.0, activation_scale=4, max_scale=2), seen(1, 1), 2, id="max-scale is stronger"),
    ],
)
def test_wanted_replicas(policy: Policy, measured: Seen, want: int) -> None:
    """How many replicas a measurement asks for while calm or in the first moment of panic."""
    assert decide(policy, CALM, measured)[0] == want


@pytest.mark.rule("S6")
def test_panic_begins_at_twice_what_is_ready_and_is_prolonged_by_more() -> None:
    """The panic window decides while it asks for at least twice the ready replicas; each such moment counts anew."""
    want, panic = decide(PLAIN, CALM, seen(2, 15, 39))
    assert (want, panic) == (4, Panic(1000.0, 4))
    want, panic = decide(PLAIN, CALM, seen(2, 15, 30))
    assert (want, panic) == (2, CALM)
    assert decide(PLAIN, Panic(990.0, 4), seen(2, 15, 40))[1] == Panic(1000.0, 4)


@pytest.mark.rule("S6")
def test_a_panicking_revision_grows_but_does_not_shrink() -> None:
    """Until a stable window after the last alarm, the most that was wanted stays."""
    panic = Panic(1000.0, 4)
    want, panic = decide(PLAIN, panic, seen(4, 5, 5, now=1010.0))
    assert want == 4
    want, panic = decide(PLAIN, panic, seen(4, 55, 55, now=1020.0))
    assert (want, panic) == (6, Panic(1000.0, 6))
    assert decide(PLAIN, panic, seen(6, 5, 5, now=1060.0))[0] == 6
    assert decide(PLAIN, panic, seen(6, 5, 5, now=1060.1)) == (3, CALM)


@pytest.mark.rule("S6")
@pytest.mark.parametrize(
    ("annotations", "concurrency", "target"),
    [
        ({}, 0, 70.0),
        ({}, 10, 7.0),
        ({"target": "5"}, 0, 3.5),
        ({"target": "50"}, 10, 7.0),
        ({"target": "5"}, 10, 3.5),
        ({"target": "5", "target-utilization-percentage": "100"}, 10, 5.0),
        ({}, 1, 1.0),
    ],
)
def test_the_target_is_seventy_percent_of_what_is_said_first(
    annotations: dict[str, str], concurrency: int, target: float
) -> None:
    """The annotation, capped by containerConcurrency; else that; else 100; never less than one request."""
    (service,) = read(subject(annotations=annotations, containerConcurrency=concurrency)).services.values()
    assert Policy.of(service).target == pytest.approx(target)


def test_without_max_scale_the_cores_are_the_limit() -> None:
    """A laptop does not start a hundred processes because a manifest says nothing."""
    (service,) = read(subject()).services.values()
    assert Policy.of(service).max_scale == (os.cpu_count() or 1)
    (service,) = read(subject(annotations={"min-scale": "50"})).services.values()
    assert Policy.of(service).max_scale == 50


def test_the_meter_averages_over_time_and_forgets() -> None:
    """Half the time at four is two; a window sees only itself; a restart sees nothing from before."""
    meter = Meter(0.0, 60.0)
    meter.change(0.0, 4)
    meter.sample(5.0)
    meter.change(5.0, -4)
    meter.sample(10.0)
    assert meter.average(10.0, 60.0) == pytest.approx(2.0)
    assert meter.average(10.0, 5.0) == 0.0
    assert meter.quiet_since == 5.0
    for time in range(12, 100, 2):
        meter.sample(float(time))
    assert meter.average(98.0, 60.0) == 0.0
    meter.restart(100.0)
    meter.change(100.0, 3)
    assert meter.average(100.0, 60.0) == 3.0
    assert meter.average(102.0, 60.0) == 3.0
