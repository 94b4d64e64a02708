"""One replica: a process, its port, the connections to it, and how much it has to do."""

import asyncio
from pathlib import Path

from renga.http.client import Client, Interrupted, Unreachable
from renga_dev.calls import ServiceName
from renga_dev.manifests import Probe
from renga_dev.serving.ports import LOOPBACK, Port
from renga_dev.serving.process import Command, Process, StartFailed, said_exit

_FIRST_PAUSE_S = 0.004
_LONGEST_PAUSE_S = 0.05
_PROBE_TIMEOUT_S = 1.0
"""Knative's is 0.1 s; a busy laptop would turn that into retries of an answer that was on its way."""


class Replica:
    """A process that answers for a revision. `in_flight` and `doubts` are kept by the revision that routes to it."""

    def __init__(self, service: ServiceName, port: Port, process: Process) -> None:
        self.service = service
        self._held = port
        self.port = port.number
        self.process = process
        self.client = Client()
        self.in_flight = 0
        self.ready = False
        self.doubts = 0
        """How many wait to see whether it has ended, because their connection to it broke."""
        self.started = asyncio.get_running_loop().time()
        self.idle = asyncio.Event()
        self.idle.set()

    @classmethod
    def start(cls, service: ServiceName, port: Port, command: Command, log: Path) -> "Replica":
        """Start the process. The port is the replica's from here on.

        Raises:
            StartFailed: there is nothing to start.
        """
        try:
            return cls(service, port, Process(command, log))
        except OSError as error:
            program = " ".join(command.argv)
            reason = f"`{program}` could not be run in {command.cwd}: {error.strerror or error}."
            raise StartFailed(str(service), reason) from error

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def accepts(self) -> bool:
        """Whether it may be given a request."""
        return self.ready and not self.doubts

    async def wait_ready(self, probe: Probe, timeout_s: float) -> None:
        """Return when its probe passed.

        Raises:
            StartFailed: the process ended first, or the time did.
        """
        try:
            async with asyncio.timeout(timeout_s):
                await self._poll(probe)
        except TimeoutError:
            what = f"GET {probe.path}" if probe.path else "a connection"
            reason = f"{what} on its port {self.port} (PORT) did not succeed within {timeout_s:g} s."
            raise StartFailed(str(self.service), reason, self.process.last_lines()) from None
        self.ready = True

    async def _poll(self, probe: Probe) -> None:
        passed = 0
        pause = _FIRST_PAUSE_S
        if probe.initial_delay:
            await self._pause(probe.initial_delay)
        while True:
            passed = passed + 1 if await self._probe_once(probe) else 0
            if passed >= probe.success_threshold and self.process.alive:
                return
            await self._pause(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_S)

    async def _pause(self, seconds: float) -> None:
        await asyncio.wait([self.process.exited], timeout=seconds)
        if self.process.exited.done():
            reason = f"{said_exit(self.process.exited.result())} before it was ready."
            raise StartFailed(str(self.service), reason, self.process.last_lines())

    async def _probe_once(self, probe: Probe) -> bool:
        if probe.path is None:
            try:
                async with asyncio.timeout(_PROBE_TIMEOUT_S):
                    _, writer = await asyncio.open_connection(LOOPBACK, self.port)
            except (OSError, TimeoutError):
                return False
            writer.close()
            return True
        headers = [("user-agent", "kube-probe/renga"), *probe.headers]
        try:
            url = self.url + (probe.path if probe.path.startswith("/") else f"/{probe.path}")
            answer = await self.client.request("GET", url, headers=headers, timeout_s=_PROBE_TIMEOUT_S)
        except (Unreachable, Interrupted, TimeoutError):
            return False
        return 200 <= answer.status < 400

    async def stop(self, grace_s: float) -> None:
        """SIGTERM; SIGKILL to what is left after the grace (wall seconds)."""
        self.ready = False
        self.process.terminate()
        try:
            await asyncio.wait([self.process.exited], timeout=grace_s)
        finally:
            self.process.kill()
            self.client.close()
            self._held.free()
        await asyncio.wait([self.process.exited], timeout=5.0)
