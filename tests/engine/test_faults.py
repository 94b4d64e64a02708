"""Two hundred designs, while the cluster takes away under the functions what it can."""

import itertools
import random
import shlex
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from engine import Engine
from engine_chain import CHAIN, Chain
from engine_services import Pod
from laptop import steps
from measuring import say

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]

SUBMISSIONS = 200
AT_ONCE = 4
PAUSE_S = 1.2
"""Of each who submits, between one and the next: so that the faults have a minute."""
EVERY_S = 2.5
"""Between one fault and the next."""


class Faults:
    """What is done to a cluster, one after the other and in the same order each time; `doing` starts it."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.done: Counter[str] = Counter()
        self._chance = random.Random(7)  # noqa: S311 - the same order each time
        self._stopping = threading.Event()

    def go_on(self) -> None:
        """Until `stop`."""
        # In turns: each comes, however few there are.
        kills = (self._kill,) if self.chain.engine.kill else ()
        kinds = itertools.cycle((self._delete, *kills, self._force))
        number = 0
        while not self._stopping.wait(EVERY_S):
            number += 1
            if number % 8 == 4:
                self._restart_activator()
                continue
            pods = [pod for pod in self.chain.pods.pods() if pod.container and not pod.ending]
            if pods:
                self.done[next(kinds)(self._chance.choice(pods))] += 1

    def stop(self) -> None:
        """After the one that it is at."""
        self._stopping.set()

    def _delete(self, pod: Pod) -> str:
        self.chain.pods.kubectl("delete", "pod", pod.name, "--wait=false", "--ignore-not-found")
        return "told to go"

    def _force(self, pod: Pod) -> str:
        self.chain.pods.kubectl("delete", "pod", pod.name, "--force", "--wait=false", "--ignore-not-found")
        return "taken away"

    def _kill(self, pod: Pod) -> str:
        """Its first process, and with it all others."""
        kill = shlex.split(self.chain.engine.kill.replace("{}", pod.container))
        gone = subprocess.run(kill, capture_output=True, text=True, check=False).returncode
        return "went before" if gone else "killed"

    def _restart_activator(self) -> None:
        self.chain.engine.kubectl("-n", "knative-serving", "delete", "pod", "-l", "app=activator", "--wait=false")
        self.done["activator"] += 1


@contextmanager
def doing(chain: Chain) -> Iterator[Faults]:
    """Faults in a thread of their own, as long as this lasts."""
    faults = Faults(chain)
    with ThreadPoolExecutor(1) as pool:
        going = pool.submit(faults.go_on)
        try:
            yield faults
        finally:
            faults.stop()
            going.result()


@pytest.mark.usefixtures("deployed")
def test_every_acknowledged_submission_ends_once(engine: Engine) -> None:
    """Pods go, processes are killed, the activator is restarted: each run is whole, and has nothing twice."""
    chain = Chain(engine)
    runs = [f"faults-{number}" for number in range(SUBMISSIONS)]

    def submit(run: str) -> None:
        chain.submit(run)
        time.sleep(PAUSE_S)

    with doing(chain) as faults, ThreadPoolExecutor(AT_ONCE) as pool:
        for submitted in [pool.submit(submit, run) for run in runs]:
            submitted.result()
    say("faults", **{kind.replace(" ", "_"): str(times) for kind, times in faults.done.items()})
    wanted = {"told to go", "taken away", "activator"} | ({"killed"} if engine.kill else set())
    assert wanted <= set(faults.done)
    found = chain.ended(runs)
    assert Counter(told["state"] for told in found.values()) == {"well": SUBMISSIONS}
    stories = Counter(tuple(sorted(entry["event"] for entry in steps(told))) for told in found.values())
    assert stories == {tuple(sorted(f"dev.renga.{event}.v1" for event in CHAIN)): SUBMISSIONS}
