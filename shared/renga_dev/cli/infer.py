"""`renga infer`: a model's answers for all rows of a file, by event."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from renga_dev.cli._edge import Misuse, at_option, json_option, laptop, several, talk
from renga_dev.cli._watching import goes_on, watching, within

if TYPE_CHECKING:
    from renga.blobs import BlobStore
    from renga_dev.endpoint import Endpoint
    from renga_dev.follow import Follower
    from renga_dev.inquiry import Inquiry, Result
    from renga_events.inference import InferenceCompleted


@click.command()
@click.argument("model")
@click.argument("rows", metavar="ROWS", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file that takes the outputs.")
@click.option("--version", metavar="V", help="Of the model; by default the one that the service chooses.")
@click.option("--outputs", metavar="NAME,...", help="Which outputs; by default all.")
@click.option("--blobs", metavar="URL", help="The functions' blob store; by default that of a runtime on this machine.")
@click.option("--timeout", "timeout_s", type=click.FloatRange(min=0.1), default=600, show_default=True, metavar="S")
@at_option
@json_option
def command(
    *,
    model: str,
    rows: Path,
    out: Path | None,
    version: str | None,
    outputs: str | None,
    blobs: str | None,
    timeout_s: float,
    at: str | None,
    as_json: bool,
) -> None:
    """Let MODEL answer for all of ROWS and follow the run to its end.

    ROWS is a Parquet file, or an Arrow IPC file or stream: its columns are the model's inputs by name. The outputs have
    the same format, a column for each output, and the rows in the same order. Exit status: 0 when it ended well, 1 when
    it was rejected or failed, 2 on misuse. Ctrl-C leaves the run going.
    """
    from rich.console import Console

    from renga_dev.inquiry import Inquiry

    if out is not None and not out.parent.is_dir():
        raise Misuse(f"{out} cannot be written: there is no folder {out.parent}.")
    wanted = several("--outputs", outputs, such_as="probability,contributions") or ()
    inquiry = Inquiry(rows, model, version, wanted)
    run: list[str] = []
    with watching(Console(stderr=True, highlight=False, soft_wrap=True), run, quiet=as_json) as follower:
        result = talk(
            laptop(at),
            lambda runtime: within(timeout_s, run, _to_its_end(runtime, blobs, inquiry, follower, out)),
            interrupted=lambda: goes_on(run),
        )
    if as_json:
        from pydantic_core import to_json

        click.echo(to_json(_as_json(result, out), indent=2).decode())
    else:
        _print(result, rows, out)
    sys.exit(0 if result.run.state == "well" else 1)


async def _to_its_end(
    runtime: "Endpoint", blobs: str | None, inquiry: "Inquiry", follower: "Follower", out: Path | None
) -> "Result":
    from renga.blobs import BlobStore, NoBlob
    from renga.fates import Retry
    from renga_dev.inquiry import NoBlobStore, inquire, store_of

    try:
        store = BlobStore(blobs) if blobs else await store_of(runtime)
        result = await inquire(runtime, store, inquiry, follower)
        if result.completed and out:
            await _write(store, result, result.completed, out)
    except (NoBlobStore, NoBlob) as error:
        raise Misuse(str(error)) from None
    except Retry as error:
        raise click.ClickException(str(error)) from None
    return result


async def _write(store: "BlobStore", result: "Result", completed: "InferenceCompleted", out: Path) -> None:
    from renga_dev.inquiry import fetch

    try:
        await fetch(store, completed, out)
    except OSError as error:
        raise Misuse(
            f"{out} cannot be written: {error.strerror}. `renga show {result.run.run}` tells of the run."
        ) from None


def _print(result: "Result", rows: Path, out: Path | None) -> None:
    from renga_dev.timeline import took

    if completed := result.completed:
        who = f"the model {completed.model}, version {completed.version}"
        click.echo(f"{rows}: {completed.count} rows answered by {who}, after {took(result.run)}")
        click.echo(f"  {out or completed.rows}")
    elif result.rejected:
        click.echo(f"{rows}: rejected: {result.rejected.reason}")
    else:
        click.echo(f"{rows}: {result.run.state}; `renga show {result.run.run}` tells why.")


def _as_json(result: "Result", out: Path | None) -> dict[str, Any]:
    return {
        "run": result.run.run,
        "state": result.run.state,
        "completed": result.completed and result.completed.model_dump(mode="json"),
        "rejected": result.rejected and result.rejected.model_dump(mode="json"),
        "written": str(out) if result.completed and out else None,
    }
