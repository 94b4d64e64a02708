"""The actions of ALTER TABLE that only SQL Server has."""

from collections.abc import Callable
from typing import Final

from renga_schema.model import Check, Column, Constraint, ForeignKey
from renga_schema.readers.sql.builder import Builder
from renga_schema.readers.sql.cursor import Cursor
from renga_schema.readers.sql.drafts import TableDraft
from renga_schema.readers.sql.outcome import Outcome

_PROPERTIES: Final = {"SPARSE", "ROWGUIDCOL", "PERSISTED", "HIDDEN", "MASKED", "NOT"}


def distrust(table: TableDraft, known: list[Constraint]) -> None:
    """Mark what `WITH NOCHECK` has added since these constraints: the rows that are there were not checked."""
    for constraint in table.constraints():
        if isinstance(constraint, ForeignKey | Check) and not any(constraint is each for each in known):
            table.replace(constraint, constraint.model_copy(update={"validated": False}))


def _switched(*, on: bool) -> Callable[[Cursor, Builder, TableDraft], Outcome]:
    """`CHECK CONSTRAINT name | ALL`, and NOCHECK."""

    def action(cursor: Cursor, _: Builder, table: TableDraft) -> Outcome:
        cursor.expect("CONSTRAINT")
        names = None if cursor.accept("ALL") else {cursor.name().casefold()}
        while names is not None and cursor.accept(","):
            names.add(cursor.name().casefold())
        for constraint in (*table.foreign_keys, *table.checks):
            if names is None or (constraint.name or "").casefold() in names:
                table.replace(constraint, constraint.model_copy(update={"enforced": on}))
        return "applied"

    return action


def _switch(cursor: Cursor, _: Builder, __: TableDraft) -> Outcome:
    """SWITCH moves rows."""
    cursor.rest()
    return "noted"


_ACTIONS: Final = {"CHECK": _switched(on=True), "NOCHECK": _switched(on=False), "SWITCH": _switch}


def action(cursor: Cursor) -> Callable[[Cursor, Builder, TableDraft], Outcome] | None:
    """What takes the action that stands here, if only SQL Server has it."""
    return _ACTIONS.get(cursor.key) if cursor.dialect == "mssql" else None


def change_property(cursor: Cursor, column: Column, changed: dict[str, object]) -> bool:
    """`ALTER COLUMN name {ADD | DROP} property`; say whether that is what stands here."""
    if cursor.key not in {"ADD", "DROP"} or cursor.peek(1) not in _PROPERTIES:
        return False
    adding = cursor.advance().key == "ADD"
    mark = cursor.here
    cursor.skip_to({"WITH", ","})
    name = cursor.since(mark).lower()
    value = "true"
    if cursor.accept("WITH") and cursor.key == "(":
        value = cursor.group().rest()
    if name == "hidden":
        changed["visible"] = not adding
    elif name == "persisted" and column.generated is not None:
        storage = "stored" if adding else "virtual"
        changed["generated"] = column.generated.model_copy(update={"storage": storage})
    else:
        rest = {key: each for key, each in column.options.items() if key != name}
        changed["options"] = rest | {name: value} if adding else rest
    return True
