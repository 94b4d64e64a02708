"""The inference service killed many times while it computes: `python longer_inference.py --kills 40 --seed 1`.

Ends with 1 where a run did not end well, once, with the answer that it should have.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
sys.path.insert(0, str(REPOSITORY / "tests" / "support"))

from faults.inference import chain  # noqa: E402 - its folder is named just above


def main() -> None:
    """Kill, wait for every run, and say what is wrong."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=40, help="how often the service dies")
    options.add_argument("--seed", type=int, default=1, help="of the moments")
    given = options.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="renga-faults-") as state, chain(Path(state)) as running:
        running.kill(given.kills, given.seed)
        wrong = running.wrong()
        runs, again = len(running.inferences), running.cut_short()
    sys.stdout.write("".join(f"{fault}\n" for fault in wrong))
    sys.stdout.write(
        f"{given.kills} kills, {2 * runs} runs: {len(wrong)} wrong, {again} deliveries made again, "
        f"{time.monotonic() - began:.0f} s\n"
    )
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
