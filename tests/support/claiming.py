"""A process that dies with what it has claimed in an idempotency store."""

import signal
import subprocess
import sys

_CLAIM = """
import asyncio, os, signal, sys
from renga.idempotency import store_for

async def main():
    await store_for(sys.argv[1], "suite/name").claim("k", 3600)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


def claim_and_die(url: str) -> None:
    """Claim `k` for an hour in the store at a URL, for the function `suite/name`, and be killed.

    Raises:
        AssertionError: it ended otherwise, perhaps before it had claimed anything.
    """
    ended = subprocess.run([sys.executable, "-c", _CLAIM, url], check=False, timeout=60, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
