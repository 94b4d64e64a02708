"""`renga wiring`: write what follows from the annotations, or say where it was not written."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from renga_dev.wiring.generation import Difference

_MOST_LINES = 12


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 1 where a file is not what it should be.")
@click.option("--against", metavar="COMMIT", default="HEAD", help="The commit whose schemas events must still fit.")
@click.option(
    "--accept",
    metavar="TYPE",
    multiple=True,
    help="An event type whose incompatible change is meant, because no such event exists yet.",
)
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=".",
    help="The folder that holds functions/.",
)
def command(*, check: bool, against: str, accept: tuple[str, ...], root: Path) -> None:
    """Write everything that follows from the handlers' annotations.

    Knative manifests, JSON Schemas, samples, the AsyncAPI document, the chain and its picture. A change that earlier
    events would not survive is refused.
    """
    from renga_dev.wiring.baseline import UnknownCommit
    from renga_dev.wiring.generation import wire

    if not (root / "functions").is_dir():
        raise click.UsageError(f"{root.resolve()} holds no functions/: name the project's folder with --root.")
    try:
        wiring = wire(root, against=against, accept=accept)
    except UnknownCommit as error:
        raise click.UsageError(str(error)) from None
    for note in wiring.notes:
        click.echo(note, err=True)
    if check:
        differences = wiring.differences()
        for difference in differences:
            _show(difference)
        if differences:
            click.echo("`renga wiring` mends it.", err=True)
        failed = bool(differences or wiring.faults)
    else:
        for path in wiring.write():
            click.echo(path)
        failed = bool(wiring.faults)
    for fault in wiring.faults:
        click.echo(fault, err=True)
    sys.exit(1 if failed else 0)


def _show(difference: "Difference") -> None:
    click.echo(f"{difference.path} {difference.summary}", err=True)
    if difference.old is None or difference.new is None:
        return
    lines = list(difference.lines())
    for line in lines[:_MOST_LINES]:
        click.echo(f"    {line}", err=True)
    if len(lines) > _MOST_LINES:
        click.echo(f"    ... {len(lines) - _MOST_LINES} lines more", err=True)
