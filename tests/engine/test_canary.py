"""`renga deploy --canary` on a real Knative: the good is promoted, the bad goes back by itself, always with figures."""

import json
import re
import signal
from collections import Counter

import pytest

from engine_echo import FUNCTION, OVERLAY, SERVICE, Echo

pytestmark = [pytest.mark.engine, pytest.mark.timeout(1200)]
"""The first of them makes the image under all of them, of packages that it fetches."""

CANARY = ("deploy", "--overlay", OVERLAY, "--no-build", "--canary", "10", FUNCTION)
LOOK = re.compile(r" +\d+ s +(?P<new>\d+) of (?P<all>\d+) requests ")


def serving(echo: Echo) -> str:
    """The one revision that has everything."""
    ((revision, percent),) = echo.table.items()
    assert percent == 100
    return revision


def newest(echo: Echo) -> str:
    """The revision that was created last, whoever serves."""
    return echo.kubectl("get", f"ksvc/{SERVICE}", "-o", "jsonpath={.status.latestCreatedRevisionName}")


def test_a_good_one_is_promoted(echo: Echo) -> None:
    """10, 50, 100 %: the share is what was asked for, and what a pod counted is not lost when it ends meanwhile."""
    old = serving(echo)
    echo.becomes("well")
    text, counted = "", 0
    before, after = Counter[str](), Counter[str]()
    is_whole = True
    with echo.called() as answers, echo.start(*CANARY) as process:
        assert process.stdout is not None
        for line in process.stdout:
            text += line
            look = LOOK.match(line)
            if "--raw" in line and not before:
                before = Counter(answers)
            elif look and not after:
                counted = int(look["all"])
                if is_whole and int(look["new"]) >= 150:
                    echo.kubectl("delete", "pod", "--wait=false", "-l", f"serving.knative.dev/revision={old}")
                    is_whole = False
            elif "is as good as" in line and not after:
                after = Counter(answers)
    assert process.returncode == 0, text
    new = newest(echo)
    assert new != old
    assert f"  {new} is as good as {old}.\n" in text
    assert text.endswith(f"  {new} has everything.\n")
    assert echo.table == {new: 100}
    assert "  nothing: the cluster has it all\n" in echo.deploy()[1]
    # Knative loses a request or two of a pod that somebody deletes.
    assert answers.total() - answers[old] - answers[new] <= 16, answers
    seen = after - before
    assert seen.total() >= 2000
    assert abs(100 * seen[new] / seen.total() - 10) < 3
    assert not is_whole
    assert abs(counted / seen.total() - 1) < 0.1


@pytest.mark.parametrize(
    ("mood", "reason"),
    [
        ("errors", r"  (\d+) of \1 failed, of the old one's 0 of \d+: with probability \S+ that is chance"),
        # It sleeps 300 ms; what comes on top of that, and what the old one takes, is the machine's.
        ("slow", r"  Its p95 is at least ([3-9]\d\d|\d{4,}) ms \(\d+ ms allowed\)\."),
    ],
)
def test_a_bad_one_goes_back(mood: str, reason: str, echo: Echo) -> None:
    """By itself and soon, with what it did and what is allowed; few have met it."""
    old = serving(echo)
    echo.becomes(mood)
    with echo.called() as answers:
        status, said = echo.canary()
    assert status == 1, said
    assert re.search(reason, said)
    assert f"  {newest(echo)} is worse: back.\n" in said
    assert f"  {old} has everything. " in said
    assert "Give it 50 %" not in said
    assert serving(echo) == old
    assert answers.total() - answers[old] < 0.2 * answers.total()


def test_one_that_does_not_start_gets_nothing(echo: Echo) -> None:
    """Its process ends: its log says why, and nobody has noticed."""
    old = serving(echo)
    echo.becomes("dead")
    with echo.called() as answers:
        status, said = echo.canary()
    assert status == 1, said
    assert "      | probe/echo: it was told not to start\n" in said
    assert f"  It never had a share: {old} has everything. " in said
    assert serving(echo) == old
    assert list(answers) == [old]


def test_without_requests_nothing_is_known(echo: Echo) -> None:
    """When the time is over it goes back, and says how many requests it takes."""
    old = serving(echo)
    echo.becomes("well")
    status, said = echo.canary("--within", "5s")
    assert status == 1, said
    assert "Not known after 5 s: 0 of 0 requests" in said
    assert "(no less than 381 can show it)" in said
    assert f"  {newest(echo)} is not known to be as good as {old}: back.\n" in said
    assert serving(echo) == old


def test_ctrl_c_leaves_a_table_and_a_way_back(echo: Echo) -> None:
    """Nobody has to be there for the requests to go on; `--abort` gives them back, a plain deployment to the newest."""
    old = serving(echo)
    echo.becomes("well")
    text = ""
    with echo.start(*CANARY) as process:
        assert process.stdout is not None
        for line in process.stdout:
            text += line
            if "--raw" in line:
                process.send_signal(signal.SIGINT)
    assert process.returncode == 130
    new = newest(echo)
    assert echo.table == {old: 90, new: 10}
    told = json.loads(echo.renga("status", "--overlay", OVERLAY, "--json")[1])["revisions"]
    assert [(each["revision"], each["share"]) for each in told] == [(old, 90), (new, 10)]
    assert f"{SERVICE}'s requests go on like this: 90 % to {old}, 10 % to {new}." in text
    assert f"`renga deploy --overlay {OVERLAY} --abort {FUNCTION}` gives {old} everything." in text
    status, said = echo.renga("deploy", "--overlay", OVERLAY, "--abort", FUNCTION)
    assert status == 0, said
    assert serving(echo) == old
    status, said = echo.deploy()
    assert status == 0, said
    assert serving(echo) == new
    status, said = echo.renga("deploy", "--overlay", OVERLAY, "--abort", FUNCTION)
    assert status == 2
    assert "there is nothing to go back from" in said
