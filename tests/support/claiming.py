"""A process that dies with what it has claimed in an idempotency store."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_CLAIM = """
import asyncio, sys
from renga.idempotency import store_for

async def main():
    await store_for(sys.argv[1], "suite/name").claim("k", 3600)
    print("claimed", flush=True)
    await asyncio.sleep(3600)

asyncio.run(main())
"""


@contextmanager
def claimer(url: str) -> Iterator[None]:
    """While a process lives that has claimed `k` for an hour in the store at a URL, for the function `suite/name`.

    At the end it is killed.

    Raises:
        AssertionError: it ended before it had claimed anything.
    """
    with subprocess.Popen([sys.executable, "-c", _CLAIM, url], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == b"claimed\n"
            yield
        finally:
            process.kill()
