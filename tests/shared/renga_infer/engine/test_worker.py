"""The thread of a model."""

import os
import threading

import pytest

from renga_infer.engine.worker import Worker


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system does not pin threads")
def test_a_thread_keeps_to_its_cpus() -> None:
    """The model's thread is pinned, and no other."""
    allowed = os.sched_getaffinity(0)
    chosen = {min(allowed)}
    worker = Worker("model", chosen)
    seen: list[set[int]] = []
    done = threading.Event()
    worker.submit(lambda: seen.append(os.sched_getaffinity(0)))
    worker.submit(done.set)
    assert done.wait(60)
    worker.stop()
    assert seen == [chosen]
    assert os.sched_getaffinity(0) == allowed


def test_jobs_run_in_order_and_stop_with_the_last() -> None:
    """What was submitted before the end is done, one after another."""
    worker = Worker("model")
    order: list[int] = []
    for number in range(100):
        worker.submit(lambda number=number: order.append(number))  # type: ignore[misc]  # a default binds it now
    worker.stop()
    worker._thread.join(60)
    assert order == list(range(100))
    assert not worker._thread.is_alive()
