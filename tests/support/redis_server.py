"""A real Redis of a test's own, which may go away and come back with what it held."""

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hosts import PATIENCE_S, free_port


class RedisServer:
    """One server on one port; it writes down every change before it answers."""

    def __init__(self, program: str, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self._command = [program, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder)]
        self._command += ["--save", "", "--appendonly", "yes", "--appendfsync", "no"]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it with what it held, and wait until it answers."""
        self.process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as asking:
                    asking.sendall(b"PING\r\n")
                    if asking.recv(5) == b"+PONG":
                        return
            except OSError:
                pass
            time.sleep(0.02)
        raise RuntimeError(f"Redis did not start within {PATIENCE_S:g} s")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it."""
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(how)
            self.process.wait(PATIENCE_S)
            self.process = None

    def crash(self) -> None:
        """End it as a bug in it would."""
        self.stop(signal.SIGKILL)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to all of it: SIGSTOP freezes it with its connections open, SIGCONT lets it go on."""
        assert self.process is not None
        self.process.send_signal(number)

    def hang_up(self) -> None:
        """Cut every connection."""
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE_S) as asking:
            asking.sendall(b"CLIENT KILL TYPE normal SKIPME yes\r\n")
            asking.recv(64)


@contextmanager
def server(folder: Path) -> Iterator[RedisServer]:
    """A running one; skips where there is no Redis."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed; Debian's package is redis-server")
    made = RedisServer(program, folder)
    made.start()
    try:
        yield made
    finally:
        made.stop()
