"""The actions of ALTER TABLE on what a table inherits from, or is a partition of."""

from typing import Final

from renga_schema.model import PartitionOf
from renga_schema.readers.sql.builder import Builder
from renga_schema.readers.sql.cursor import Cursor, Unparsed
from renga_schema.readers.sql.drafts import TableDraft
from renga_schema.readers.sql.inheritance import detach
from renga_schema.readers.sql.outcome import Outcome
from renga_schema.readers.sql.partitions import partition_bound
from renga_schema.readers.sql.shelf import same

_LOOK: Final = 10
"""The steps that it takes to find a table's parents."""


def inherit(cursor: Cursor, builder: Builder, table: TableDraft) -> Outcome:
    """INHERIT parent."""
    offset = cursor.offset
    parent = builder.table(cursor.qualified(), offset)
    _refuse_circle(builder, table, parent, offset)
    table.inherits.append(parent.ref)
    table.refers_to(parent.name)
    return "applied"


def attach(cursor: Cursor, builder: Builder, table: TableDraft) -> Outcome:
    """ATTACH PARTITION name bound."""
    cursor.expect("PARTITION")
    offset = cursor.offset
    partition = builder.table(cursor.qualified(), offset)
    _refuse_circle(builder, partition, table, offset)
    partition.partition_of = PartitionOf(parent=table.ref, bound=partition_bound(cursor))
    partition.refers_to(table.name)
    return "applied"


def detach_partition(cursor: Cursor, builder: Builder, table: TableDraft) -> Outcome:
    """DETACH PARTITION name [CONCURRENTLY | FINALIZE]."""
    cursor.expect("PARTITION")
    offset = cursor.offset
    partition = builder.table(cursor.qualified(), offset)
    if partition.partition_of is None or not same(partition.partition_of.parent, table.ref):
        message = f"{partition.ref} is no partition of {table.ref}."
        help_ = "It must be attached by an earlier statement."
        raise Unparsed(message, offset, code="READ-MISSING", help_=help_)
    detach(builder, partition, table)
    cursor.accept_any({"CONCURRENTLY", "FINALIZE"})
    return "applied"


def _refuse_circle(builder: Builder, heir: TableDraft, parent: TableDraft, offset: int) -> None:
    """Nothing inherits from itself, not by way of others either.

    Raises:
        Unparsed: `heir` would.
    """
    waiting, seen = [parent], set[int]()
    while waiting:
        each = waiting.pop()
        if each is heir:
            raise Unparsed(f"{heir.ref} would inherit from itself.", offset)
        if id(each) not in seen:
            seen.add(id(each))
            refs = [*each.inherits, *([each.partition_of.parent] if each.partition_of else [])]
            builder.effort.spend(_LOOK * (1 + len(refs)))
            waiting += [found for ref in refs if (found := builder.find(builder.tables, ref)) is not None]
