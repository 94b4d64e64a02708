"""Designs that commands are given: files, folders, standard input."""

from typing import TYPE_CHECKING, Any

import click

from renga_dev.cli._edge import Misuse

if TYPE_CHECKING:
    from renga_schema import Reading


def read_design(sources: tuple[str, ...], dialect: str | None) -> "Reading":
    """What the sources describe; it has a table.

    Raises:
        click.ClickException: none of it can be read, or there is no table.
        Misuse: a source is not there, or no dialect is called that.
    """
    from renga_schema import Unreadable, read_files

    known: Any = {"dialect": dialect}  # checked by read_files, which says what there is
    try:
        reading = read_files(sources, **known)
    except Unreadable as error:
        raise click.ClickException(str(error)) from None
    except ValueError as error:
        raise Misuse(str(error)) from None
    except OSError as error:
        raise Misuse(f"{error.filename} cannot be read: {error.strerror}.") from None
    if not reading.schema.tables:
        raise click.ClickException("There is no table in this.")
    if failed := reading.statements.failed:
        click.echo(f"{failed} statements could not be read; `renga read` says which.", err=True)
    return reading
