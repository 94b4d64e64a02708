"""What functions-framework's process gets with the function, beside the contract of test_hosts."""

import subprocess
import sys


def test_the_collector_stays_on() -> None:
    """Garbage is collected under functions-framework: only our own host stops that, for as long as it starts."""
    probe = [sys.executable, "-c", "import gc, renga.frameworks; print(gc.isenabled())"]
    assert subprocess.run(probe, capture_output=True, check=True).stdout.strip() == b"True"
