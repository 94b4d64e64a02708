"""`renga up`: the laptop runtime, in this terminal until Ctrl-C."""

import asyncio
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from renga_dev.cli._edge import Misuse, json_option

if TYPE_CHECKING:
    from renga_dev.manifests import Manifests
    from renga_dev.runtime import Options
    from renga_dev.terminal import Lines

MANIFESTS = (Path("knative/overlays/laptop"), Path("knative/base"))
"""Of a project: the first that it has. The base is what `renga wiring` writes."""


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 takes a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "-k", "folder", type=click.Path(path_type=Path), metavar="DIR", help="A kustomization; or a folder of YAML."
)
@click.option("-f", "file", metavar="FILE", help="Rendered YAML; - reads standard input.")
@click.option("--state", type=click.Path(path_type=Path), metavar="DIR", help="By default .renga in the project.")
@click.option("--reload", is_flag=True, help="Serve a function anew when its code changes.")
@click.option(
    "--broker",
    type=click.Choice(["knative", "pubsub"]),
    default="knative",
    show_default=True,
    help="What carries the events: Brokers as Knative's, or Pub/Sub's emulator.",
)
@click.option("--profile", type=click.Choice(["mt", "kafka"]), default="mt", show_default=True, help="Whose delivery.")
@click.option(
    "--verify/--no-verify", default=True, help="Whether new revisions must start once before the runtime is up."
)
@click.option("--report", is_flag=True, help="Say which rules of Knative are enforced, and start nothing.")
@json_option
def command(
    *,
    port: int,
    host: str,
    folder: Path | None,
    file: str | None,
    state: Path | None,
    reload: bool,
    broker: Literal["knative", "pubsub"],
    profile: Literal["mt", "kafka"],
    verify: bool,
    report: bool,
    as_json: bool,
) -> None:
    """Bring the functions up at zero: nothing runs until something asks.

    Reads the manifests of knative/overlays/laptop, or what -k or -f name, as a cluster would.
    """
    if report:
        _report(profile, as_json=as_json)
        return
    if folder is not None and file is not None:
        raise Misuse("-k and -f were both given; the manifests come from one of them.")
    from renga_dev import openfiles, project
    from renga_dev.endpoint import STATE
    from renga_dev.runtime import Options
    from renga_dev.terminal import Lines

    root = project.root() or Path.cwd()
    manifests = read_manifests(folder or manifests_of(root), file)
    lines = Lines(manifests, as_json=as_json)
    options = Options(
        manifests,
        project=root,
        state=state or root / STATE,
        host=host,
        port=port,
        broker=broker,
        profile=profile,
        verify="new" if verify else "none",
        reload=reload,
        observer=lines,
        deliveries=lines.delivered,
    )
    if scarce := openfiles.too_few(openfiles.raise_limit()):
        click.echo(scarce, err=True)
    if not as_json and verify:
        click.echo(f"{len(manifests.services)} services; revisions that are new are started once …", err=True)
    asyncio.run(_serve(options, lines))


def manifests_of(root: Path) -> Path:
    """The folder whose manifests a project runs with here; where it has none, the one that it should have."""
    return next((root / folder for folder in MANIFESTS if (root / folder).is_dir()), root / MANIFESTS[-1])


def read_manifests(folder: Path, file: str | None) -> "Manifests":
    """The manifests of a folder or a file.

    Raises:
        Misuse: there are none, or a cluster would refuse them.
    """
    from renga_dev.kustomize import Unrenderable, documents
    from renga_dev.manifests import InvalidManifests, load, parse

    try:
        rendered = parse(sys.stdin.read(), "standard input") if file == "-" else documents(Path(file or folder))
        manifests = load(rendered)
    except (FileNotFoundError, Unrenderable) as error:
        raise Misuse(f"{error} `renga wiring` writes those of a project; -k and -f name others.") from None
    except InvalidManifests as error:
        raise Misuse(f"A cluster would refuse these manifests:\n{error}") from None
    if not manifests.services:
        raise Misuse(f"{file or folder} declares no Knative Service, so there is nothing to run.")
    return manifests


async def _serve(options: "Options", lines: "Lines") -> None:
    """Run until SIGINT or SIGTERM; then let what is in flight finish."""
    from renga_dev.manifests import InvalidManifests
    from renga_dev.pubsub.emulator import NoEmulator
    from renga_dev.pubsub.table import NoTable
    from renga_dev.runtime import PortTaken, Runtime, StateInUse
    from renga_dev.serving.services import RevisionsFailed

    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    runtime = Runtime(options)
    starting = asyncio.ensure_future(runtime.start())
    asked = asyncio.ensure_future(stopping.wait())
    try:
        await asyncio.wait({starting, asked}, return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
            return
        starting.result()
        lines.started(runtime)
        await asked
        click.echo("stopping: what is in flight may finish …", err=True)
        await runtime.stop()
    except (PortTaken, StateInUse, NoEmulator, NoTable) as error:
        raise Misuse(str(error)) from None
    except InvalidManifests as error:
        raise Misuse(f"These manifests cannot be run here:\n{error}") from None
    except RevisionsFailed as error:
        raise click.ClickException(f"{error}\nNothing was started. --no-verify starts all the same.") from None
    except PermissionError as error:
        raise Misuse(f"Port {options.port} on {options.host} is not ours to bind: {error.strerror}.") from None
    finally:
        asked.cancel()


def _report(profile: Literal["mt", "kafka"], *, as_json: bool) -> None:
    from renga_dev.parity import report

    rows = report(profile)
    if as_json:
        import dataclasses
        import json

        click.echo(json.dumps({"profile": profile, "rules": [dataclasses.asdict(row) for row in rows]}, indent=2))
        return
    from rich.table import Table
    from rich.text import Text

    from renga_dev.timeline import console

    styles = {"enforced": "green", "different": "yellow", "absent": "red"}
    table = Table(box=None, pad_edge=False)
    for title in ("rule", "what", "here", "how"):
        table.add_column(title)
    for row in rows:
        table.add_row(row.id, row.title, Text(row.status, styles[row.status]), row.how)
    console().print(table)
