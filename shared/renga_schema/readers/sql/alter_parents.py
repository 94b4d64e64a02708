"""The actions of ALTER TABLE on what a table inherits from, or is a partition of."""

from renga_schema.model import PartitionOf
from renga_schema.readers.sql.builder import Builder
from renga_schema.readers.sql.cursor import Cursor
from renga_schema.readers.sql.drafts import TableDraft
from renga_schema.readers.sql.inheritance import detach
from renga_schema.readers.sql.outcome import Outcome
from renga_schema.readers.sql.partitions import partition_bound


def inherit(cursor: Cursor, builder: Builder, table: TableDraft) -> Outcome:
    """INHERIT parent."""
    offset = cursor.offset
    parent = builder.table(cursor.qualified(), offset).ref
    table.inherits.append(parent)
    table.refers_to(parent.name)
    return "applied"


def attach(cursor: Cursor, builder: Builder, table: TableDraft) -> Outcome:
    """ATTACH PARTITION name bound."""
    cursor.expect("PARTITION")
    offset = cursor.offset
    partition = builder.table(cursor.qualified(), offset)
    partition.partition_of = PartitionOf(parent=table.ref, bound=partition_bound(cursor))
    partition.refers_to(table.name)
    return "applied"


def detach_partition(cursor: Cursor, builder: Builder, table: TableDraft) -> Outcome:
    """DETACH PARTITION name [CONCURRENTLY | FINALIZE]."""
    cursor.expect("PARTITION")
    offset = cursor.offset
    detach(builder, builder.table(cursor.qualified(), offset), table)
    cursor.accept_any({"CONCURRENTLY", "FINALIZE"})
    return "applied"
