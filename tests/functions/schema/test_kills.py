"""`kill -9`, for real: what was acknowledged ends exactly once."""

import itertools
import json
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from laptop import CHAIN, Laptop, steps

SUBMISSIONS = 200
PACE_S = 0.05
"""Between submissions, so that they last while there is killing to do."""
MEAN_BETWEEN_KILLS = 7
"""Submissions: by time, a slow machine would be killed faster than it starts, until no try is left."""
LEAST_KILLS = {"function": 5, "runtime": 2}
LONGEST_PAUSE_S = 0.1
DESIGN = "CREATE TABLE thing_{number} (id int PRIMARY KEY, note text);"


@pytest.fixture
def fresh_laptop(tmp_path: Path) -> Iterator[Laptop]:
    """A runtime of this test's own; it may be killed, and is not left behind."""
    laptop = Laptop(tmp_path).up()
    yield laptop
    if laptop.alive():
        laptop.kill()


def victims(laptop: Laptop) -> list[int]:
    """The processes of every function that is awake."""
    status, said = laptop.get("/-/status")
    assert status == 200
    return [replica["pid"] for service in said["services"] for replica in service["replicas"]]


def submit_all(laptop: Laptop, acknowledged: list[str], enough: threading.Event, done: threading.Event) -> None:
    """Submit one after another until there was enough killing; a submission counts once it was answered."""
    for number in itertools.count():
        if number >= SUBMISSIONS and enough.is_set():
            break
        while True:
            try:
                acknowledged.append(laptop.submit(DESIGN.format(number=number), targets=["sqlite"]))
                time.sleep(PACE_S)
                break
            except (OSError, RuntimeError):
                time.sleep(0.1)  # Killed while it listened: what was not acknowledged is ours to send again.
    done.set()


@pytest.mark.timeout(600)
def test_every_acknowledged_submission_ends_once(fresh_laptop: Laptop) -> None:
    """Functions and the runtime are killed at random moments during 200 submissions, and nothing is lost or doubled."""
    chance = random.Random(20261121)  # noqa: S311 - moments, not secrets
    laptop = fresh_laptop
    acknowledged: list[str] = []
    enough, done = threading.Event(), threading.Event()
    submitting = threading.Thread(target=submit_all, args=(laptop, acknowledged, enough, done))
    submitting.start()
    killed = dict.fromkeys(LEAST_KILLS, 0)
    while not done.is_set():
        if all(killed[what] >= least for what, least in LEAST_KILLS.items()):
            enough.set()
        until = len(acknowledged) + chance.expovariate(1 / MEAN_BETWEEN_KILLS)
        while len(acknowledged) < until and not done.is_set():
            time.sleep(0.005)
        time.sleep(chance.uniform(0, LONGEST_PAUSE_S))
        if chance.random() < 0.2:
            laptop.kill()
            killed["runtime"] += 1
            laptop.up()
            continue
        try:
            pids = victims(laptop)
        except OSError:
            continue
        if pids:
            try:
                os.kill(chance.choice(pids), signal.SIGKILL)
                killed["function"] += 1
            except ProcessLookupError:
                pass
    submitting.join(60)
    assert all(killed[what] >= least for what, least in LEAST_KILLS.items()), killed
    laptop.kill()
    laptop.up()
    assert len(set(acknowledged)) == len(acknowledged) >= SUBMISSIONS
    for run in acknowledged:
        said = laptop.ended(run, timeout_s=120)
        assert said["state"] == "well", json.dumps(said, indent=1)
        types = [entry["event"].split(".")[-2] for entry in steps(said) if entry["outcome"] == "done"]
        assert types == list(CHAIN), json.dumps(said, indent=1)
    assert laptop.down() == 0
