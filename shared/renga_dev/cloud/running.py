"""Runs plans: says each command before it, lets it talk to whoever sits there, and lets it end by itself."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from renga_dev.cloud import programs
from renga_dev.cloud.step import Step
from renga_dev.command import Command, Failed, ended

_AGAIN_S = 10.0
_UNATTENDED = {"AWS_PAGER": ""}
"""`aws` shows what it did in a pager, and waits for somebody to leave it."""


class Unfinished(Exception):  # noqa: N818 - says what is the case
    """A plan ended before its end."""

    def __init__(self, reason: str, steps: Sequence[Step], number: int) -> None:
        done, undone = steps[:number], steps[number:]
        super().__init__(
            "\n".join(
                [
                    reason,
                    f"Done: {'; '.join(step.why for step in done) or 'nothing'}.",
                    f"Not done: {'; '.join(step.why for step in undone)}.",
                    *([undone[0].go_on] if undone else []),
                ]
            )
        )


class Interrupted(Unfinished):
    """Ctrl-C."""


class Runner:
    """Runs commands in the current folder, with what is in our environment.

    SIGINT is not handed on: a terminal sends it to every program in its foreground, terraform among them, and a second
    one would make terraform give up at once. It is remembered, so that nothing more begins.

    Args:
        say: shows a line.
        again_s: the pause (seconds) between two attempts of a step that is asked again.
    """

    def __init__(self, say: Callable[[str], None], *, again_s: float = _AGAIN_S) -> None:
        self._say = say
        self._again_s = again_s
        self._interrupted = threading.Event()

    def ask(self, command: Command) -> str:
        """What a command prints.

        Raises:
            Missing: there is no such program.
            Failed: it ended with a status other than 0.
            KeyboardInterrupt: Ctrl-C, once it has ended.
        """
        programs.require(command.argv[:1])
        with self._heeding():
            try:
                printed = self._asked(command)
            finally:
                if self._interrupted.is_set():
                    raise KeyboardInterrupt
        return printed

    def do(self, steps: Sequence[Step]) -> None:
        """Run a plan to its end.

        Raises:
            Missing: one of its programs is not there; nothing was run.
            Unfinished: a step failed.
            Interrupted: it was told to stop.
        """
        programs.require(step.command.argv[0] for step in steps)
        with self._heeding():
            for number, step in enumerate(steps):
                if self._interrupted.is_set():
                    raise Interrupted("Stopped by Ctrl-C.", steps, number)
                try:
                    self._do(step)
                except Failed as error:
                    if self._interrupted.is_set():
                        raise Interrupted("Stopped by Ctrl-C.", steps, number) from None
                    raise Unfinished(str(error), steps, number) from None

    def _do(self, step: Step) -> None:
        if step.unless and all(question.is_answered_by(self._asked(question.command)) for question in step.unless):
            self._say(f"# {step.why}: it is so already")
            return
        self._say(step.comment())
        self._say(str(step))
        until = time.monotonic() + step.patience_s
        while True:
            printed = self._run(step.command, listening=step.prints is not None)
            if step.prints is None or printed.split()[:1] == step.prints.split():
                return
            if time.monotonic() >= until:
                raise Failed(step.command, _unexpected(step, printed))
            if self._interrupted.wait(self._again_s):
                raise Failed(step.command, "was not waited for")

    def _asked(self, command: Command) -> str:
        self._say(str(command))
        return self._run(command, listening=True)

    def _run(self, command: Command, *, listening: bool) -> str:
        """Run a command to its end, whatever happens meanwhile; what it printed, where that is listened to."""
        output = subprocess.PIPE if listening else None
        environment = {**os.environ, **_UNATTENDED, **command.env}
        with subprocess.Popen(command.argv, stdout=output, env=environment, text=True) as process:
            printed, _ = process.communicate()
        if process.returncode:
            raise Failed(command, ended(process.returncode))
        return printed or ""

    @contextmanager
    def _heeding(self) -> Iterator[None]:
        def heed(_signal: int, _frame: FrameType | None) -> None:
            self._interrupted.set()

        before = signal.signal(signal.SIGINT, heed)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)


def _unexpected(step: Step, printed: str) -> str:
    said = f"printed `{printed.strip()}`" if printed.strip() else "printed nothing"
    wanted = f"`{step.prints}`" if step.prints else "nothing"
    waited = f" after {step.patience_s} s" if step.patience_s else ""
    return f"{said}{waited}, where {wanted} would be well"
