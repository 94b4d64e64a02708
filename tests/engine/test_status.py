"""`renga status` of a real Knative."""

import json
import time
from typing import Any

import pytest

from engine_echo import FUNCTION, OVERLAY, SERVICE, Echo

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]

PATIENCE_S = 120


def revisions(echo: Echo) -> list[dict[str, Any]]:
    """What it tells, for machines."""
    status, said = echo.renga("status", "--overlay", OVERLAY, "--json")
    assert status == 0, said
    found: list[dict[str, Any]] = json.loads(said)["revisions"]
    return found


def until(echo: Echo, **wanted: object) -> dict[str, Any]:
    """Wait until one of the revisions is told so."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        told = revisions(echo)
        for each in told:
            if wanted.items() <= each.items():
                return each
        assert time.monotonic() < deadline, f"{wanted} is in none of {told}"
        time.sleep(1)


def test_asleep_and_awake(echo: Echo) -> None:
    """A function without a pod sleeps; one that is called is awake; the table says both."""
    asleep = until(echo, replicas=0, starting=0, share=100)
    assert (asleep["function"], asleep["service"], asleep["last_error"]) == (FUNCTION, SERVICE, None)
    with echo.called():
        until(echo, replicas=1, revision=asleep["revision"])
        status, said = echo.renga("status", "--overlay", OVERLAY)
    assert status == 0
    assert said.split()[:6] == ["function", "revision", "share", "replicas", "last", "error"]
    assert f"{FUNCTION}  {asleep['revision']}  100 %  1" in said


def test_a_crash_loop_is_told_with_its_log(echo: Echo) -> None:
    """The newest revision without a share, with the status of its process and the line that it wrote last."""
    echo.becomes("dead")
    status, _ = echo.canary()
    assert status == 1
    serving, newest = revisions(echo)
    assert (serving["share"], serving["last_error"]) == (100, None)
    assert (newest["share"], newest["replicas"], newest["starting"]) == (0, 0, 1)
    assert newest["last_error"].startswith("Its process ended with status 1 (Error), and was started again ")
    assert newest["last_error"].endswith("probe/echo: it was told not to start")
