"""`renga train`: models of one's own, from schemas of one's own."""

import shlex
import sys
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from renga_infer.links.training.corpus import Example
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
@click.option(
    "--held-out",
    "apart",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of schemas that teach nothing: the finished version is measured on them; several may be given.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed and schemas give the same model.")
@click.option("--version", "version", default="1", show_default=True, help="What the version is called.")
def links(*, folders: tuple[Path, ...], apart: tuple[Path, ...], out: Path, seed: int, version: str) -> None:
    """Learn to find the foreign keys that a schema does not declare.

    Reads every schema below the folders, learns from those that declare foreign keys, judges each project by a model
    that never saw it, and writes the weights, the card with those numbers, and the golden set.
    """
    from renga_infer.links.training.making import train

    words = ["renga", "train", "links", "--seed", str(seed)]
    for option, given in (("--corpus", folders), ("--held-out", apart)):
        for folder in given:
            words += [option, folder.name]
    try:
        made = train(
            _examples(folders),
            out,
            seed=seed,
            held_out=_examples(apart),
            version=version,
            trained_by=shlex.join(words),
            said=lambda line: click.echo(line, err=True),
        )
    except ValueError as error:
        click.echo(f"Nothing was trained: {error}", err=True)
        sys.exit(1)
    _show(made)
    click.echo(f"Written: {out / 'links' / version}")


def _examples(folders: Iterable[Path]) -> "list[Example]":
    """What can be read below the folders; of each file that cannot, standard error says why."""
    from renga_dev.designs import examples

    found: list[Example] = []
    for example in chain.from_iterable(map(examples, folders)):
        if isinstance(example, str):
            click.echo(example, err=True)
        else:
            found.append(example)
    return found


def _show(made: "Made") -> None:
    from renga_infer.links.training.measures import table

    for group, qualities in made.qualities.items():
        if qualities:
            own = qualities["links"]
            what = f"{group.replace('_', ' ')}: {own.projects} projects, {own.links} declared links"
            click.echo(f"\n{what}\n\n{table(qualities)}")
    click.echo(f"\n{made.card.limits}")
