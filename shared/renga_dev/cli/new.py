"""`renga new`: a function's folder, its manifest and its test."""

import sys
from pathlib import Path

import click


@click.command()
@click.argument("name", metavar="SUITE/NAME")
@click.option(
    "--consumes",
    metavar="TYPE",
    multiple=True,
    help="An event type that wakes it: in full, without dev.renga., or by class; * for all. None: it takes plain HTTP.",
)
@click.option("--emits", metavar="TYPE", multiple=True, help="An event type that it answers with.")
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=".",
    help="The folder that holds functions/.",
)
def command(*, name: str, consumes: tuple[str, ...], emits: tuple[str, ...], root: Path) -> None:
    """Write a new function that works from the start: its folder, its manifest and its test."""
    from renga_dev.scaffold import CannotScaffold, scaffold
    from renga_dev.wiring.generation import wire

    if not (root / "functions").is_dir():
        raise click.UsageError(f"{root.resolve()} holds no functions/: name the project's folder with --root.")
    try:
        written = scaffold(root, name, consumes=consumes, emits=emits)
    except CannotScaffold as error:
        raise click.UsageError(str(error)) from None
    wiring = wire(root)
    for path in [*written, *wiring.write()]:
        click.echo(path)
    for fault in wiring.faults:
        click.echo(fault, err=True)
    sys.exit(1 if wiring.faults else 0)
