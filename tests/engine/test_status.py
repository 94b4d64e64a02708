"""`renga status` of a real Knative."""

import json
import re
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

from engine_echo import FUNCTION, OVERLAY, SERVICE, Echo

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]

Told = dict[str, Any]
PATIENCE_S = 120
CRASHED = re.compile(r"Its process ended with status 1 \(Error\).*\. probe/echo: it was told not to start")


def revisions(echo: Echo) -> list[Told]:
    """What it tells, for machines."""
    status, said = echo.renga("status", "--overlay", OVERLAY, "--json")
    assert status == 0, said
    found: list[Told] = json.loads(said)["revisions"]
    return found


def until(echo: Echo, condition: Callable[[Told], object]) -> Told:
    """Wait until one of the revisions is told so."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        told = revisions(echo)
        if found := next(filter(condition, told), None):
            return found
        assert time.monotonic() < deadline, told
        time.sleep(1)


def test_asleep_and_awake(echo: Echo) -> None:
    """A function without a pod sleeps; one that is called is awake; the table says both."""
    asleep = until(echo, lambda each: (each["share"], each["replicas"], each["starting"]) == (100, 0, 0))
    assert (asleep["function"], asleep["service"], asleep["last_error"]) == (FUNCTION, SERVICE, None)
    with echo.called():
        until(echo, lambda each: each["replicas"] == 1)
        status, said = echo.renga("status", "--overlay", OVERLAY)
    assert status == 0
    assert said.split()[:6] == ["function", "revision", "share", "replicas", "last", "error"]
    assert f"{FUNCTION}  {asleep['revision']}  100 %  1" in said


def test_a_crash_loop_is_told_with_its_log(echo: Echo) -> None:
    """While a canary starts: the newest revision has no share, and a line that its process wrote; the other is well."""
    echo.becomes("dead")
    with echo.start("deploy", "--overlay", OVERLAY, "--no-build", "--canary", "10", FUNCTION) as process:
        newest = until(echo, lambda each: CRASHED.fullmatch(each["last_error"] or ""))
        process.send_signal(signal.SIGINT)
        process.communicate()
    assert (newest["function"], newest["share"], newest["replicas"], newest["starting"]) == (FUNCTION, 0, 0, 1)
    serving, last = revisions(echo)
    assert (serving["share"], serving["last_error"]) == (100, None)
    assert last["revision"] == newest["revision"]
