"""What follows the closing parenthesis of CREATE TABLE."""

from collections.abc import Callable
from typing import Final

from renga_schema.model import Dialect
from renga_schema.readers.sql.builder import Builder
from renga_schema.readers.sql.charsets import charset_of, same_charset
from renga_schema.readers.sql.cursor import Cursor
from renga_schema.readers.sql.drafts import TableDraft
from renga_schema.readers.sql.indexes import parameters
from renga_schema.readers.sql.partitions import mysql_partitioning, postgres_partitioning

Rule = Callable[[Cursor, Builder, TableDraft], None]

_TWO_WORDS: Final = {"DATA", "INDEX"}
_MYSQL_OPTIONS: Final = {
    "AUTO_INCREMENT", "AUTOEXTEND_SIZE", "AVG_ROW_LENGTH", "CHECKSUM", "COMPRESSION", "CONNECTION", "DATA",
    "DELAY_KEY_WRITE", "ENCRYPTED", "ENCRYPTION", "ENCRYPTION_KEY_ID", "ENGINE_ATTRIBUTE", "INDEX", "INSERT_METHOD",
    "ITEF_QUOTES", "KEY_BLOCK_SIZE", "MAX_ROWS", "MIN_ROWS", "PACK_KEYS", "PAGE_CHECKSUM", "PAGE_COMPRESSED",
    "PAGE_COMPRESSION_LEVEL", "PASSWORD", "ROW_FORMAT", "SECONDARY_ENGINE_ATTRIBUTE", "SEQUENCE", "STATS_AUTO_RECALC",
    "STATS_PERSISTENT", "STATS_SAMPLE_PAGES", "STORAGE", "TABLESPACE", "TRANSACTIONAL", "UNION", "RAID_TYPE",
}  # fmt: skip


def take(cursor: Cursor, builder: Builder, table: TableDraft) -> None:
    """Take the options up to the first word that is none."""
    rules = _RULES[cursor.dialect]
    while (rule := rules.get(cursor.key) or _engine_option(cursor)) is not None:
        if cursor.key == "WITH" and cursor.peek(1) not in {"(", "SYSTEM"}:
            return  # a query begins: WITH x AS (...)
        if cursor.key == "AS" and cursor.peek(1) not in {"NODE", "EDGE"}:
            return
        cursor.advance()
        rule(cursor, builder, table)


def take_mysql(cursor: Cursor, builder: Builder, table: TableDraft) -> None:
    """Take one of MySQL's table options, as ALTER TABLE has them too.

    Raises:
        Unparsed: there is none here.
    """
    rule = _RULES["mysql"].get(cursor.key) or _engine_option(cursor)
    if rule is None:
        raise cursor.error("an action of ALTER TABLE is expected")
    cursor.advance()
    rule(cursor, builder, table)


def _engine_option(cursor: Cursor) -> Rule | None:
    """What only MariaDB's storage engines know has one form: `name = value`."""
    if cursor.dialect == "mysql" and cursor.at_name and cursor.peek(1) == "=":
        return _option(cursor.peek_name())
    return None


def _inherits(cursor: Cursor, builder: Builder, table: TableDraft) -> None:
    for item in cursor.group().items():
        offset = item.offset
        parent = builder.table(item.qualified(), offset)
        table.inherits.append(parent.ref)
        builder.take_over(len(parent.columns), offset)
        table.inherit_columns(parent)


def _partition_by(cursor: Cursor, _: Builder, table: TableDraft) -> None:
    cursor.expect("BY")
    mysql = cursor.dialect == "mysql"
    table.partitioning = mysql_partitioning(cursor) if mysql else postgres_partitioning(cursor)


def _with(cursor: Cursor, _: Builder, table: TableDraft) -> None:
    if cursor.accept("SYSTEM", "VERSIONING"):
        table.options["system versioning"] = "true"
    else:
        table.options |= parameters(cursor.group())


def _without(cursor: Cursor, _: Builder, table: TableDraft) -> None:
    if cursor.dialect == "sqlite":
        cursor.expect("ROWID")
        table.without_rowid = True
    else:
        cursor.expect("OIDS")


def _on(cursor: Cursor, _: Builder, table: TableDraft) -> None:
    """PostgreSQL: ON COMMIT; SQL Server: ON filegroup."""
    if cursor.dialect == "postgres":
        cursor.expect("COMMIT")
        mark = cursor.here
        while cursor.accept_any({"PRESERVE", "DELETE", "ROWS", "DROP"}):
            pass
        table.options["on commit"] = cursor.since(mark).lower()
        return
    table.options["filegroup"] = cursor.name()
    if cursor.key == "(":
        cursor.skip_group()


def _named(option: str) -> Rule:
    def rule(cursor: Cursor, _: Builder, table: TableDraft) -> None:
        table.options[option] = cursor.name()

    return rule


def _server(cursor: Cursor, _: Builder, table: TableDraft) -> None:
    """PostgreSQL: a foreign table."""
    table.options["server"] = cursor.name()
    if cursor.accept("OPTIONS"):
        table.options["server options"] = cursor.group().rest()


def _strict(_: Cursor, __: Builder, table: TableDraft) -> None:
    table.strict = True


def _nothing(_: Cursor, __: Builder, ___: TableDraft) -> None:
    """A separator."""


def _option(name: str) -> Rule:
    def rule(cursor: Cursor, _: Builder, table: TableDraft) -> None:
        key = name
        if name in _TWO_WORDS:
            key = f"{name} {cursor.name()}"
        cursor.accept("=")
        table.options[key.lower()] = cursor.value()

    return rule


def _engine(cursor: Cursor, _: Builder, table: TableDraft) -> None:
    cursor.accept("=")
    table.engine = cursor.value()


def _default(cursor: Cursor, builder: Builder, table: TableDraft) -> None:
    if cursor.accept("COLLATE"):
        _collate(cursor, builder, table)
    elif cursor.accept_any({"CHARSET", "CHARACTER", "CHAR"}):
        _charset(cursor, builder, table)
    else:
        raise cursor.error("CHARSET or COLLATE is expected")


def _charset(cursor: Cursor, _: Builder, table: TableDraft) -> None:
    cursor.accept("SET")
    cursor.accept("=")
    table.charset = cursor.value()
    if not same_charset(table.charset, charset_of(None, table.collation)):
        table.collation = None  # it belongs to the character set that was the default before


def _collate(cursor: Cursor, _: Builder, table: TableDraft) -> None:
    cursor.accept("=")
    table.collation = cursor.value()
    if not same_charset(table.charset, charset_of(None, table.collation)):
        table.charset = None


def _comment(cursor: Cursor, _: Builder, table: TableDraft) -> None:
    cursor.accept("=")
    table.comment = cursor.string() or None


def _graph(cursor: Cursor, _: Builder, table: TableDraft) -> None:
    """SQL Server: AS NODE, AS EDGE."""
    table.options["graph"] = cursor.name().lower()


_RULES: Final[dict[Dialect, dict[str, Rule]]] = {
    "postgres": {
        "INHERITS": _inherits,
        "PARTITION": _partition_by,
        "USING": _named("access method"),
        "WITH": _with,
        "WITHOUT": _without,
        "ON": _on,
        "TABLESPACE": _named("tablespace"),
        "SERVER": _server,
    },
    "mysql": {
        **{name: _option(name) for name in _MYSQL_OPTIONS},
        "ENGINE": _engine,
        "TYPE": _engine,
        "DEFAULT": _default,
        "CHARSET": _charset,
        "CHARACTER": _charset,
        "COLLATE": _collate,
        "COMMENT": _comment,
        "PARTITION": _partition_by,
        "WITH": _with,
        ",": _nothing,
    },
    "sqlite": {"STRICT": _strict, "WITHOUT": _without, ",": _nothing},
    "mssql": {
        "ON": _on,
        "TEXTIMAGE_ON": _named("textimage_on"),
        "FILESTREAM_ON": _named("filestream_on"),
        "WITH": _with,
        "AS": _graph,
    },
}
