"""What a call costs, measured in a process of its own: CPU seconds and peak memory, with a limit that ends a hang."""

import json
import os
import resource
import time
from collections.abc import Callable
from typing import Final, NamedTuple

_MIB: Final = 1024


class Cost(NamedTuple):
    """What a call took, and how it ended."""

    cpu_s: float
    memory_mib: float
    """What the process grew by at its peak."""
    problem: str | None
    """An exception that was not expected, or that the limit was reached."""


def cost(call: Callable[[], object], *, most_cpu_s: int, expected: type[Exception]) -> Cost:
    """Call in a forked process; `expected` is what the call may raise.

    The process is killed one second of CPU beyond `most_cpu_s`.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        resource.setrlimit(resource.RLIMIT_CPU, (most_cpu_s + 1, most_cpu_s + 1))
        os.write(writing, json.dumps(_measured(call, expected)).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return Cost(*json.loads(said)) if said else Cost(most_cpu_s + 1, 0, "killed at the limit")


def _measured(call: Callable[[], object], expected: type[Exception]) -> Cost:
    problem = None
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    try:
        call()
    except expected:
        pass
    except BaseException as error:  # noqa: BLE001 - whatever it is, the parent is to hear of it
        problem = f"{type(error).__name__}: {error!s:.200}"
    spent = time.process_time() - began
    return Cost(spent, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) / _MIB, problem)
