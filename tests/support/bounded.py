"""What calls cost, each in a process of its own: CPU seconds and peak memory, with a limit that ends a hang."""

import gc
import json
import os
import resource
import select
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

_MIB: Final = 1024


class Cost(NamedTuple):
    """What a call took, and how it ended."""

    cpu_s: float
    memory_mib: float
    """What the process grew by at its peak."""
    problem: str | None
    """An exception that was not expected, or that the limit was reached."""


class _Running(NamedTuple):
    name: str
    child: int
    pipe: int


def costs(
    calls: Mapping[str, Callable[[], object]], *, most_cpu_s: int, expected: type[Exception], at_once: int = 0
) -> Iterator[tuple[str, Cost]]:
    """Call each in a forked process, several of them at once; `expected` is what the calls may raise.

    A process is killed one second of CPU beyond `most_cpu_s`. Where `at_once` is 0 there are as many as cores.
    """
    at_once = at_once or os.cpu_count() or 1
    running: dict[int, _Running] = {}
    waiting = list(calls.items())[::-1]
    while waiting or running:
        while waiting and len(running) < at_once:
            name, call = waiting.pop()
            begun = _begin(name, call, most_cpu_s, expected)
            running[begun.pipe] = begun
        for pipe in select.select(list(running), [], [])[0]:
            ended = running.pop(pipe)
            with os.fdopen(pipe) as answer:  # short enough for a pipe: it comes whole, or never
                said = answer.read()
            _, status, used = os.wait4(ended.child, 0)
            yield ended.name, Cost(*json.loads(said)) if said else _ended(status, used)


def _ended(status: int, used: resource.struct_rusage) -> Cost:
    """What is known of a process that did not live to tell."""
    code = os.waitstatus_to_exitcode(status)
    problem = "killed at the limit" if -code in {signal.SIGXCPU, signal.SIGKILL} else f"ended with {code}"
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / _MIB, problem)


def _begin(name: str, call: Callable[[], object], most_cpu_s: int, expected: type[Exception]) -> _Running:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            # What the parent has is no garbage of the call's, and to look at it would copy each page of it.
            gc.freeze()
            resource.setrlimit(resource.RLIMIT_CPU, (most_cpu_s + 1, most_cpu_s + 1))
            os.write(writing, json.dumps(_measured(call, expected)).encode())
        finally:
            os._exit(0)  # whatever happens, not even where nobody listens any more: the caller's work is not ours
    os.close(writing)
    return _Running(name, child, reading)


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
