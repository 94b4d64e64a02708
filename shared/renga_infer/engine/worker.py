"""The thread in which one version computes."""

import os
import threading
from collections.abc import Callable, Iterable
from queue import SimpleQueue

Job = Callable[[], None]


class Worker:
    """Runs jobs one after another, on the given CPUs where the system can be told so.

    A job handles its own errors: one that raises would end the thread.
    """

    def __init__(self, name: str, cpus: Iterable[int] = ()) -> None:
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._cpus = frozenset(cpus)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Run a job after those that were submitted before."""
        self._jobs.put(job)

    def stop(self) -> None:
        """End the thread after the last job; it does not wait."""
        self._jobs.put(None)

    def _run(self) -> None:
        if self._cpus and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, self._cpus)  # 0 is the calling thread, not the process
        while (job := self._jobs.get()) is not None:
            job()
