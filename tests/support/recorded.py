"""Programs on the path that write down how they are called, in place of command lines that talk to a cloud."""

import os
import shlex
from pathlib import Path

_PROGRAM = """#!/bin/sh
printf '%s %s\\n' "${{0##*/}}" "$*" >> {calls}
printed=$(grep -F -- "${{0##*/}} $*|" {answers} | tail -n 1)
printf '%s' "$printed" | cut -d '|' -f 3- | tr ' ' '\\n'
status=$(printf '%s' "$printed" | cut -d '|' -f 2)
exit "${{status:-0}}"
"""


class Recorded:
    """A folder of programs, all of which end well and print nothing until they are told otherwise.

    Args:
        folder: where they are made.
        names: what they are called.
    """

    def __init__(self, folder: Path, *names: str) -> None:
        self.path = folder / "bin"
        self.path.mkdir()
        self._calls, self._answers = folder / "calls", folder / "answers"
        self._answers.touch()
        for name in names:
            program = self.path / name
            text = _PROGRAM.format(calls=shlex.quote(str(self._calls)), answers=shlex.quote(str(self._answers)))
            program.write_text(text)
            program.chmod(0o755)

    def answer(self, command: str, printed: str, status: int = 0) -> None:
        """From now on a command, without quotes, prints these words, and ends so."""
        with self._answers.open("a") as answers:
            answers.write(f"{command}|{status}|{printed}\n")

    def calls(self) -> list[str]:
        """How they were called since this was asked last, in order, without quotes."""
        called = self._calls.read_text().splitlines() if self._calls.is_file() else []
        self._calls.write_text("")
        return called

    def before(self, path: str) -> str:
        """A path with these programs in front."""
        return f"{self.path}{os.pathsep}{path}"
