"""`renga inference`: the inference service, here, until Ctrl-C."""

import os
import sys
from pathlib import Path

import click


@click.command()
@click.option(
    "--models", metavar="DIR|URL", help="A folder or bucket of models; by default those that come with Renga."
)
@click.option("--port", type=click.IntRange(0, 65535), help="The port of HTTP; by default PORT, or 8080.")
@click.option("--grpc-port", type=click.IntRange(0, 65535), help="The port of gRPC; by default there is none.")
def command(*, models: str | None, port: int | None, grpc_port: int | None) -> None:
    """Serve every model of a folder by name and version, over the Open Inference Protocol.

    What is not given here is read from the environment: docs/inference.md lists the variables. `python -m renga_infer`
    does the same where this command is not installed.
    """
    given = {
        "RENGA_INFER_MODELS": models and (models if "://" in models else str(Path(models).resolve())),
        "PORT": port,
        "RENGA_INFER_GRPC_PORT": grpc_port,
        "HOST": os.environ.get("HOST", "127.0.0.1"),
    }
    os.environ.update({name: str(value) for name, value in given.items() if value is not None})
    from renga_infer.__main__ import main

    sys.exit(main())
