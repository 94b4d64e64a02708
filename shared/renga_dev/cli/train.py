"""`renga train`: models of one's own, from schemas of one's own."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from renga_infer.links.training.making import Made


@click.group()
def command() -> None:
    """Train the models that Renga brings, on material of your own."""


@command.command()
@click.option(
    "--corpus",
    "folders",
    required=True,
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of schemas that declare foreign keys, in any format that Renga reads; may be given several times.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder of models; the version goes to links/VERSION in it.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed and schemas give the same model.")
@click.option("--version", "version", default="1", show_default=True, help="What the version is called.")
def links(*, folders: tuple[Path, ...], out: Path, seed: int, version: str) -> None:
    """Learn to find the foreign keys that a schema does not declare.

    Reads every schema below the folders, learns from those that declare foreign keys, judges each project by a model
    that never saw it, and writes the weights, the card with those numbers, and the golden set.
    """
    from renga_dev.designs import examples
    from renga_infer.links.training.corpus import Example
    from renga_infer.links.training.making import train

    found: list[Example] = []
    for folder in folders:
        for example in examples(folder):
            if isinstance(example, Example):
                found.append(example)
            else:
                click.echo(example, err=True)
    words = ["renga", "train", "links", "--seed", str(seed)]
    for folder in folders:
        words += ["--corpus", folder.name]
    try:
        made = train(
            found,
            out,
            seed=seed,
            version=version,
            trained_by=shlex.join(words),
            said=lambda line: click.echo(line, err=True),
        )
    except ValueError as error:
        click.echo(f"Nothing was trained: {error}", err=True)
        sys.exit(1)
    _show(made)
    click.echo(f"Written: {out / 'links' / version}")


def _show(made: "Made") -> None:
    from renga_infer.links.training.measures import table

    for group, qualities in made.qualities.items():
        if qualities:
            own = qualities["links"]
            click.echo(f"\n{group}: {own.projects} projects, {own.links} declared links\n\n{table(qualities)}")
    click.echo(f"\n{made.card.limits}")
