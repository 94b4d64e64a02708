"""MySQL's actions of ALTER TABLE on partitions: which there are follows them; which rows lie where is data."""

from renga_schema.model import Partition, Partitioning, Ref
from renga_schema.readers.sql.builder import Builder
from renga_schema.readers.sql.cursor import Cursor
from renga_schema.readers.sql.drafts import TableDraft
from renga_schema.readers.sql.names import name_key
from renga_schema.readers.sql.outcome import Outcome
from renga_schema.readers.sql.partitions import mysql_partitioning, partition_definitions

_LOGGING = {"NO_WRITE_TO_BINLOG", "LOCAL"}


def partition_anew(cursor: Cursor, _: Builder, table: TableDraft) -> Outcome:
    """PARTITION BY."""
    cursor.expect("BY")
    table.partitioning = mysql_partitioning(cursor)
    return "applied"


def remove_partitioning(cursor: Cursor, _: Builder, table: TableDraft) -> Outcome:
    """REMOVE PARTITIONING."""
    cursor.expect("PARTITIONING")
    table.partitioning = None
    return "applied"


def add_partitions(cursor: Cursor, builder: Builder, table: TableDraft) -> Outcome:
    """ADD PARTITION (definitions), or PARTITIONS and how many more."""
    how = _partitioning(cursor, builder, table)
    optional = cursor.accept("IF", "NOT", "EXISTS")
    cursor.accept_any(_LOGGING)
    if cursor.accept("PARTITIONS"):
        table.partitioning = _resized(how, cursor.integer())
        return "applied"
    added = partition_definitions(cursor)
    known = {_key(partition.name) for partition in how.partitions}
    if optional and all(_key(partition.name) in known for partition in added):
        return "noted"
    table.partitioning = how.model_copy(update={"partitions": (*how.partitions, *added)})
    return "applied"


def drop_partitions(cursor: Cursor, builder: Builder, table: TableDraft) -> Outcome:
    """DROP PARTITION names."""
    optional = cursor.accept("IF", "EXISTS")
    _replace(cursor, builder, table, (), optional=optional)
    return "applied"


def reorganize_partitions(cursor: Cursor, builder: Builder, table: TableDraft) -> Outcome:
    """REORGANIZE PARTITION names INTO (definitions); without names, the rows are spread anew."""
    cursor.expect("PARTITION")
    cursor.accept_any(_LOGGING)
    if not cursor.at_name:
        return "noted"
    mark = cursor.here
    cursor.skip_to({"INTO"})
    cursor.expect("INTO")
    new = partition_definitions(cursor)
    after = cursor.here
    cursor.back_to(mark)
    _replace(cursor, builder, table, new, optional=False)
    cursor.back_to(after)
    return "applied"


def coalesce_partitions(cursor: Cursor, builder: Builder, table: TableDraft) -> Outcome:
    """COALESCE PARTITION and how many fewer."""
    cursor.expect("PARTITION")
    how = _partitioning(cursor, builder, table)
    cursor.accept_any(_LOGGING)
    table.partitioning = _resized(how, -cursor.integer())
    return "applied"


def change_rows(cursor: Cursor, _: Builder, __: TableDraft) -> Outcome:
    """EXCHANGE, TRUNCATE, ANALYZE... PARTITION names: only rows move."""
    if cursor.accept("PARTITION"):
        cursor.rest()
    else:
        cursor.skip_to({","})
    return "noted"


def _partitioning(cursor: Cursor, builder: Builder, table: TableDraft) -> Partitioning:
    if table.partitioning is None:
        raise builder.missing("partitioning of table", table.ref, cursor.offset, [])
    builder.effort.spend(5 * len(table.partitioning.partitions))
    return table.partitioning


def _resized(how: Partitioning, change: int) -> Partitioning:
    """The same with more or fewer partitions of the kind that the engine names itself."""
    if not how.partitions:
        return how.model_copy(update={"count": max((how.count or 1) + change, 1)})
    size = max(len(how.partitions) + change, 1)
    more = tuple(Partition(name=f"p{number}") for number in range(len(how.partitions), size))
    return how.model_copy(update={"partitions": (*how.partitions[:size], *more)})


def _replace(
    cursor: Cursor, builder: Builder, table: TableDraft, new: tuple[Partition, ...], *, optional: bool
) -> None:
    """Take the names of partitions, and put `new` in the place of the first of them."""
    how = _partitioning(cursor, builder, table)
    known = [partition.name for partition in how.partitions]
    keys = [_key(name) for name in known]
    gone: set[int] = set()
    while True:
        offset = cursor.offset
        name = cursor.name()
        if _key(name) in keys:
            gone.add(keys.index(_key(name)))
        elif not optional:
            raise builder.missing(f"partition of table {table.ref}", Ref(name=name), offset, known)
        if not cursor.accept(","):
            break
    first = min(gone, default=len(known))
    kept = [partition for at, partition in enumerate(how.partitions) if at > first and at not in gone]
    table.partitioning = how.model_copy(update={"partitions": (*how.partitions[:first], *new, *kept)})


def _key(name: str) -> str:
    return name_key(name, "mysql")
