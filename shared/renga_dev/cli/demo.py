"""`renga demo`: the main job from nothing to its results, in one command."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from renga_dev.cli._edge import INTERRUPTED, Misuse

if TYPE_CHECKING:
    from renga_dev.runtime import Options
    from renga_dev.submission import Result, Submission

EXAMPLE = Path("examples/shop.sql")
_STATE = Path(".renga/demo")
_OUT = Path("out/demo")
_LIMIT_S = 180.0


@click.command()
def command() -> None:
    """Bring the functions up at zero, hand in examples/shop.sql, show the run and its results, and stop."""
    from renga_dev import project, verdict
    from renga_dev.cli.up import manifests_of, read_manifests
    from renga_dev.runtime import Options
    from renga_dev.submission import Submission, decode_text, write_documents
    from renga_dev.timeline import console, run_table

    root = project.root()
    if root is None or not (root / EXAMPLE).is_file():
        raise Misuse(f"{Path.cwd()} lies in no checkout of Renga: no folder above it holds functions/ and {EXAMPLE}.")
    manifests = read_manifests(manifests_of(root), None)
    submission = Submission(str(EXAMPLE), decode_text((root / EXAMPLE).read_bytes()), EXAMPLE.name)
    # The run itself shows whether they start: trying them out first would leave nothing cold to see.
    options = Options(manifests, project=root, state=root / _STATE, port=0, verify="none")
    try:
        result = asyncio.run(_run(options, submission))
    except KeyboardInterrupt:
        click.echo("Stopped.", err=True)
        sys.exit(INTERRUPTED)
    written = write_documents(result.generated, root / _OUT) if result.generated else {}
    out = console()
    out.print()
    out.print(run_table(result.run))
    out.print()
    for line in verdict.lines(result, {name: path.relative_to(root) for name, path in written.items()}):
        out.print(line, soft_wrap=True)
    sys.exit(0 if result.run.state == "well" else 1)


async def _run(options: "Options", submission: "Submission") -> "Result":
    """One run in a runtime of its own, which is stopped whatever comes."""
    from rich.console import Console

    from renga_dev.endpoint import Endpoint, NoRuntime, Refused
    from renga_dev.follow import Follower
    from renga_dev.runtime import Runtime, StateInUse
    from renga_dev.submission import submit
    from renga_dev.timeline import entry_line

    console = Console(highlight=False, soft_wrap=True)
    runtime = Runtime(options)
    try:
        await runtime.start()
    except StateInUse as error:
        raise Misuse(str(error)) from None
    endpoint = Endpoint(runtime.url)
    try:
        asleep = sum(service.asleep for service in runtime.services())
        console.print(f"{runtime.url} is up, {asleep} functions asleep; handing in {submission.label}")
        follower = Follower(happened=lambda entry: console.print(entry_line(entry)))
        async with asyncio.timeout(_LIMIT_S):
            return await submit(endpoint, submission, follower)
    except TimeoutError:
        raise click.ClickException(f"No end after {_LIMIT_S:g} s; the logs are in {options.state / 'logs'}.") from None
    except (NoRuntime, Refused, ConnectionError) as error:
        raise click.ClickException(f"{error} The logs are in {options.state / 'logs'}.") from None
    finally:
        endpoint.close()
        await runtime.stop()
