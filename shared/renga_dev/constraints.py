"""Foreign keys that are proposed, as DDL for a database that is there."""

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Final, Literal, cast

from renga_infer.relating import Relation
from renga_schema.model import ForeignKey, Origin, Ref, Schema, Table
from renga_schema.writers.ddl import DdlWriter
from renga_schema.writers.lowering import lower

Target = Literal["postgres", "mysql", "sqlite"]
"""Dialects that DDL is written for."""
_WRITERS: Final = {"postgres": "PostgresWriter", "mysql": "MysqlWriter", "sqlite": "SqliteWriter"}
_OURS: Final = "proposed"
"""The file of a constraint that nobody wrote: by it proposals are found again in what the writers make of a schema."""
_LONGEST_NAME: Final = 63
"""PostgreSQL's; MySQL has one more."""


def script(schema: Schema, relations: Iterable[Relation], target: Target) -> str:
    """The statements that declare what is proposed, one block for each; what cannot be declared is a comment.

    PostgreSQL takes a constraint as NOT VALID, which holds for new rows at once and locks the table for a moment only,
    and then checks the rows that are there. MySQL checks them while it adds it. SQLite adds no constraint to a table
    that is there: its table is written as it should be.
    """
    wanted = {(one.link.table, one.link.column): one for one in relations}
    proposed = lower(_with(schema, wanted, target), target).schema
    writer = cast("type[DdlWriter]", getattr(import_module(f"renga_schema.writers.{target}"), _WRITERS[target]))(
        proposed
    )
    blocks = [*_unfit(schema, wanted), *_declared(proposed, writer, target)]
    return "\n\n".join(blocks) + "\n" if blocks else "-- Nothing is proposed.\n"


def _with(schema: Schema, wanted: dict[tuple[str, str], Relation], target: Target) -> Schema:
    """The schema as if the proposals were declared, those that can be."""
    tables = {str(table.ref): table for table in schema.tables}
    taken = {key.name for table in schema.tables for key in table.foreign_keys if key.name}
    added: dict[str, list[ForeignKey]] = {}
    for (table, column), one in wanted.items():
        if _is_key(tables[one.link.target], one.link.key):
            name = _name(tables[table].name, column, taken)
            taken.add(name)
            added.setdefault(table, []).append(
                ForeignKey(
                    name=name,
                    columns=(column,),
                    target=tables[one.link.target].ref,
                    referred_columns=(one.link.key,),
                    validated=target != "postgres",
                    origin=Origin(line=1, file=_OURS),
                )
            )
    return schema.model_copy(
        update={
            "tables": tuple(
                table.model_copy(update={"foreign_keys": (*table.foreign_keys, *added.get(str(table.ref), ()))})
                for table in schema.tables
            )
        }
    )


def _unfit(schema: Schema, wanted: dict[tuple[str, str], Relation]) -> Iterator[str]:
    tables = {str(table.ref): table for table in schema.tables}
    for one in wanted.values():
        if not _is_key(tables[one.link.target], one.link.key):
            what = f"{one.link.target}.{one.link.key} is neither a primary key nor unique"
            yield f"-- {one.link}: {what}, so nothing can refer to it. Declare that first."


def _declared(proposed: Schema, writer: DdlWriter, target: Target) -> Iterator[str]:
    for table in proposed.tables:
        ours = [key for key in table.foreign_keys if key.origin and key.origin.file == _OURS]
        if not ours:
            continue
        if target == "sqlite":
            said = ", ".join(f"{key.columns[0]} -> {key.target}" for key in ours)
            yield f"-- {table.ref} is to be made anew, with {said}.\n{writer.table(table, table.foreign_keys)}"
        for key in ours if target != "sqlite" else ():
            yield _added(writer, table.ref, key)


def _added(writer: DdlWriter, table: Ref, key: ForeignKey) -> str:
    name = writer.name(table)
    text = f"ALTER TABLE {name} ADD {writer.foreign_key(key)};"
    if not key.validated:
        text += f"\nALTER TABLE {name} VALIDATE CONSTRAINT {writer.quote(key.name or '')};"
    return text


def _is_key(table: Table, column: str) -> bool:
    keys = [key.columns for key in (table.primary_key, *table.uniques) if key]
    whole = [index for index in table.indexes if index.unique and index.predicate is None]
    return (column,) in [*keys, *(tuple(part.column or "" for part in index.parts) for index in whole)]


def _name(table: str, column: str, taken: Iterable[str]) -> str:
    """As PostgreSQL names it: `orders_customer_id_fkey`, shortened where it must be, and numbered where it is taken."""
    known, number = set(taken), 0
    while True:
        ending = f"_fkey{number or ''}"
        room = _LONGEST_NAME - len(ending) - 1
        half = room // 2
        first, second = table, column
        if len(first) + len(second) > room:
            first = first[: max(half, room - len(second))]
            second = second[: room - len(first)]
        if (name := f"{first}_{second}{ending}") not in known:
            return name
        number += 1
