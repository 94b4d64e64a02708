"""`renga runs` and `renga show` against a real runtime."""

import json
import re
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from laptop import steps

Renga = Callable[..., Result]
Started = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture(scope="module")
def done(runtime: str) -> str:
    """The id of a run that ended well."""
    from click.testing import CliRunner

    from renga_dev.cli import main

    text = b"CREATE TABLE shown (id integer PRIMARY KEY);"
    result = CliRunner().invoke(main, ["submit", "-", "--json", "--id", "shown", "--at", runtime], input=text)
    run: str = json.loads(result.stdout)["runs"][0]["run"]
    return run


def publish_foreign(cli: Renga, runtime: str, tmp_path: Path) -> str:
    """A run that will never end: a failed attempt that nobody made, of which nothing follows."""
    attempt = {
        "function": "schema/parse",
        "event_type": "some.thing",
        "event_source": "/some/where",
        "event_id": "e",
        "attempt": 2,
        "outcome": "retry",
        "status": 503,
        "reason": "The disk is full.",
        "cold": True,
        "duration_ms": 5.25,
    }
    path = tmp_path / "attempt.json"
    path.write_text(json.dumps({"specversion": "1.0", "id": tmp_path.name, "source": "/test", "data": attempt}))
    result = cli("publish", "dev.renga.platform.attempt.failed.v1", "-f", path, "--json", at=runtime)
    assert result.exit_code == 0, result.output
    run: str = json.loads(result.stdout)["run"]
    return run


def shown(cli: Renga, runtime: str, run: str) -> Any:
    """The run once the ledger has heard of it."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        result = cli("show", run, "--json", at=runtime)
        if result.exit_code == 0:
            return json.loads(result.stdout)
        time.sleep(0.05)
    raise AssertionError(result.output)


def test_runs(cli: Renga, runtime: str, done: str) -> None:
    """A line for each run: id, start, how long, what it is about, how it stands."""
    result = cli("runs", at=runtime)
    assert result.exit_code == 0
    [line] = [line for line in result.stdout.splitlines() if line.startswith(done)]
    assert re.search(r"\d\d:\d\d:\d\d +\d.* m?s +shown +well", line)


def test_runs_of_a_state(cli: Renga, runtime: str, done: str) -> None:
    """--state leaves out the others; --json is one object."""
    well = json.loads(cli("runs", "--state", "well", "--json", at=runtime).stdout)["runs"]
    assert done in [run["run"] for run in well]
    assert {run["state"] for run in well} == {"well"}
    assert done not in cli("runs", "--state", "rejected", at=runtime).output
    misspelt = cli("runs", "--state", "wel", at=runtime)
    assert misspelt.exit_code == 2


def test_show(cli: Renga, runtime: str, done: str) -> None:
    """The timeline: event, function, attempt, cold or warm, duration, outcome."""
    result = cli("show", done, at=runtime)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].startswith(f"run {done} well, after ")
    assert lines[1].split() == ["event", "function", "attempt", "start", "duration", "outcome"]
    chain = [("submitted", "submit"), ("parsed", "parse"), ("validated", "validate"), ("generated", "generate")]
    # Beside the run, before its end or after.
    of_run = [line for line in lines[2:] if "schema.related" not in line]
    for line, (event, function) in zip(of_run, chain, strict=True):
        assert re.fullmatch(rf"schema\.{event} +schema/{function} +1 +(cold|warm) +\d[\d.]* m?s +done *", line)


def test_show_for_machines(cli: Renga, runtime: str, done: str) -> None:
    """--json is the run as the ledger tells it."""
    run = json.loads(cli("show", done, "--json", at=runtime).stdout)
    assert (run["run"], run["state"], len(steps(run))) == (done, "well", 4)


def test_what_is_said_beside_a_run(cli: Renga, runtime: str) -> None:
    """It comes to the timeline when it comes; the inference service, asleep until then, was asked for it."""
    sql = b"CREATE TABLE pot (id integer PRIMARY KEY);\nCREATE TABLE lid (id integer PRIMARY KEY, pot_id integer);"
    submitted = cli("submit", "-", "--json", "--dialect", "postgres", at=runtime, input=sql)
    (ended,) = json.loads(submitted.stdout)["runs"]
    until = time.monotonic() + 90
    while True:
        run = json.loads(cli("show", ended["run"], "--json", at=runtime).stdout)
        beside = [entry for entry in run["timeline"] if entry["function"] == "schema/relate"]
        if beside or time.monotonic() > until:
            break
        time.sleep(0.1)
    (entry,) = beside
    assert (run["state"], entry["event"]) == ("well", "dev.renga.schema.related.v1")
    with urllib.request.urlopen(f"{runtime}/platform/ledger/runs/{ended['run']}/events/{entry['id']}") as answer:
        data = json.load(answer)["data"]
    assert (data["found_by"], data["model"]) == ("model", "links")
    assert [proposal["columns"] for proposal in data["proposals"]] == [["pot_id"]]


def test_an_unknown_run(cli: Renga, runtime: str, done: str) -> None:
    """Exit status 2, and the run that may have been meant: by its beginning, or by likeness."""
    for meant in (done[:9], done[:-2] + "zz"):
        result = cli("show", meant, at=runtime)
        assert result.exit_code == 2
        assert f"There is no run {meant}. Did you mean {done}?" in result.stderr
    assert "Did you mean" not in cli("show", "!!!!", at=runtime).stderr


def test_a_run_that_does_not_end(cli: Renga, runtime: str, tmp_path: Path) -> None:
    """A failed attempt shows its reason; and where nothing more will come, that is said."""
    run = publish_foreign(cli, runtime, tmp_path)
    shown(cli, runtime, run)
    result = cli("show", run, at=runtime)
    assert "retry: The disk is full." in result.stdout
    assert "Nothing that is known will follow" in result.stdout


def test_follow_a_run_that_ended(cli: Renga, runtime: str, done: str) -> None:
    """There is nothing to wait for."""
    assert cli("show", done, "--follow", at=runtime).stdout == cli("show", done, at=runtime).stdout


def test_follow(cli: Renga, started: Started, runtime: str, tmp_path: Path) -> None:
    """A run that goes on is followed; Ctrl-C ends the command, not the run."""
    run = publish_foreign(cli, runtime, tmp_path)
    shown(cli, runtime, run)
    process = started("show", run, "--follow", RENGA_URL=runtime, PYTHONUNBUFFERED="1")
    assert process.stdout is not None
    assert b"retry (attempt 2): The disk is full." in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"The run goes on." in errors
