"""`renga up`, `renga status`, `renga demo` and the command as a whole, as processes."""

import json
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from renga_dev.cli.up import manifests_of
from renga_dev.endpoint import announced, find

Renga = Callable[..., Result]
Started = Callable[..., "subprocess.Popen[bytes]"]
UP = ("up", "--port", "0", "--no-verify")


def up_line(process: "subprocess.Popen[bytes]") -> dict[str, object]:
    """What `renga up --json` says first."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.communicate()[1].decode()
    told: dict[str, object] = json.loads(line)
    return told


def test_from_start_to_stop(cli: Renga, started: Started, repository: Path, tmp_path: Path) -> None:
    """Everything is asleep at first; a call wakes one function and is told; Ctrl-C ends it well."""
    process = started(*UP, "--state", tmp_path, "--json", cwd=repository, PYTHONUNBUFFERED="1")
    up = up_line(process)
    url = str(up["url"])
    assert "schema/parse" in str(up["functions"])
    assert announced(tmp_path) == url
    status = json.loads(cli("status", "--json", at=url).stdout)
    assert [service["replicas"] for service in status["services"]] == [[]] * len(status["services"])
    assert cli("invoke", "schema/parse", "-f", "-", "--at", url, input=b"CREATE TABLE t (id int);").exit_code == 0
    assert process.stdout is not None
    awake = json.loads(process.stdout.readline())
    assert (awake["event"], awake["function"]) == ("awake", "schema/parse")
    table = cli("status", at=url).stdout
    assert table.count("asleep") == len(status["services"]) - 1
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=100)
    assert (process.returncode, b"Traceback" in errors) == (0, False)
    assert announced(tmp_path) is None


def test_two_do_not_collide(started: Started, repository: Path, tmp_path: Path) -> None:
    """A taken port and a state folder in use are named, with what to do; another of each is fine."""
    first = started(*UP, "--state", tmp_path / "a", "--json", cwd=repository)
    port = str(up_line(first)["url"]).rpartition(":")[2]
    same_port = started("up", "--port", port, "--state", tmp_path / "b", "--no-verify", cwd=repository)
    _, errors = same_port.communicate(timeout=100)
    assert same_port.returncode == 2
    assert f"Port {port} on 127.0.0.1 is taken".encode() in errors
    assert b"--port" in errors
    same_state = started(*UP, "--state", tmp_path / "a", cwd=repository)
    _, errors = same_state.communicate(timeout=100)
    assert same_state.returncode == 2
    assert b"is in use" in errors
    assert b"--state" in errors
    second = started(*UP, "--state", tmp_path / "c", "--json", cwd=repository)
    assert up_line(second)["url"] != f"http://127.0.0.1:{port}"
    for process in (first, second):
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=100)
        assert process.returncode == 0


def test_the_laptop_has_an_overlay_of_its_own(tmp_path: Path) -> None:
    """A project runs with its overlay for the laptop; with its base where it has none, or nothing."""
    assert manifests_of(tmp_path) == tmp_path / "knative/base"
    (tmp_path / "knative/base").mkdir(parents=True)
    assert manifests_of(tmp_path) == tmp_path / "knative/base"
    (tmp_path / "knative/overlays/laptop").mkdir(parents=True)
    assert manifests_of(tmp_path) == tmp_path / "knative/overlays/laptop"


def test_a_revision_that_does_not_start(started: Started, repository: Path, tmp_path: Path) -> None:
    """A broken function fails the start, with its error shown."""
    (tmp_path / "knative").symlink_to(repository / "knative")
    shutil.copytree(repository / "functions", tmp_path / "functions", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "functions/schema/parse/main.py").write_text("raise ValueError('no such luck')\n")
    process = started("up", "--port", "0", cwd=tmp_path)
    _, errors = process.communicate(timeout=100)
    assert process.returncode == 1
    assert b"no such luck" in errors
    assert b"Nothing was started." in errors


@pytest.mark.parametrize(
    ("manifests", "sentence"),
    [
        (b"", "declares no Knative Service"),
        (b"apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: UPPER}\n", "A cluster would refuse"),
        (b"{", "A cluster would refuse"),
    ],
)
def test_manifests_that_are_none(cli: Renga, manifests: bytes, sentence: str) -> None:
    """Manifests are refused as a cluster would refuse them, before anything listens."""
    result = cli("up", "-f", "-", input=manifests)
    assert result.exit_code == 2
    assert sentence in result.stderr


def test_no_manifests(cli: Renga, tmp_path: Path) -> None:
    """A folder that is not there, and two places at once."""
    missing = cli("up", "-k", tmp_path / "nowhere")
    assert (missing.exit_code, "There are no manifests at" in missing.stderr) == (2, True)
    both = cli("up", "-k", tmp_path, "-f", "-")
    assert (both.exit_code, "-k and -f were both given" in both.stderr) == (2, True)


def test_the_report(cli: Renga) -> None:
    """--report says of each rule whether it is enforced, and starts nothing."""
    table = cli("up", "--report")
    assert table.exit_code == 0
    assert table.stdout.splitlines()[1].split()[0] == "B1"
    told = json.loads(cli("up", "--report", "--profile", "kafka", "--json").stdout)
    assert (told["profile"], told["rules"][0]["id"]) == ("kafka", "B1")


def test_status_of_nothing(cli: Renga) -> None:
    """Where nothing runs, that is said."""
    result = cli("status", "--at", "http://127.0.0.1:9")
    assert (result.exit_code, "No runtime answers" in result.stderr) == (2, True)


def test_the_demo(started: Started, repository: Path, tmp_path: Path) -> None:
    """The demo runs from nothing to its results, says where they are, stops, and ends as its run ended."""
    for folder in ("functions", "knative", "examples"):
        (tmp_path / folder).symlink_to(repository / folder)
    process = started("demo", cwd=tmp_path)
    out, errors = process.communicate(timeout=100)
    assert process.returncode == 0, errors.decode()
    assert b"shop.sql: ended well" in out
    for name in ("postgres.sql", "mysql.sql", "sqlite.sql", "schema.md"):
        assert f"out/demo/{name}".encode() in out
        assert (tmp_path / "out/demo" / name).stat().st_size > 1000
    assert announced(tmp_path / ".renga/demo") is None


def test_a_misspelt_command(cli: Renga) -> None:
    """A misspelt command gets a suggestion."""
    result = cli("sumbit")
    assert result.exit_code == 2
    assert "Did you mean submit?" in result.stderr


def test_the_help(cli: Renga) -> None:
    """Every command is listed, can be imported, and has help of its own."""
    from renga_dev.cli import COMMANDS

    listed = cli("--help").stdout
    for name, purpose in COMMANDS:
        assert f"{name} " in listed
        assert purpose in " ".join(listed.split())
        assert cli(name, "--help").exit_code == 0


def test_where_the_runtime_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What was given wins, then RENGA_URL, then the nearest project's runtime, then the default."""
    monkeypatch.delenv("RENGA_URL", raising=False)
    below = tmp_path / "a/b"
    below.mkdir(parents=True)
    assert find(None, below) == "http://127.0.0.1:8080"
    (tmp_path / ".renga").mkdir()
    (tmp_path / ".renga/runtime.json").write_text('{"pid": 1, "url": "http://127.0.0.1:7777"}')
    assert find(None, below) == "http://127.0.0.1:7777"
    monkeypatch.setenv("RENGA_URL", "http://elsewhere/")
    assert find(None, below) == "http://elsewhere"
    assert find("http://here:1", below) == "http://here:1"
    with pytest.raises(ValueError, match="no http or https URL"):
        find("here:1", below)
