"""How tables are cut into partitions: PostgreSQL's PARTITION BY and bounds, MySQL's partition definitions."""

from typing import Final

from renga_schema.model import IndexPart, Options, Partition, Partitioning
from renga_schema.readers.sql.cursor import Cursor
from renga_schema.readers.sql.expressions import expression
from renga_schema.readers.sql.indexes import index_parts

_UNBOUND: Final = {"DEFAULT", "HISTORY", "CURRENT"}
"""MariaDB: what no other partition of a list takes, and the versions of rows in SYSTEM_TIME."""
_AFTER_PARTITIONING: Final = {"PARTITIONS", "SUBPARTITION", "SUBPARTITIONS", "(", "ALGORITHM"}


def partition_bound(cursor: Cursor) -> str:
    """Take PostgreSQL's `FOR VALUES ...` or `DEFAULT`, as written."""
    mark = cursor.here
    if not cursor.accept("DEFAULT"):
        cursor.expect("FOR", "VALUES")
        if not (cursor.accept("IN") or cursor.accept("WITH")):
            cursor.expect("FROM")
            cursor.skip_group()
            cursor.expect("TO")
        if cursor.key != "(":
            raise cursor.error("an opening parenthesis is expected")
        cursor.skip_group()
    return " ".join(cursor.since(mark).split())


def postgres_partitioning(cursor: Cursor) -> Partitioning:
    """Take `RANGE (keys)`, after PARTITION BY."""
    strategy = cursor.name().lower()
    return Partitioning(strategy=strategy, keys=index_parts(cursor.group()))


def mysql_partitioning(cursor: Cursor) -> Partitioning:
    """Take everything after PARTITION BY in MySQL's or MariaDB's CREATE TABLE."""
    found = _method(cursor)
    count = cursor.integer() if cursor.accept("PARTITIONS") else None
    sub = None
    if cursor.accept("SUBPARTITION", "BY"):
        sub = _method(cursor)
        if cursor.accept("SUBPARTITIONS"):
            sub = sub.model_copy(update={"count": cursor.integer()})
    partitions = partition_definitions(cursor) if cursor.key == "(" else ()
    return found.model_copy(update={"count": count, "subpartitioning": sub, "partitions": partitions})


def partition_definitions(cursor: Cursor) -> tuple[Partition, ...]:
    """Take MySQL's `(PARTITION name VALUES ..., ...)`."""
    return tuple(_partition(item) for item in cursor.group().items())


def _method(cursor: Cursor) -> Partitioning:
    words = ["linear"] if cursor.accept("LINEAR") else []
    words.append(cursor.name().lower())
    if cursor.accept("COLUMNS"):
        words.append("columns")
    if cursor.accept("ALGORITHM"):
        cursor.expect("=")
        cursor.integer()
    strategy = " ".join(words)
    if strategy == "system_time":
        cursor.skip_to(_AFTER_PARTITIONING)
        return Partitioning(strategy=strategy, keys=())
    group = cursor.group()
    if words[-1] in {"columns", "key"}:
        return Partitioning(strategy=strategy, keys=index_parts(group))
    text = group.rest()
    column = text.strip("`")
    if column.isidentifier():
        return Partitioning(strategy=strategy, keys=(IndexPart(column=column),))
    return Partitioning(strategy=strategy, keys=(IndexPart(expression=expression(text, cursor.dialect)),))


def _partition(item: Cursor) -> Partition:
    if not item.accept("PARTITION"):
        item.accept("SUBPARTITION")  # MariaDB takes a mere name too
    origin = item.origin
    name = item.name()
    bound = None
    mark = item.here
    if item.accept("VALUES"):
        if not item.accept("IN"):
            item.expect("LESS", "THAN")
        if not item.accept("MAXVALUE"):
            item.group()
        bound = " ".join(item.since(mark).split())
    elif (kind := item.accept_any(_UNBOUND)) is not None:
        bound = kind
    options: Options = {}
    comment = None
    subpartitions: tuple[Partition, ...] = ()
    while not item.at_end:
        if item.key == "(":
            subpartitions = tuple(_partition(each) for each in item.group().items())
            continue
        item.accept("STORAGE")
        key = f"{item.name()} {item.name()}" if item.key in {"DATA", "INDEX"} else item.name()
        item.accept("=")
        value = item.value()
        if key.upper() == "COMMENT":
            comment = value
        else:
            options[key.lower()] = value
    return Partition(
        name=name, origin=origin, bound=bound, comment=comment, options=options, subpartitions=subpartitions
    )
