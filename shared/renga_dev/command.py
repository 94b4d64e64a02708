"""Commands of other programs: shown as one could paste them, then run."""

import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_ERRORS = 2
"""The file descriptor of standard error."""


@dataclass(frozen=True, slots=True)
class Command:
    """What is run, and what it needs in its environment besides ours."""

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """As a shell takes it."""
        return " ".join([*(f"{name}={shlex.quote(value)}" for name, value in self.env.items()), shlex.join(self.argv)])


class Failed(RuntimeError):  # noqa: N818 - says what is the case
    """A command did not do what it is for.

    Args:
        command: which.
        how: such as `ended with status 1`.
        said: what it wrote to standard error, where that was caught.
    """

    def __init__(self, command: Command, how: str, said: str = "") -> None:
        self.said = said.strip()
        super().__init__(f"`{command}` {how}." + (f"\n{self.said}" if self.said else ""))


def missing(programs: Iterable[str]) -> list[str]:
    """Those that are not on the path, each once."""
    return [name for name in dict.fromkeys(programs) if shutil.which(name) is None]


def ended(status: int) -> str:
    """How a command ended, of the status that `subprocess` tells."""
    return f"ended with status {status}" if status >= 0 else f"was ended by {signal.Signals(-status).name}"


def read(command: Command, folder: Path, *, fine: Collection[int] = (0,)) -> str:
    """Run a command and return what it wrote to standard output.

    Args:
        command: what to run.
        folder: where.
        fine: the statuses that are no failure.

    Raises:
        Failed: it ended with another status.
    """
    done = subprocess.run(
        command.argv, cwd=folder, env=os.environ | command.env, capture_output=True, text=True, check=False
    )
    if done.returncode not in fine:
        raise Failed(command, ended(done.returncode), done.stderr)
    return done.stdout


def run(command: Command, folder: Path) -> None:
    """Run a command whose output is for who waits: all of it goes to standard error.

    Raises:
        Failed: it ended with a status other than 0.
    """
    done = subprocess.run(command.argv, cwd=folder, env=os.environ | command.env, stdout=_ERRORS, check=False)
    if done.returncode:
        raise Failed(command, ended(done.returncode))
