"""One child process: in its own session, with its output in a file, gone at the latest when the runtime is."""

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_TAIL_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class Command:
    """What is run, where, and with which environment (all of it)."""

    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str]


class StartFailed(Exception):  # noqa: N818 - says what is the case
    """A replica never became ready.

    Attributes:
        service: which service.
        reason: one sentence.
        log: its last log lines.
    """

    def __init__(self, service: str, reason: str, log: tuple[str, ...] = ()) -> None:
        self.service = service
        self.reason = reason
        self.log = log
        super().__init__("\n".join([f"{service} did not start: {reason}", *(f"    {line}" for line in log)]))

    def again(self) -> "StartFailed":
        """The same failure for another waiter: one raised exception gathers one traceback."""
        return StartFailed(self.service, self.reason, self.log)

    @property
    def sentence(self) -> str:
        """The reason and the last log line, short enough for the body of an answer."""
        last = f" Its last words: {self.log[-1]}" if self.log else ""
        return f"{self.service} did not start: {self.reason}{last}"


class Process:
    """A running child. Make it on the event loop's thread: where the kernel can, the child dies with that thread."""

    def __init__(self, command: Command, log: Path) -> None:
        """Start it.

        Raises:
            OSError: the program is not there, or may not be run.
        """
        self.log = log
        self.exited: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._log_start = output.tell()
            self._popen = subprocess.Popen(
                command.argv,
                cwd=command.cwd,
                env=dict(command.env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                # The one way to ask the kernel for it before the child's own program runs. It takes no lock.
                preexec_fn=_die_with_parent() if sys.platform == "linux" else None,  # noqa: PLW1509
            )
        self.pid = self._popen.pid
        try:
            self._watch()
        except OSError:
            self.kill()
            self._popen.wait()
            raise

    @property
    def alive(self) -> bool:
        """Whether it runs, as the kernel knows it now."""
        return self._popen.poll() is None

    def terminate(self) -> None:
        """Ask it to stop, as a container's runtime asks its first process."""
        if self.alive:
            self._popen.terminate()

    def kill(self) -> None:
        """End it and whatever it started."""
        # macOS says "not permitted" of a group whose only member is already dead.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def last_lines(self, count: int = 20) -> tuple[str, ...]:
        """The end of what it wrote."""
        try:
            with self.log.open("rb") as file:
                end = file.seek(0, os.SEEK_END)
                file.seek(max(self._log_start, end - _TAIL_BYTES))
                text = file.read().decode(errors="replace")
        except FileNotFoundError:
            return ()
        return tuple(line.rstrip() for line in text.splitlines() if line.strip())[-count:]

    def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        if hasattr(os, "pidfd_open"):
            descriptor = os.pidfd_open(self.pid)
            loop.add_reader(descriptor, self._on_pidfd, loop, descriptor)
            return
        # No file descriptor for a process here, so a thread waits for it.
        threading.Thread(target=self._wait, args=(loop,), daemon=True).start()

    def _wait(self, loop: asyncio.AbstractEventLoop) -> None:
        self._popen.wait()
        loop.call_soon_threadsafe(self._ended)

    def _on_pidfd(self, loop: asyncio.AbstractEventLoop, descriptor: int) -> None:
        loop.remove_reader(descriptor)
        os.close(descriptor)
        self._ended()

    def _ended(self) -> None:
        code = self._popen.wait()
        # As with a container: when the first process is gone, so is everything it started.
        self.kill()
        if not self.exited.done():
            self.exited.set_result(code)


def said_exit(code: int) -> str:
    """How a process ended, in words."""
    if code >= 0:
        return f"It exited with code {code}"
    try:
        return f"It was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"It was ended by signal {-code}"


def _die_with_parent() -> Callable[[], None]:
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        # The parent may have died between the fork and the line above.
        if os.getppid() != parent:
            os._exit(1)

    return ask
