"""`renga publish` against a real runtime."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Renga = Callable[..., Result]

SUBMITTED = "dev.renga.schema.submitted.v1"
DATA = {"schema_id": "published", "name": "p.sql", "text": "CREATE TABLE p (id integer PRIMARY KEY);"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Data of a submission."""
    path = tmp_path / "event.json"
    path.write_text(json.dumps(DATA))
    return path


def run_of(cli: Renga, runtime: str, run: str, state: str) -> Any:
    """The run, once it is in that state."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        result = cli("show", run, "--json", at=runtime)
        if result.exit_code == 0 and json.loads(result.stdout)["state"] == state:
            return json.loads(result.stdout)
        time.sleep(0.05)
    raise AssertionError(result.output)


def test_data(cli: Renga, runtime: str, data: Path) -> None:
    """Data becomes an event of its own, with a subject; it begins a run under its id."""
    result = cli("publish", SUBMITTED, "-f", data, "--json", at=runtime)
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["id"] == told["run"]
    run = run_of(cli, runtime, told["run"], "well")
    assert (run["subject"], run["timeline"][0]["source"]) == ("published", "/renga/publish")


def test_a_whole_event(cli: Renga, runtime: str, tmp_path: Path) -> None:
    """A structured event keeps its attributes, but for those that options set."""
    event = {"specversion": "1.0", "id": "given", "source": "/mine", "type": SUBMITTED, "correlationid": "whole-run"}
    path = tmp_path / "whole.json"
    path.write_text(json.dumps(event | {"data": DATA}))
    result = cli("publish", SUBMITTED, "-f", path, "--id", "other", at=runtime)
    assert result.exit_code == 0, result.output
    assert "id  other" in result.stdout
    assert "run whole-run" in result.stdout
    first = run_of(cli, runtime, "whole-run", "well")["timeline"][0]
    assert (first["id"], first["source"]) == ("other", "/mine")


def test_options(cli: Renga, runtime: str) -> None:
    """--id, --source and --subject make the event; standard input holds its data."""
    options = ("--id", "chosen", "--source", "/desk", "--subject", "about")
    result = cli("publish", SUBMITTED, "-f", "-", *options, at=runtime, input=json.dumps(DATA).encode())
    assert result.exit_code == 0, result.output
    run = run_of(cli, runtime, "chosen", "well")
    assert (run["subject"], run["timeline"][0]["source"]) == ("about", "/desk")


@pytest.mark.parametrize(
    ("ce_type", "content", "sentence"),
    [
        ("dev.renga.schema.submited.v1", "{}", "There is no event type dev.renga.schema.submited.v1. Did you mean"),
        (SUBMITTED, '{"schema_id": 5}', f"is no {SUBMITTED}: schema_id: input should be a valid string; text: field"),
        (SUBMITTED, "{", "is not JSON"),
        (SUBMITTED, '{"specversion": "1.0", "type": "other", "id": "1"}', f"of type other, not {SUBMITTED}"),
        (SUBMITTED, '{"specversion": "1.0", "id": "1"}', "no source"),
    ],
)
def test_misuse(cli: Renga, tmp_path: Path, ce_type: str, content: str, sentence: str) -> None:
    """What does not fit is refused before anything is sent: no runtime is needed for that."""
    path = tmp_path / "event.json"
    path.write_text(content)
    result = cli("publish", ce_type, "-f", path, "--at", "http://127.0.0.1:9")
    assert result.exit_code == 2
    assert sentence in result.stderr


def test_nobody_takes_it(cli: Renga, data: Path) -> None:
    """No runtime, no file: each has its sentence."""
    away = cli("publish", SUBMITTED, "-f", data, "--at", "http://127.0.0.1:9")
    assert (away.exit_code, "No runtime answers" in away.stderr) == (2, True)
    missing = cli("publish", SUBMITTED, "-f", "nowhere.json")
    assert (missing.exit_code, "nowhere.json cannot be read" in missing.stderr) == (2, True)
