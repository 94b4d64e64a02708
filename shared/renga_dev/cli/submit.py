"""`renga submit`: hand in designs, watch their runs, keep what they come to."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from renga_dev.cli._edge import Misuse, at_option, endpoint, json_option, several, talk
from renga_dev.cli._watching import goes_on, watching, within

if TYPE_CHECKING:
    from renga_dev.endpoint import Endpoint
    from renga_dev.follow import Follower
    from renga_dev.submission import Result, Submission

_STDIN = "-"


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--to", "targets", metavar="TARGET,...", help="What to generate, e.g. postgres,mysql,sqlite,markdown.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="The folder that takes the documents.")
@click.option("--dialect", metavar="DIALECT", help="The SQL dialect; detected where it is not given.")
@click.option("--format", "form", metavar="FORMAT", help="sql or yaml; detected where it is not given.")
@click.option("--name", help="What the design is called; by default the file's name.")
@click.option("--id", "schema_id", help="The design's id; by default it follows from the text.")
@click.option("--timeout", "timeout_s", type=click.FloatRange(min=0.1), default=600, show_default=True, metavar="S")
@at_option
@json_option
def command(
    *,
    files: tuple[str, ...],
    targets: str | None,
    out: Path | None,
    dialect: str | None,
    form: str | None,
    name: str | None,
    schema_id: str | None,
    timeout_s: float,
    at: str | None,
    as_json: bool,
) -> None:
    """Hand in database designs and follow their runs to the end.

    FILE is a path, or - for standard input. Exit status: 0 when every run ended well, 1 when one was rejected or
    failed, 2 on misuse. Ctrl-C leaves a run going.
    """
    from renga_dev.submission import Submission

    if len(files) > 1 and (name or schema_id):
        raise Misuse(f"--name and --id are for one file; {len(files)} were given.")
    wanted = several("--to", targets, such_as="postgres,markdown")
    submissions = [
        Submission(
            label=file,
            text=_read(file),
            name=name or ("schema" if file == _STDIN else Path(file).name),
            targets=wanted,
            dialect=dialect,
            format=form,
            schema_id=schema_id,
        )
        for file in files
    ]
    url = endpoint(at)
    alone = len(files) == 1
    results = [
        _follow(url, submission, _folder(out, submission, alone=alone), timeout_s, quiet=as_json)
        for submission in submissions
    ]
    if as_json:
        from pydantic_core import to_json

        click.echo(to_json({"runs": [told for _, told in results]}, indent=2).decode())
    sys.exit(0 if all(well for well, _ in results) else 1)


def _read(file: str) -> str:
    from renga_dev.submission import NotText, decode_text

    try:
        raw = sys.stdin.buffer.read() if file == _STDIN else Path(file).read_bytes()
        return decode_text(raw)
    except NotText as error:
        raise Misuse(f"{file} {error}") from None
    except IsADirectoryError:
        raise Misuse(f"{file} is a folder; name the files in it.") from None
    except OSError as error:
        raise Misuse(f"{file} cannot be read: {error.strerror}.") from None


def _folder(out: Path | None, submission: "Submission", *, alone: bool) -> Path | None:
    """Where its documents go: several designs get a folder each."""
    return out if out is None or alone else out / Path(submission.label).stem


def _follow(
    url: str, submission: "Submission", out: Path | None, timeout_s: float, *, quiet: bool
) -> tuple[bool, dict[str, object]]:
    """Hand one in and say what it came to; whether it ended well, and the same for machines."""
    from rich.console import Console

    from renga_dev import verdict
    from renga_dev.submission import write_documents

    run: list[str] = []
    with watching(Console(stderr=True, highlight=False, soft_wrap=True), run, quiet=quiet) as follower:
        result = talk(
            url,
            lambda runtime: _to_its_end(runtime, submission, follower, timeout_s, run),
            interrupted=lambda: goes_on(run),
        )
    try:
        written = write_documents(result.generated, out) if result.generated and out else {}
    except OSError as error:
        raise Misuse(
            f"{out} cannot be written: {error.strerror}. `renga show {result.run.run}` tells of the run."
        ) from None
    if not quiet:
        console = Console(highlight=False, soft_wrap=True)
        for line in verdict.lines(result, written):
            console.print(line)
    return result.run.state == "well", verdict.as_json(result, written)


async def _to_its_end(
    runtime: "Endpoint", submission: "Submission", follower: "Follower", timeout_s: float, run: list[str]
) -> "Result":
    from renga_dev.endpoint import Refused
    from renga_dev.submission import submit

    try:
        return await within(timeout_s, run, submit(runtime, submission, follower))
    except Refused as error:
        if 400 <= error.status < 500:
            raise Misuse(str(error)) from None
        raise
