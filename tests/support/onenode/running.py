"""Runs other programs, and waits for what they start."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
Word = str | Path


class Failed(RuntimeError):  # noqa: N818 - says what is the case
    """A program ended badly, or what it should bring about does not come."""


def run(*command: Word, given: str | None = None, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    """Run a program to its end and return what it wrote.

    Raises:
        Failed: it ended with another status than 0.
    """
    argv = [str(word) for word in command]
    done = subprocess.run(argv, input=given, capture_output=True, text=True, check=False, cwd=cwd, env=env)
    if done.returncode:
        raise Failed(f"`{' '.join(argv)}` ended with {done.returncode}: {done.stderr.strip()[-2000:]}")
    return done.stdout.strip()


def until(what: str, look: Callable[[], T], patience_s: float) -> T:
    """Look until there is something.

    Args:
        what: what is waited for, for the sentence.
        look: returns something that is true once it is there; until then it may fail.
        patience_s: for how long.

    Raises:
        Failed: it is not there in time.
    """
    deadline = time.monotonic() + patience_s
    why = ""
    while True:
        try:
            if found := look():
                return found
        except (OSError, Failed) as error:
            why = f" {error}"
        if time.monotonic() > deadline:
            raise Failed(f"{what}: not there after {patience_s:g} s.{why}")
        time.sleep(0.2)


@contextmanager
def timed(step: str) -> Iterator[None]:
    """Say how long a step took, once it is done."""
    began = time.monotonic()
    yield
    print(f"{step}: {time.monotonic() - began:.1f} s", flush=True)  # noqa: T201 - what a command says
