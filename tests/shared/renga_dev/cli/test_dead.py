"""`renga dead` against real runtimes: a function that fails, is mended, and takes what it missed."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from hosts import free_port
from laptop import RENGA, Laptop
from pubsub_server import PubSubServer
from renga_dev.pubsub.transport import PROJECT

Renga = Callable[..., Result]

DESIGN = "CREATE TABLE t (id integer PRIMARY KEY);"
BROKEN = '    raise Reject("Designs are not read today.")\n'
SUBMITTED = "dev.renga.schema.submitted.v1"


def git(project: Path, *arguments: str) -> None:
    """Git, as somebody who has a name and worked an hour ago."""
    dated = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() - 3600))
    who = {f"GIT_{role}_{what}": "test" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {**os.environ, **who, "GIT_AUTHOR_DATE": dated, "GIT_COMMITTER_DATE": dated}
    subprocess.run(["git", *arguments], cwd=project, env=environment, check=True, capture_output=True)


@pytest.fixture
def project(repository: Path, tmp_path: Path) -> Path:
    """This repository's functions in a repository of their own, whose last commit broke the parser."""
    made = tmp_path / "project"
    for name in ("functions", "knative"):
        shutil.copytree(repository / name, made / name, ignore=shutil.ignore_patterns("__pycache__"))
    (made / "events").mkdir()
    shutil.copy(repository / "events/pubsub.json", made / "events")
    change_parser(made, "import function\n", "import Reject, function\n")
    change_parser(made, "    try:\n", f"{BROKEN}    try:\n")
    git(made, "init", "-q")
    git(made, "add", ".")
    git(made, "commit", "-q", "-m", "Read no designs")
    return made


def mend(project: Path) -> None:
    """Take out what broke it."""
    change_parser(project, BROKEN, "")


def change_parser(project: Path, before: str, after: str) -> None:
    """Put one line in another's place."""
    parser = project / "functions/schema/parse/main.py"
    parser.write_text(parser.read_text().replace(before, after, 1))


def said(done: "subprocess.CompletedProcess[str]") -> Any:
    """The JSON that a command printed; it must have gone well."""
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def letters(laptop: Laptop, run: str, *options: str) -> list[dict[str, Any]]:
    """The letters of a run, once the desk has one."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        done = laptop.renga("dead", "list", "--json", "--filter", f"run = '{run}'", *options)
        assert done.returncode in {0, 1}, done.stderr
        if done.returncode == 0:
            found: list[dict[str, Any]] = json.loads(done.stdout)["letters"]
            return found
        time.sleep(0.1)
    raise AssertionError(f"no letter of {run}")


def well(laptop: Laptop, run: str) -> bool:
    """Whether a run ends well, given its time."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        found = laptop.run(run)
        if found is not None and found["state"] == "well":
            return True
        time.sleep(0.05)
    return False


def offline(laptop: Laptop, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """A command while nothing runs."""
    environment = {name: value for name, value in os.environ.items() if name != "RENGA_URL"}
    command = [*RENGA, *arguments, "--state", str(laptop.state)]
    return subprocess.run(command, cwd=laptop.project, env=environment, capture_output=True, text=True, check=False)


def tell_the_story(laptop: Laptop, *options: str) -> str:
    """Rejected, buried, listed, mended, compared, tried, replayed, marked, dropped. Returns the letter's id."""
    laptop.up(*options)
    run = laptop.submit(DESIGN)
    assert laptop.buried(run)["function"] == "schema/parse"
    [letter] = letters(laptop, run)
    assert (letter["function"], letter["code"], letter["type"]) == ("schema/parse", 422, SUBMITTED)
    assert letter["reason"] == "Designs are not read today."
    shown = laptop.renga("dead", "show", letter["id"][:8])
    assert f"renga show {run}" in shown.stdout
    assert DESIGN in shown.stdout
    assert f"run = '{run}'" in laptop.renga("show", run).stdout

    unchanged = laptop.renga("dead", "diff", letter["id"])
    assert (unchanged.returncode, "no line of functions/schema/parse differs" in unchanged.stdout) == (1, True)
    failed = laptop.renga("dead", "replay", letter["id"])
    assert (failed.returncode, "it answered 422: Designs are not read today." in failed.stdout) == (1, True)

    laptop.down()
    mend(laptop.project)
    assert said(offline(laptop, "dead", "list", "--json"))["letters"][0]["replays"] == 1
    compared = offline(laptop, "dead", "diff", letter["id"])
    assert (compared.returncode, f"-{BROKEN}" in compared.stdout) == (0, True)
    assert "cannot be reached" in offline(laptop, "dead", "replay", letter["id"], "--dry-run").stdout

    laptop.up(*options)
    tried = said(laptop.renga("dead", "replay", "--filter", f"run = '{run}'", "--dry-run", "--json"))["would_send"]
    assert [(row["letter"], "schema-parse" in row["to"]) for row in tried] == [(letter["id"], True)]
    found = laptop.run(run)
    assert found is not None
    assert found["state"] == "failed"
    [replayed] = said(laptop.renga("dead", "replay", "--filter", f"run = '{run}'", "--json"))["replayed"]
    assert (replayed["letter"], replayed["outcome"]) == (letter["id"], "well")
    assert well(laptop, run)

    assert laptop.renga("dead", "list").returncode == 1
    [marked] = letters(laptop, run, "--all")
    assert (marked["replays"], marked["outcome"], marked["came"]) == (2, "well", 1)
    again = laptop.renga("dead", "replay", letter["id"])
    assert (again.returncode, "had handled this before" in again.stdout) == (0, True)
    assert laptop.renga("dead", "drop", "--filter", "outcome = 'well'", "--yes").returncode == 0
    assert laptop.renga("dead", "list", "--all").returncode == 1
    return str(letter["id"])


@pytest.mark.timeout(300)
def test_through_the_broker(project: Path, tmp_path: Path) -> None:
    """What a function rejected is kept, and once it is mended the run goes on to its good end."""
    laptop = Laptop(tmp_path / "state", project=project)
    try:
        tell_the_story(laptop)
    finally:
        laptop.down()


@pytest.mark.connected
@pytest.mark.timeout(600)
def test_through_pubsub(project: Path, emulator: PubSubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same through Pub/Sub; and a subscription to its dead letters has the same letter."""
    with emulator.own(PROJECT) as server:
        server.call("PUT", "topics/renga-dead-letters", {})
        server.subscribe("renga-dead-letters", "kept")
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", server.host)
        laptop = Laptop(tmp_path / "state", project=project)
        try:
            letter = tell_the_story(laptop, "--broker", "pubsub")
            place = ("--from", f"pubsub://{PROJECT}/kept")
            for _ in range(2):  # Looking takes nothing away.
                [pulled] = said(laptop.renga("dead", "list", "--json", *place))["letters"]
                assert (pulled["id"], pulled["reason"]) == (letter, "Designs are not read today.")
            assert DESIGN in laptop.renga("dead", "show", letter, *place).stdout
            replayed = laptop.renga("dead", "replay", letter, *place)
            assert (replayed.returncode, "had handled this before" in replayed.stdout) == (0, True)
            assert "1 cannot be marked there" in replayed.stderr
            assert laptop.renga("dead", "drop", letter, "--yes", *place).returncode == 0
            assert laptop.renga("dead", "list", *place).returncode == 1
            give_up(laptop, "--broker", "pubsub")
        finally:
            laptop.down()


def give_up(laptop: Laptop, *options: str) -> None:
    """A function fails until its subscription gives up; the same letter, with what Pub/Sub knows of it."""
    laptop.down()
    change_parser(laptop.project, "    try:\n", "    assert False\n    try:\n")
    laptop.up(*options)
    run = laptop.submit(DESIGN, schema_id="another")
    assert "6 deliveries" in str(laptop.buried(run)["error"])
    [letter] = letters(laptop, run)
    assert (letter["function"], letter["code"], letter["came"]) == ("schema/parse", None, 1)
    laptop.down()
    change_parser(laptop.project, "    assert False\n", "")
    laptop.up(*options)
    assert laptop.renga("dead", "replay", letter["id"]).returncode == 0
    assert well(laptop, run)


@pytest.mark.timeout(300)
def test_what_the_desk_did_not_take(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is found in the runtime's event log all the same, and is no letter any more once it was taken."""
    laptop = Laptop(tmp_path / "state", project=project)
    monkeypatch.setenv("DEADLETTER_DATABASE", f"postgresql://renga@127.0.0.1:{free_port()}/nothing")
    try:
        laptop.up()
        run = laptop.submit(DESIGN)
        deadline = time.monotonic() + 60
        while laptop.get("/-/status")[1]["lost"] == 0 and time.monotonic() < deadline:
            time.sleep(0.2)
        assert "renga dead list" in laptop.renga("status").stdout
        laptop.down()
        monkeypatch.delenv("DEADLETTER_DATABASE")
        mend(project)
        [letter] = said(offline(laptop, "dead", "list", "--json"))["letters"]
        assert (letter["run"], letter["function"], letter["reason"]) == (
            run,
            "schema/parse",
            "Designs are not read today.",
        )
        assert "nor the dead-letter desk" in letter["said"]
        laptop.up()
        assert laptop.renga("dead", "replay", letter["id"]).returncode == 0
        assert well(laptop, run)
        assert laptop.renga("dead", "list", "--all").returncode == 1
    finally:
        laptop.down()


@pytest.mark.timeout(300)
def test_to_everyone_and_ctrl_c(project: Path, tmp_path: Path) -> None:
    """The Broker gets an event again where that is asked for; Ctrl-C says what was sent and leaves the rest."""
    laptop = Laptop(tmp_path / "state", project=project)
    try:
        laptop.up()
        runs = [laptop.submit(f"CREATE TABLE t{number} (id integer);") for number in range(3)]
        for run in runs:
            letters(laptop, run)
        # The desk has kept the third, and the runtime may have yet to hear of it.
        deadline = time.monotonic() + 60
        while laptop.get("/-/status")[1]["dead"] < 3 and time.monotonic() < deadline:
            time.sleep(0.1)
        assert "3 dead, 0 lost: `renga dead list`" in laptop.renga("status").stdout
        [sent] = said(laptop.renga("dead", "replay", "--filter", f"run = '{runs[0]}'", "--everyone", "--json"))[
            "replayed"
        ]
        assert sent["outcome"] == "sent"
        deadline = time.monotonic() + 60
        while letters(laptop, runs[0])[0]["came"] == 1 and time.monotonic() < deadline:
            time.sleep(0.1)
        [letter] = letters(laptop, runs[0])
        assert (letter["came"], letter["replays"], letter["outcome"]) == (2, 1, None)

        process = subprocess.Popen(
            [*RENGA, "dead", "replay", "--filter", "TRUE", "--rate", "1/h", "--at", laptop.url],
            cwd=project,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        assert process.stdout is not None
        assert b"failed: it answered 422" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 130
        assert b"1 failed again, 2 not sent" in errors
    finally:
        laptop.down()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("list", "--filter", "a = "), "not CloudEvents SQL"),
        (("replay",), "--filter TRUE takes all"),
        (("drop",), "--filter TRUE takes all"),
        (("replay", "x", "--rate", "0/s"), "no rate"),
        (("replay", "x", "--rate", "5/day"), "no rate"),
        (("list", "--from", "pubsub://only"), "pubsub://PROJECT/SUBSCRIPTION"),
        (("list", "--from", "ftp://there"), "pubsub://PROJECT/SUBSCRIPTION"),
        (("show", "x", "--at", "http://127.0.0.1:1"), "No runtime answers"),
        (("show", "x"), "There is no dead letter x"),
    ],
    ids=" ".join,
)
def test_misuse(cli: Renga, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    """Exit status 2, and a sentence that says what to do."""
    result = cli("dead", *arguments, "--state", tmp_path)
    assert (result.exit_code, said in result.stderr) == (2, True), result.output


def test_nothing(cli: Renga, tmp_path: Path) -> None:
    """Where nothing ran there are no letters, exit status 1, and looking makes no file."""
    result = cli("dead", "list", "--state", tmp_path / "none")
    assert (result.exit_code, "No dead letters" in result.stderr) == (1, True)
    assert cli("dead", "replay", "--filter", "TRUE", "--state", tmp_path / "none").exit_code == 1
    assert cli("dead", "drop", "--filter", "TRUE", "--state", tmp_path / "none").exit_code == 1
    assert not list(tmp_path.iterdir())
