"""`renga read`: what files, a folder, an archive or a live database describe, with no runtime."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from renga_dev.cli._edge import Misuse

if TYPE_CHECKING:
    from renga_schema import Diagnostic, Reading

_NO_TERMINAL = 200
"""Columns where nobody looks: wide enough that nothing folds."""
_SQLITE_FILE = b"SQLite format 3\x00"


@click.command()
@click.argument("sources", metavar="[FILES|DIR|URL|-]...", nargs=-1)
@click.option("--from", "form", metavar="FORMAT", help="The format; detected where it is not given.")
@click.option("--dialect", metavar="DIALECT", help="The SQL dialect; detected where it is not given.")
@click.option(
    "--as",
    "shape",
    type=click.Choice(["summary", "yaml", "json", "counts"]),
    default="summary",
    show_default=True,
    help="An overview, Renga's own format in YAML, the model as JSON, or the numbers of objects as one JSON object.",
)
def command(*, sources: tuple[str, ...], form: str | None, dialect: str | None, shape: str) -> None:
    """Read a database design and say what is in it.

    Takes files, folders and archives of migrations (applied in order), standard input (- or nothing), or the URL of
    a live database: postgresql://, mysql://, sqlite:///file. Exit status: 0 when it was read, 1 when nothing could be
    read, 2 on misuse.
    """
    from renga_schema import Unreadable

    try:
        reading = _read(sources or ("-",), form, dialect)
    except Unreadable as error:
        _complain(error.diagnostic)
        sys.exit(1)
    _show(reading, shape)
    statements = reading.statements
    if reading.schema.is_empty and statements.failed and not (statements.applied or statements.kept):
        click.echo("Nothing in this could be read as a schema.", err=True)
        sys.exit(1)


def _read(sources: tuple[str, ...], form: str | None, dialect: str | None) -> "Reading":
    from renga_schema import Unreadable, read_files

    url = _database(sources)
    if url is not None:
        if form or dialect:
            raise Misuse("--from and --dialect are for files; a database says itself what it is.")
        return _read_live(url)
    known: Any = {"dialect": dialect, "format": form}  # checked by read_files, which says what there is
    try:
        return read_files(sources, **known)
    except Unreadable:
        raise
    except ValueError as error:
        raise Misuse(str(error)) from None
    except OSError as error:
        raise Misuse(f"{error.filename} cannot be read: {error.strerror}.") from None


def _database(sources: tuple[str, ...]) -> str | None:
    """The URL of the database that is meant, if one is; a file that SQLite made is one too."""
    urls = [source for source in sources if "://" in source]
    if not urls and len(sources) == 1 and (path := Path(sources[0])).is_file():
        with path.open("rb") as file:
            if file.read(len(_SQLITE_FILE)) == _SQLITE_FILE:
                return f"sqlite:///{path.resolve()}"
    if urls and len(sources) > 1:
        raise Misuse("One database is read at a time; give its URL alone.")
    return urls[0] if urls else None


def _read_live(url: str) -> "Reading":
    from renga_schema import Unreadable
    from renga_schema.live import read_database

    try:
        return read_database(url)
    except Unreadable:
        raise
    except (ValueError, ModuleNotFoundError) as error:
        raise Misuse(str(error)) from None


def _show(reading: "Reading", shape: str) -> None:
    if shape == "summary":
        from rich.console import Console

        from renga_dev.overview import lines

        out = Console(highlight=False, width=None if sys.stdout.isatty() else _NO_TERMINAL)
        for line in lines(reading):
            out.print(line, soft_wrap=True)
    elif shape == "counts":
        from renga_schema.counts import count

        click.echo(count(reading).model_dump_json())
    elif shape == "json":
        from renga_schema.serialization import to_json

        click.echo(to_json(reading.schema))
    else:
        from renga_schema.native.writing import write_native

        document = write_native(reading.schema)
        click.echo(document.text, nl=False)
        for loss in document.losses:
            click.echo(f"lost {loss.object}: {loss.feature}. {loss.instead}", err=True)
    if shape in {"json", "yaml"}:
        for diagnostic in reading.diagnostics:
            _complain(diagnostic)


def _complain(diagnostic: "Diagnostic") -> None:
    from rich.console import Console

    from renga_dev.diagnostics import diagnostic_lines

    origin = diagnostic.origin
    out = Console(stderr=True, highlight=False, soft_wrap=True)
    for line in diagnostic_lines(diagnostic, (origin and origin.file) or "input"):
        out.print(line)
