"""Columns that count up a sequence."""

from collections.abc import Callable

from renga_schema.model import Column, Expression, Ref
from renga_schema.readers.sql.expressions import expression


def counting_elsewhere(column: Column) -> Column:
    """A copy of a column for another table: it does not own the sequence that it may go on counting up."""
    if column.identity is None:
        return column
    default = column.default
    if column.identity.style == "serial" and column.identity.sequence is not None:
        default = nextval(column.identity.sequence)
    return column.model_copy(update={"identity": None, "default": default})


def nextval(sequence: Ref) -> Expression:
    """PostgreSQL's default that counts up a sequence."""
    return expression(f"nextval('{sequence}'::regclass)", "postgres")


def may_count(sequence: str) -> Callable[[Column], bool]:
    """What says of a column whether it may count up a sequence of that name: those alone need be looked at closely."""
    name = sequence.casefold()

    def wanted(column: Column) -> bool:
        default = column.default
        return column.identity is not None or (default is not None and name in default.text.casefold())

    return wanted
