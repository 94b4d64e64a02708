"""`renga wiring` and `renga wiring --check` at the command line."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from renga_dev.cli import main

FUNCTION = '''
"""Take it."""

from renga import function
from renga_events.schema import SchemaParsed

@function(concurrency={concurrency})
def handle(parsed: SchemaParsed) -> None:
    """Nothing."""
'''


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one function, written once."""
    source = tmp_path / "functions" / "schema" / "take" / "main.py"
    source.parent.mkdir(parents=True)
    source.write_text(FUNCTION.format(concurrency=4))
    assert run(tmp_path).exit_code == 0
    return tmp_path


def run(root: Path, *arguments: str) -> Result:
    """`renga wiring` in a project."""
    return CliRunner().invoke(main, ["wiring", "--root", str(root), *arguments])


def test_the_check_passes_on_what_was_written(project: Path) -> None:
    """Status 0, and nothing is said to be different."""
    result = run(project, "--check")
    assert result.exit_code == 0
    assert "mends it" not in result.output


def test_the_check_names_a_difference_and_its_cure(project: Path) -> None:
    """Status 1, the file, the lines, the command that mends it; and nothing is written."""
    (project / "functions/schema/take/main.py").write_text(FUNCTION.format(concurrency=7))
    manifest = project / "knative/base/schema-take.yaml"
    before = manifest.read_text()
    result = run(project, "--check")
    assert result.exit_code == 1
    assert "knative/base/schema-take.yaml differs: 1 lines to add, 1 to remove" in result.output
    assert "    +      containerConcurrency: 7" in result.output
    assert "`renga wiring` mends it." in result.output
    assert manifest.read_text() == before


def test_writing_names_the_files_that_changed(project: Path) -> None:
    """Only those."""
    (project / "functions/schema/take/main.py").write_text(FUNCTION.format(concurrency=7))
    result = run(project)
    assert result.exit_code == 0
    assert result.stdout.split() == ["knative/base/schema-take.yaml"]


def test_a_broken_function_fails_the_command(project: Path) -> None:
    """Status 1 with the function and the last line of its traceback, when writing and when checking."""
    (project / "functions/schema/take/main.py").write_text("raise ValueError('half written')")
    for arguments in ((), ("--check",)):
        result = run(project, *arguments)
        assert result.exit_code == 1
        assert "functions/schema/take: ValueError: half written" in result.output


def test_a_folder_without_functions_is_a_misuse(tmp_path: Path) -> None:
    """Status 2, with what to do."""
    result = run(tmp_path)
    assert result.exit_code == 2
    assert "holds no functions/" in result.output


def test_an_unknown_commit_is_a_misuse(project: Path) -> None:
    """Status 2, with what to do."""
    result = run(project, "--against", "nowhere")
    assert result.exit_code == 2
    assert "There is no commit 'nowhere'" in result.output
