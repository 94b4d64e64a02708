"""`renga invoke`: one function in its own process, with no runtime."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Renga = Callable[..., Result]
TEXT = "CREATE TABLE shop (id integer PRIMARY KEY);"


@pytest.fixture(autouse=True)
def project(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command is called somewhere below the project's folder."""
    monkeypatch.chdir(repository / "functions" / "schema")


def test_text(cli: Renga, tmp_path: Path) -> None:
    """A file is sent as text, query parameters fill the other fields, the answer is the event's data."""
    path = tmp_path / "shop.sql"
    path.write_text(TEXT)
    result = cli("invoke", "schema/parse", "-f", path, "-q", "name=the shop", "-q", "dialect=postgres")
    assert result.exit_code == 0, result.output
    parsed = json.loads(result.stdout)
    assert (parsed["name"], [table["name"] for table in parsed["model"]["tables"]]) == ("the shop", ["shop"])


def test_json(cli: Renga, tmp_path: Path) -> None:
    """A .json file is sent as JSON, and so is standard input that holds some."""
    content = json.dumps({"name": "j", "text": TEXT}).encode()
    path = tmp_path / "request.json"
    path.write_bytes(content)
    by_name = cli("invoke", "schema/parse", "-f", path)
    by_input = cli("invoke", "schema/parse", "-f", "-", input=content)
    assert json.loads(by_name.stdout) == json.loads(by_input.stdout)
    assert json.loads(by_name.stdout)["name"] == "j"


def test_a_refusal(cli: Renga) -> None:
    """What the function refuses is exit status 1, in the function's words."""
    result = cli("invoke", "schema/submit", "-f", "-", "-q", "targets=x", input=b"text")
    assert result.exit_code == 1
    assert "schema/submit answered 422: " in result.stderr


def test_misuse(cli: Renga, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unknown functions get a suggestion, unreadable files and queries a sentence."""
    unknown = cli("invoke", "schema/prase", "-f", "-", input=b"")
    assert (unknown.exit_code, "Did you mean schema/parse?" in unknown.stderr) == (2, True)
    missing = cli("invoke", "schema/parse", "-f", "nowhere.sql")
    assert (missing.exit_code, "nowhere.sql cannot be read" in missing.stderr) == (2, True)
    query = cli("invoke", "schema/parse", "-f", "-", "-q", "name", input=b"")
    assert (query.exit_code, "-q takes KEY=VALUE, not 'name'" in query.stderr) == (2, True)
    monkeypatch.chdir(tmp_path)
    homeless = cli("invoke", "schema/parse", "-f", "-", input=b"")
    assert (homeless.exit_code, "lies in no project" in homeless.stderr) == (2, True)


def test_a_broken_function(cli: Renga, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A function that does not start is exit status 1; its own words are on standard error."""
    folder = tmp_path / "functions/suite/broken"
    folder.mkdir(parents=True)
    (folder / "main.py").write_text("raise ValueError('no such luck')\n")
    monkeypatch.chdir(tmp_path)
    result = cli("invoke", "suite/broken", "-f", "-", input=b"")
    assert result.exit_code == 1
    assert "suite/broken ended with status 1 before it was ready" in result.stderr


def test_in_a_runtime(cli: Renga, runtime: str) -> None:
    """--at calls the function where it is served instead."""
    result = cli("invoke", "schema/parse", "-f", "-", "-q", "name=n", "--at", runtime, input=TEXT.encode())
    assert json.loads(result.stdout)["name"] == "n"
