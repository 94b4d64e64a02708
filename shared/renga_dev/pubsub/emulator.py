"""The Pub/Sub emulator of the Google Cloud CLI: the one that is running, or one of our own."""

import asyncio
import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from renga.http.client import Client
from renga_dev.serving.ports import LOOPBACK, Port
from renga_dev.serving.process import Command, Process

VARIABLE = "PUBSUB_EMULATOR_HOST"
_START_S = 60.0
_STOP_S = 5.0
_PROGRAM = "platform/pubsub-emulator/bin/cloud-pubsub-emulator"


class NoEmulator(RuntimeError):  # noqa: N818 - says what is the case
    """There is none, or it does not answer."""


@dataclass(slots=True)
class Emulator:
    """A Pub/Sub that answers at an address, and that we end if we began it."""

    host: str
    """`127.0.0.1:8085`."""
    process: Process | None = None

    @property
    def base(self) -> str:
        """Where its REST API is."""
        return f"http://{self.host}"

    async def stop(self) -> None:
        """End it, if it is ours. It keeps nothing."""
        if self.process is not None:
            await _end(self.process)


def program() -> Path | None:
    """The emulator that the Google Cloud CLI has installed."""
    gcloud = shutil.which("gcloud")
    if gcloud is None:
        return None
    found = Path(gcloud).resolve().parents[1] / _PROGRAM
    return found if found.is_file() else None


async def emulator(log: Path) -> Emulator:
    """The emulator that the environment names, or else one that is started here; `log` takes what it says.

    Raises:
        NoEmulator: neither can be had.
    """
    if named := os.environ.get(VARIABLE):
        if not await _answers(named):
            raise NoEmulator(f"{VARIABLE}={named}, but nothing answers there: start it, or unset the variable.")
        return Emulator(named)
    path = program()
    if path is None:
        raise NoEmulator(
            f"There is no Pub/Sub emulator: set {VARIABLE} to one that runs, or install it with"
            " `gcloud components install pubsub-emulator` (it needs Java)."
        )
    with Port() as port:
        argv = (str(path), f"--host={LOOPBACK}", f"--port={port.number}")
        host, process = f"{LOOPBACK}:{port.number}", Process(Command(argv, log.parent, dict(os.environ)), log)
        deadline = asyncio.get_running_loop().time() + _START_S
        while not await _answers(host):
            if process.exited.done() or asyncio.get_running_loop().time() > deadline:
                await _end(process)
                raise NoEmulator(f"The Pub/Sub emulator does not start; {log} says why.")
            await asyncio.sleep(0.1)
        return Emulator(host, process)


async def _end(process: Process) -> None:
    process.terminate()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(asyncio.shield(process.exited), _STOP_S)
    process.kill()
    await asyncio.wait([process.exited], timeout=_STOP_S)


async def _answers(host: str) -> bool:
    client = Client(connect_timeout_s=1)
    try:
        return (await client.request("GET", f"http://{host}/", timeout_s=2)).status == 200
    except (ConnectionError, TimeoutError):
        return False
    finally:
        client.close()
