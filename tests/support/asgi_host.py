"""The function of the working folder under a server of ASGI that is not ours: `asgi_host.py uvicorn` or `gunicorn`.

Both are told that lifespan must work: they end at once where the application does not speak it.
"""

import runpy
import sys
from pathlib import Path

from renga.asgi import asgi
from renga.hosting import HostSettings, application, contract_of, load

settings = HostSettings()


def app() -> object:
    """The application, made anew in whichever process serves it."""
    source = Path(settings.function_source)
    around = application(contract_of(load(source), settings.function_target), settings, source)
    return asgi(around, max_request_bytes=settings.renga_max_request_bytes)


def options(server: str) -> list[str]:
    """What the server is told."""
    folder = str(Path(__file__).parent)
    if server == "uvicorn":
        where = ["--app-dir", folder, "--host", settings.host, "--port", str(settings.port)]
        return [*where, "--lifespan", "on", "--factory", "asgi_host:app"]
    where = ["--pythonpath", folder, "--bind", f"{settings.host}:{settings.port}"]
    return [*where, "--worker-class", "asgi", "--asgi-lifespan", "on", "asgi_host:app()"]


if __name__ == "__main__":
    sys.argv[1:] = options(server := sys.argv[1])
    runpy.run_module(server, run_name="__main__", alter_sys=True)
