"""`renga new` at the command line."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from renga_dev.cli import main


def run(root: Path, *arguments: str) -> Result:
    """`renga new` in a project."""
    return CliRunner().invoke(main, ["new", "--root", str(root), *arguments])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project without functions."""
    (tmp_path / "functions").mkdir()
    return tmp_path


def test_a_new_function_is_three_places_and_in_step(project: Path) -> None:
    """Its folder, its test and its manifest are written and named, and the check passes at once."""
    result = run(project, "schema/enrich", "--consumes", "schema.parsed.v1")
    assert result.exit_code == 0, result.output
    assert {
        "functions/schema/enrich/main.py",
        "tests/functions/schema/enrich/test_main.py",
        "knative/base/schema-enrich.yaml",
    } <= set(result.output.split())
    assert CliRunner().invoke(main, ["wiring", "--check", "--root", str(project)]).exit_code == 0


def test_a_misuse_writes_nothing(project: Path) -> None:
    """Status 2 with the sentence that says why."""
    result = run(project, "schema/enrich", "--consumes", "schema.parsd.v1")
    assert result.exit_code == 2
    assert "Did you mean schema.parsed.v1?" in result.output
    assert list((project / "functions").iterdir()) == []


def test_a_folder_without_functions_is_a_misuse(tmp_path: Path) -> None:
    """Status 2: this is no project."""
    assert run(tmp_path, "schema/enrich").exit_code == 2
