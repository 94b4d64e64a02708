"""Write a schema in another form: `write(schema, "mysql")`; `targets()` lists the forms.

A writer is imported when it is first used, so that one target does not pay for another's dependencies.
"""

from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Final, Protocol, cast

from renga_schema.model import Schema
from renga_schema.report import Document, Loss

__all__ = ["UnknownTargetError", "require", "targets", "write"]

_WRITERS: Final = {
    "postgres": "renga_schema.writers.postgres",
    "mysql": "renga_schema.writers.mysql",
    "sqlite": "renga_schema.writers.sqlite",
    "markdown": "renga_schema.writers.markdown",
}


class _Writer(Protocol):
    def write(self, schema: Schema, name: str, losses: Sequence[Loss]) -> Document: ...


class UnknownTargetError(LookupError):
    """There is no writer of that name."""


def targets() -> tuple[str, ...]:
    """What `write` can write."""
    return tuple(_WRITERS)


def write(schema: Schema, target: str, *, name: str = "schema", losses: Sequence[Loss] = ()) -> Document:
    """Write the schema; `name` is what people call it, and becomes the title.

    `losses` is the reader's ledger, which a page for people shows; the document has one of its own.

    Raises:
        UnknownTargetError: `target` is none of `targets()`.
    """
    require(target)
    writer = cast("_Writer", import_module(_WRITERS[target]))
    return writer.write(schema, name, losses)


def require(target: str) -> None:
    """Make sure that there is a writer of that name.

    Raises:
        UnknownTargetError: there is none; the message says which there are.
    """
    if target not in _WRITERS:
        close = get_close_matches(target.lower(), _WRITERS, n=1, cutoff=0.5)
        hint = f"did you mean {close[0]!r}?" if close else f"the targets are {', '.join(_WRITERS)}"
        raise UnknownTargetError(f"there is no writer for {target!r}; {hint}")
