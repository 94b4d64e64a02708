"""The command's group: fast help, commands imported when they are called, and help with misspelt names."""

import importlib
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from renga_dev.cli import COMMANDS, main


def test_the_help_names_every_command() -> None:
    """Each with its one line."""
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    for name, summary in COMMANDS:
        assert name in result.output
        assert summary.split(maxsplit=1)[0] in result.output


@pytest.mark.parametrize("name", [name for name, _ in COMMANDS])
def test_every_command_is_a_module_with_a_command(name: str) -> None:
    """The list and the modules agree, and each command explains itself."""
    command = importlib.import_module(f"renga_dev.cli.{name}").command
    assert isinstance(command, click.Command)
    assert command.help
    assert CliRunner().invoke(main, [name, "--help"]).exit_code == 0


def test_the_help_imports_no_command() -> None:
    """Help costs click and nothing else."""
    said = (
        "import sys; from renga_dev.cli import main; main(['--help'], standalone_mode=False);"
        "print('imported:', *(name for name in sys.modules if name.startswith(('renga_dev.cli.', 'pydantic', 'yaml'))))"
    )
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True, timeout=60)
    imported = done.stdout.rpartition("imported:")[2].split()
    assert imported == []


def test_a_misspelt_command_is_answered_with_the_one_that_was_meant() -> None:
    """And it is a misuse: status 2."""
    result = CliRunner().invoke(main, ["wirin"])
    assert result.exit_code == 2
    assert "There is no command 'wirin'. Did you mean wiring?" in result.output
