"""One function by itself: its own host on a free port, with nowhere to publish to and nothing to remember."""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from renga.http.client import Client
from renga_dev.serving.ports import LOOPBACK, Port

START_S = 30.0
_LOOK_S = 0.02
_GRACE_S = 5.0
_STDERR = 2


class DidNotStart(Exception):  # noqa: N818 - says what is the case
    """The function's process ended, or was not ready in time; its own words went to standard error."""


@asynccontextmanager
async def hosted(folder: Path, name: str) -> AsyncIterator[str]:
    """The URL of a function that runs in its own process for as long as the context lasts.

    Args:
        folder: the one that holds its `main.py`.
        name: `schema/parse`.

    Raises:
        DidNotStart: it could not be started.
    """
    with tempfile.TemporaryDirectory(prefix="renga-") as state, Port() as port:
        url = f"http://{LOOPBACK}:{port.number}"
        ours = {"HOST": LOOPBACK, "PORT": str(port.number), "RENGA_STATE_DIR": state, "RENGA_STORE": "none"}
        inherited = {key: value for key, value in os.environ.items() if key not in {"K_SINK", "RENGA_BLOBS"}}
        # Its log lines are not the answer: they go where errors go.
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "renga.host"),
            cwd=folder,
            env=inherited | ours | {"RENGA_FUNCTION": name},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=_STDERR,
            start_new_session=True,
        )
        try:
            await _ready(process, url, name)
            yield url
        finally:
            await _stop(process)


async def _ready(process: asyncio.subprocess.Process, url: str, name: str) -> None:
    client = Client()
    try:
        async with asyncio.timeout(START_S):
            while process.returncode is None:
                with suppress(ConnectionError):
                    if (await client.request("GET", f"{url}/health/ready")).status == 200:
                        return
                await asyncio.sleep(_LOOK_S)
    except TimeoutError:
        raise DidNotStart(f"{name} was not ready within {START_S:g} s; what it wrote stands above.") from None
    finally:
        client.close()
    raise DidNotStart(f"{name} ended with status {process.returncode} before it was ready; its reason stands above.")


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), _GRACE_S)
    except TimeoutError:
        process.kill()
        await process.wait()
