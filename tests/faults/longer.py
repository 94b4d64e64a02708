"""Many seeded runs of the chain through the fault proxy: `python longer.py --runs 1000`, or one again by its seed.

Ends with 1 where a run was not as it is without faults, and says the least that it fails with.
"""

import argparse
import itertools
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
sys.path.insert(0, str(REPOSITORY / "tests" / "support"))

from faults import seeds  # noqa: E402 - its folder is named just above
from faults.chain import chain  # noqa: E402
from faults.schedule import Schedule, drawn, reread  # noqa: E402


def main() -> None:
    """Split the seeds between processes, or run them."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=1000, help="how many seeds")
    options.add_argument("--first", type=int, default=0, help="the first of them")
    options.add_argument("--shards", type=int, default=2, help="how many runtimes share them")
    options.add_argument("--seed", type=int, help="only this one")
    options.add_argument("--faults", type=reread, help="with these faults instead of its own")
    given = options.parse_args()
    if given.seed is not None:
        sys.exit(_one(given.seed, given.faults))
    if given.shards > 1:
        sys.exit(_shards(given.first, given.runs, given.shards))
    sys.exit(_many(range(given.first, given.first + given.runs)))


def _one(seed: int, schedule: Schedule | None) -> int:
    schedule = drawn(seed) if schedule is None else schedule
    with tempfile.TemporaryDirectory(prefix="renga-faults-") as state, chain(Path(state)) as running:
        wrong = seeds.alone(running, seed, schedule, f"seed-{seed}")
    _say(f"seed {seed}: {wrong or 'as without faults'}")
    return 1 if wrong else 0


def _many(wanted: range) -> int:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="renga-faults-") as state, chain(Path(state)) as running:
        failed = list(seeds.failures(running, wanted))
        struck = ", ".join(f"{kind} {count}" for kind, count in sorted(running.proxy.struck.items()))
    for told in failed:
        _say(told)
    took = time.monotonic() - began
    _say(f"seeds {wanted.start} to {wanted.stop - 1}: {len(failed)} failed, {took:.0f} s; faults: {struck}")
    return 1 if failed else 0


def _shards(first: int, runs: int, shards: int) -> int:
    """Each shard is a process with a runtime of its own."""
    ends = [first + runs * number // shards for number in range(shards + 1)]
    processes = []
    for begin, end in itertools.pairwise(ends):
        command = [sys.executable, __file__, "--shards", "1", "--first", str(begin), "--runs", str(end - begin)]
        processes.append(subprocess.Popen(command))
    return max(process.wait() for process in processes)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
