"""What PostgreSQL's partitions and heirs have from their parents, and keep when they part from them."""

from collections import deque
from collections.abc import Iterator
from typing import Final

from renga_schema.model import Column, CompositeType, Constraint, Index, PartitionOf, PrimaryKey, Ref
from renga_schema.readers.sql.builder import Builder
from renga_schema.readers.sql.columns import refine_column
from renga_schema.readers.sql.constraints import starts_constraint, table_constraint
from renga_schema.readers.sql.cursor import Cursor
from renga_schema.readers.sql.drafts import TableDraft
from renga_schema.readers.sql.implied_names import implied_names
from renga_schema.readers.sql.indexes import free_index_name
from renga_schema.readers.sql.partitions import partition_bound
from renga_schema.readers.sql.shelf import same

_LIST: Final = 50
_FOLLOW: Final = 60
"""The steps that it takes to list the keys of a partition, and to let an heir follow a change."""


def descendants(builder: Builder, table: TableDraft, offset: int) -> Iterator[TableDraft]:
    """PostgreSQL's partitions and children of a table, whose columns follow it.

    Raises:
        Unparsed: the script asks for too much of that; it does so at `offset`.
    """
    if builder.dialect != "postgres":
        return
    asked = set()
    waiting = deque([table])
    while waiting:
        parent = waiting.popleft().ref
        if (parent.namespace, parent.name) in asked:
            continue
        asked.add((parent.namespace, parent.name))
        for heir in builder.referrers.of(parent):
            part = heir.partition_of
            parents = [*([part.parent] if part else []), *heir.inherits]
            for _ in (each for each in parents if same(each, parent)):
                builder.take_over(1, offset)
                builder.effort.spend(_FOLLOW)
                yield heir
                waiting.append(heir)


def partition_of(cursor: Cursor, builder: Builder, table: TableDraft) -> None:
    """Take `PARTITION OF parent [(clauses)] bound`: a partition has its parent's columns, and may say more of them."""
    offset = cursor.offset
    parent = builder.table(cursor.qualified(), offset)
    builder.take_over(len(parent.columns), offset)
    table.inherit_columns(parent)
    _refinements(cursor, builder, table)
    table.partition_of = PartitionOf(parent=parent.ref, bound=partition_bound(cursor))


def of_type(cursor: Cursor, builder: Builder, table: TableDraft) -> None:
    """Take `OF type [(clauses)]`: the table has the columns of a composite type."""
    ref = cursor.qualified()
    found = builder.find(builder.types, ref)
    if isinstance(found, CompositeType):
        for each in found.attributes:
            table.put(Column(name=each.name, origin=each.origin, type=each.type, collation=each.collation))
        table.options["of"] = str(found.ref)
        _refinements(cursor, builder, table)
        return
    builder.lose(table, f"OF {ref}", "The table is kept without the type's columns.", table.origin)
    if cursor.key == "(":
        cursor.skip_group()


def _refinements(cursor: Cursor, builder: Builder, table: TableDraft) -> None:
    if cursor.key != "(":
        return
    group = cursor.group()
    while not group.at_end:
        if starts_constraint(group):
            table_constraint(group, builder, table)
        else:
            refine_column(group, builder, table)
        if not group.at_end:
            group.expect(",")


def detach(builder: Builder, partition: TableDraft, parent: TableDraft) -> None:
    """Let a partition go its own way, with what it had from its parent as its own.

    Its keys and indexes get the names that the engine gave them when they were made for it.
    """
    parent.settle_names()
    partition.settle_names()
    attached = {each.options.get("partition of") for each in partition.constraints()}
    attached |= {each.options.get("partition of") for each in partition.indexes.values()}
    keyed = ([parent.primary_key] if parent.primary_key else []) + [*parent.uniques]
    for key in keyed:
        taken = isinstance(key, PrimaryKey) and partition.primary_key is not None
        if key.name not in attached and not taken:
            partition.add(key.model_copy(update={"name": None}))
    for exclusion in parent.exclusions:
        partition.add(exclusion.model_copy(update={"name": None}))
    for foreign in parent.foreign_keys:
        if partition.constraint(foreign.name or "") is None:
            partition.add(foreign)
    keep_checks(partition, parent)
    partition.settle_names()
    for index in parent.indexes.values():
        if index.name not in attached and not index.only:
            name = free_index_name(partition, index.parts, builder.dialect)
            builder.add_index(partition, index.model_copy(update={"name": name}))
    for index in list(partition.indexes.values()):
        builder.replace_index(partition, index, _on_its_own(index))
    partition.partition_of = None


def key_of_partition(builder: Builder, name: str) -> tuple[TableDraft, Constraint] | None:
    """The constraint of that name, with the partition that has it."""
    for _ in range(2):
        home = builder.key_homes.get(name)
        table = builder.tables.get(home.namespace, home.name) if home else None
        constraint = table.constraint(name) if table else None
        if table is not None and constraint is not None:
            return table, constraint
        builder.key_homes = dict(_keys_of_partitions(builder))
    return None


def _keys_of_partitions(builder: Builder) -> Iterator[tuple[str, Ref]]:
    for table in builder.tables:
        if table.partition_of is not None:
            builder.effort.spend(_LIST)
            yield from ((name, table.ref) for _, name in implied_names(table))
            yield from ((each.name, table.ref) for each in table.constraints() if each.name is not None)


def _on_its_own(index: Index) -> Index:
    return index.model_copy(update={"options": {k: v for k, v in index.options.items() if k != "partition of"}})


def keep_checks(table: TableDraft, parent: TableDraft) -> None:
    """Let a table that was an heir have what it inherited for its own."""
    parent.settle_names()
    for check in parent.checks:
        if not check.no_inherit and table.constraint(check.name or "") is None:
            table.add(check)


def copy_indexes(builder: Builder, source: TableDraft, table: TableDraft) -> None:
    """LIKE ... INCLUDING INDEXES: the same indexes and exclusions, with names of their own."""
    table.exclusions += [each.model_copy(update={"name": None}) for each in source.exclusions]
    for index in source.indexes.values():
        name = free_index_name(table, index.parts, builder.dialect)
        builder.add_index(table, index.model_copy(update={"name": name, "origin": table.origin}))
