"""Many seeds through one chain, and of each that fails the least that it fails with and the command that repeats it."""

from collections.abc import Iterator, Sequence

from faults.chain import FaultyChain, Trial
from faults.schedule import Schedule, drawn, shrunk, written

AT_ONCE = 16
AT_ONCE_KILLING = 4
"""A kill reaches whoever is being handled, so fewer are."""


def failures(chain: FaultyChain, seeds: Sequence[int]) -> Iterator[str]:
    """What to print for each seed that fails."""
    trials = [Trial.of(seed, drawn(seed)) for seed in seeds]
    killing = [any(fault.kind == "kill" for fault in trial.schedule) for trial in trials]
    calm = [trial for trial, kills in zip(trials, killing, strict=True) if not kills]
    rough = [trial for trial, kills in zip(trials, killing, strict=True) if kills]
    wrong = chain.play(calm, AT_ONCE) | chain.play(rough, AT_ONCE_KILLING)
    for seed, trial in zip(seeds, trials, strict=True):
        if trial.run in wrong:
            yield _told(chain, seed, trial.schedule, wrong[trial.run])


def alone(chain: FaultyChain, seed: int, schedule: Schedule, name: str) -> str | None:
    """What is wrong with one run that nothing else runs beside."""
    trial = Trial.of(seed, schedule, name)
    return chain.play([trial], 1).get(trial.run)


def _told(chain: FaultyChain, seed: int, schedule: Schedule, reason: str) -> str:
    tried = 0

    def fails(fewer: Schedule) -> bool:
        nonlocal tried
        tried += 1
        return alone(chain, seed, fewer, f"seed-{seed}-{tried}") is not None

    if fails(schedule):
        least = shrunk(schedule, fails)
        note = "the least it fails with"
    else:
        least, note = schedule, "it fails only beside others"
    command = f"python tests/faults/longer.py --seed {seed} --faults '{written(least)}'"
    return f"seed {seed}: {reason}\n  {note}: {written(least) or 'no fault at all'}\n  again: {command}"
