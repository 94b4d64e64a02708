"""`python tests/benchmarks/infer_traffic.py`: the inference service while its versions change, for as long as you like.

It ends with status 1 if a request failed or an answer was not that of the version it names.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

import inference
import inference_server
from inference_traffic import traffic


def main() -> int:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--changes", type=int, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        models = Path(folder) / "models"
        inference.publish(models, "1", 1.0)
        with inference_server.started(models, Path(folder) / "log") as server:
            server.until_ready()
            seen = asyncio.run(traffic(server, clients=given.clients, seconds=given.seconds, changes=given.changes))
            server.stop()
    latencies = sorted(seen.latencies_s)
    sys.stdout.write(
        f"{sum(seen.answers.values())} answers of {len(seen.answers)} versions over {seen.changes} changes: "
        f"{len(seen.failures)} failed, {len(seen.wrong)} wrong; "
        f"p50 {latencies[len(latencies) // 2] * 1000:.1f} ms, "
        f"p99 {latencies[len(latencies) * 99 // 100] * 1000:.1f} ms\n"
    )
    for line in [*seen.failures, *seen.wrong][:10]:
        sys.stdout.write(f"{line}\n")
    return 1 if seen.failures or seen.wrong or seen.changes < given.changes else 0


if __name__ == "__main__":
    sys.exit(main())
