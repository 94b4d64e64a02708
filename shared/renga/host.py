"""The slim host: `python -m renga.host` serves one function over HTTP until SIGTERM.

The module is imported before the port is bound, so that a broken revision never looks ready.
"""

import renga._coldstart  # isort: skip  # noqa: F401 - before everything that is slow to import

import asyncio
import gc
import signal
import sys
from pathlib import Path

from renga.asgi import asgi
from renga.hosting import HostSettings, application, contract_of, load
from renga.http.server import Server

_GARBAGE_AFTER = (20_000, 2, 2)
"""Objects between collections of each generation: a request leaves no cycles behind, so the default of 700 looks for
nothing; what a closed connection leaves is old by then, and found after 80,000, not after two million."""


async def serve(settings: HostSettings) -> None:
    """Serve the function that the settings name until SIGTERM or SIGINT, then finish what was accepted."""
    source = Path(settings.function_source)
    contract = contract_of(load(source), settings.function_target)
    app = application(contract, settings, source)
    server = Server(asgi(app, max_request_bytes=settings.renga_max_request_bytes))
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    # What was imported lives as long as the process: collecting it over and over only costs.
    gc.freeze()
    gc.set_threshold(*_GARBAGE_AFTER)
    gc.enable()
    await server.start(settings.host, settings.port)
    app.relay()
    await stopping.wait()
    app.stop()
    await server.drain(contract.deployment.timeout_s)
    await app.close()


def main() -> int:
    """Serve; a module or a setting that is wrong ends the process with its reason before the port is bound."""
    try:
        asyncio.run(serve(HostSettings()))
    except (LookupError, ValueError, FileNotFoundError, TypeError) as error:
        import traceback

        traceback.print_exception(error)
        sys.stderr.write(f"renga.host: {error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"renga.host: cannot listen: {error.strerror or error}. Set PORT to a free port.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
