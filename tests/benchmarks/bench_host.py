"""The host against functions-framework and against bare asyncio: started cold, and warm on one core."""

import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from measuring import BARE, FUNCTIONS_FRAMEWORK, FUNCTIONS_FRAMEWORK_OURS, SLIM, cold_start_s, launch, load, say

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]

CEILING = 2.0
"""The most that a function's imports may take, as a multiple of importing asyncio and pydantic, which all need."""
FUNCTIONS = sorted(path.parent.name for path in (Path(__file__).parents[2] / "functions").glob("*/*/main.py"))


def test_cold_start(tmp_path: Path) -> None:
    """Exec to the first 2xx on a trivial CloudEvent; rounds interleaved, medians compared."""
    commands = {
        "bare asyncio": BARE,
        "slim host": SLIM,
        "the same function under functions-framework": FUNCTIONS_FRAMEWORK_OURS,
        "functions-framework": FUNCTIONS_FRAMEWORK,
    }
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(11):
        for name, command in commands.items():
            seconds[name].append(cold_start_s(command, tmp_path))
    median = {name: statistics.median(values) for name, values in seconds.items()}
    say(
        "cold start, slim host as a multiple",
        of_the_same_function_under_functions_framework=(
            median["slim host"] / median["the same function under functions-framework"]
        ),
        of_an_untyped_function_under_functions_framework=median["slim host"] / median["functions-framework"],
        of_bare_asyncio=median["slim host"] / median["bare asyncio"],
    )


@pytest.mark.parametrize("in_flight", [1, 32])
def test_warm_events(in_flight: int, tmp_path: Path) -> None:
    """Events per second on one core, the load on the other; ours also remembers each event on disk."""
    rates: dict[str, list[float]] = {"slim": [], "functions-framework": []}
    latencies: dict[str, list[float]] = {"slim": [], "functions-framework": []}
    os.sched_setaffinity(0, {0})
    try:
        commands = {"slim": SLIM, "functions-framework": FUNCTIONS_FRAMEWORK}
        servers = {name: launch(command, tmp_path, core=1) for name, command in commands.items()}
        time.sleep(2)
        for server in servers.values():
            load(server.port, in_flight=in_flight, events=500)
        for _ in range(5):
            for name, server in servers.items():
                seen = load(server.port, in_flight=in_flight, events=4000)
                rates[name].append(seen.per_second)
                latencies[name].append(seen.p95_ms)
        for server in servers.values():
            server.stop()
    finally:
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
    ratio = {name: statistics.median(values) for name, values in rates.items()}
    p95 = {name: statistics.median(values) for name, values in latencies.items()}
    say(
        f"warm events, {in_flight} in flight, slim host as a multiple of functions-framework",
        events_per_second=ratio["slim"] / ratio["functions-framework"],
        p95=p95["slim"] / p95["functions-framework"],
    )


@pytest.mark.parametrize("name", FUNCTIONS)
def test_imports(name: str, repository: Path) -> None:
    """What a function imports before it serves, against pydantic alone in the same run."""
    folder = next((repository / "functions").glob(f"*/{name}"))
    imports = {
        "ours": ("import renga.host, runpy; runpy.run_path('main.py')", folder),
        "floor": ("import asyncio; from pydantic import BaseModel", repository),
    }
    took = {key: statistics.median(_import_us(*given) for _ in range(5)) for key, given in imports.items()}
    ratio = took["ours"] / took["floor"]
    say(f"imports of {name} as a multiple of asyncio with pydantic", ratio=ratio)
    assert ratio < CEILING


def _import_us(code: str, cwd: Path) -> int:
    """Microseconds of importing, added up over all modules by `-X importtime`."""
    done = subprocess.run([sys.executable, "-X", "importtime", "-c", code], cwd=cwd, capture_output=True, check=True)
    return sum(int(own) for own in re.findall(rb"import time:\s+(\d+) \|", done.stderr))
