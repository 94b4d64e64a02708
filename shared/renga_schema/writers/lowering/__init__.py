"""Lower a schema to what a dialect can hold: model in, model out, and a ledger of everything that did not fit.

A writer renders only what its engine understands; deciding what becomes of the rest is done here, once. What comes out
is what reading the script back gives, so that both can be compared.
"""

from typing import NamedTuple

from renga_schema.model import Dialect, Enum, Schema, Table
from renga_schema.report import Loss
from renga_schema.writers.lowering import innodb
from renga_schema.writers.lowering.context import Context
from renga_schema.writers.lowering.objects import (
    lower_enums,
    lower_namespaces,
    lower_neutral,
    lower_sequences,
    lower_view,
)
from renga_schema.writers.lowering.tables import TableLowering

__all__ = ["Lowered", "lower"]


class Lowered(NamedTuple):
    """A schema that its dialect can hold, and what could not be kept."""

    schema: Schema
    losses: tuple[Loss, ...]


def lower(schema: Schema, target: Dialect) -> Lowered:
    """The schema in terms of `target`, which is its own dialect's when it already has it."""
    if schema.dialect == target:
        return Lowered(schema, ())
    context = Context(schema, target)
    for table in schema.tables:
        place = context.ref(table.ref)
        context.claim("relation", place.namespace, place.name, place.name)
    enums: list[Enum] = list(lower_enums(context))
    sequences = lower_sequences(context)
    tables: list[Table] = []
    table_lowering = TableLowering(context)
    for table in schema.tables:
        lowered, new_enums = table_lowering.lower(table)
        enums += new_enums
        if lowered:
            tables.append(lowered)
    views = tuple(view for view in (lower_view(context, view) for view in schema.views) if view)
    if target == "sqlite" and tables:
        context.lose(
            "every table",
            "lengths, precisions and types of values",
            "declared as they are, though SQLite does not enforce them",
        )
    result = lower_neutral(context).model_copy(
        update={
            "dialect": target,
            "namespaces": lower_namespaces(context, [*tables, *views, *enums]),
            "enums": tuple(enums),
            "sequences": sequences,
            "tables": tuple(tables),
            "views": views,
        }
    )
    if target == "mysql":
        result = result.model_copy(update={"tables": innodb.fit(context, result)})
    return Lowered(result, tuple(context.losses))
