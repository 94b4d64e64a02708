"""What each statement does to the schema, by the words it begins with."""

from collections.abc import Callable
from difflib import get_close_matches
from typing import Final

from renga_schema.model import Dialect
from renga_schema.readers.sql.alter import alter_table
from renga_schema.readers.sql.builder import Builder
from renga_schema.readers.sql.code import alter_event, alter_policy, create_policy, create_routine, create_trigger, keep
from renga_schema.readers.sql.cursor import Cursor
from renga_schema.readers.sql.drops import comment_on, drop, rename_table
from renga_schema.readers.sql.indexes import create_index
from renga_schema.readers.sql.inheritance import key_of_partition
from renga_schema.readers.sql.lexer import END
from renga_schema.readers.sql.modifiers import Modifiers
from renga_schema.readers.sql.moving import alter_relation, move_namespace
from renga_schema.readers.sql.objects import (
    alter_database,
    alter_sequence,
    create_extension,
    create_namespace,
    create_sequence,
    create_view,
)
from renga_schema.readers.sql.outcome import Outcome
from renga_schema.readers.sql.routines import KINDS as ROUTINES
from renga_schema.readers.sql.routines import alter_routine
from renga_schema.readers.sql.sqlserver_procedures import execute, statement_in_string
from renga_schema.readers.sql.tables import create_table, select_into
from renga_schema.readers.sql.user_types import alter_domain, alter_type, create_domain, create_type
from renga_schema.readers.sql.virtual_tables import create_virtual_table

NOTED: Final = frozenset({
    "ABORT", "ANALYZE", "ATTACH", "BACKUP", "BEGIN", "BULK", "CALL", "CHECK", "CHECKPOINT", "CHECKSUM", "CLOSE",
    "CLUSTER", "COMMIT", "CONNECT", "COPY", "DBCC", "DEALLOCATE", "DECLARE", "DELETE", "DENY", "DESC", "DESCRIBE",
    "DETACH", "DISABLE", "DISCARD", "ELSE", "ENABLE", "END", "EXEC", "EXECUTE", "EXIT", "EXPLAIN", "FETCH", "FLUSH",
    "GO", "GRANT", "HANDLER", "IF", "IMPORT", "INSERT", "INSTALL", "KILL", "LISTEN", "LOAD", "LOCK", "MERGE", "MOVE",
    "NOTIFY", "OPEN", "OPTIMIZE", "PRAGMA", "PREPARE", "PRINT", "PURGE", "QUIT", "RAISERROR", "REASSIGN", "REFRESH",
    "REINDEX", "RELEASE", "REPAIR", "REPLACE", "RESET", "RESTORE", "RETURN", "REVOKE", "ROLLBACK", "SAVE", "SAVEPOINT",
    "SECURITY", "SELECT", "SET", "SHOW", "SHUTDOWN", "SOURCE", "START", "STOP", "TABLE", "THROW", "TRUNCATE",
    "UNINSTALL", "UNLISTEN", "UNLOCK", "UPDATE", "USE", "VACUUM", "VALUES", "WAITFOR", "WHILE", "WITH", "XA",
    "BINLOG", "CACHE", "CHANGE", "CLONE", "HELP", "RESIGNAL", "RESTART", "SIGNAL",
})  # fmt: skip
"""First words of statements that say nothing about a schema, or nothing that outlives the session."""

_Create = Callable[[Cursor, Builder, Modifiers], Outcome]
_Change = Callable[[Cursor, Builder], Outcome]

_MORE_WORDS: Final = (
    "SEARCH", "FAMILY", "CLASS", "MAPPING", "DATA", "WRAPPER", "SCHEMA", "METHOD", "COLLECTION", "CATALOG",
)  # fmt: skip
_ACCOUNTS: Final = {"ROLE", "USER", "GROUP", "LOGIN", "TABLESPACE", "RESOURCE", "LOGFILE", "CREDENTIAL", "CERTIFICATE"}


def begins_statement(key: str, dialect: Dialect) -> bool:
    """Whether a token can be the first of a statement that does something to a schema."""
    # The first statement of a batch of SQL Server needs no EXEC.
    return key in _STATEMENTS or (dialect == "mssql" and key.startswith(("SP_", "XP_", "SYS")))


def carry_out(cursor: Cursor, builder: Builder) -> Outcome:
    """Apply one statement.

    Raises:
        Unparsed: the statement does not follow the grammar, or speaks of what does not exist.
    """
    key = cursor.advance().key
    rule = _STATEMENTS.get(key)
    if rule is None:
        cursor.back_to(0)
        if begins_statement(key, cursor.dialect):
            return execute(cursor, builder)
        raise cursor.error("a statement is expected")
    return rule(cursor, builder)


def _create(cursor: Cursor, builder: Builder) -> Outcome:
    modifiers = Modifiers.take(cursor)
    if cursor.at_end:
        raise cursor.error("what to create is expected")
    mark = cursor.here
    kind = cursor.advance().key
    if kind == "TABLE" and "VIRTUAL" in modifiers:
        return create_virtual_table(cursor, builder)
    if kind == "AGGREGATE" and cursor.key == "FUNCTION":  # MySQL and MariaDB
        kind = cursor.advance().key
    if kind == "FUNCTION" and cursor.dialect == "mysql" and cursor.has("SONAME"):
        return keep("loadable function", cursor, builder)
    if (rule := _CREATE.get(kind)) is not None:
        return rule(cursor, builder, modifiers)
    if kind in _ACCOUNTS or modifiers.words & {"EXTERNAL"}:
        return "noted"
    if kind not in _KEPT:
        cursor.back_to(mark)
        close = get_close_matches(kind, (*_CREATE, *_KEPT), n=1)
        raise cursor.error("what to create is expected" + (f", {close[0]} perhaps" if close else ""))
    return keep(_kind(cursor, kind, modifiers), cursor, builder)


def _kind(cursor: Cursor, first: str, modifiers: Modifiers) -> str:
    """The name of a kind that the model has no class for, perhaps of several words: `text search configuration`."""
    words = [first]
    words.extend(word for word in _MORE_WORDS if cursor.accept(word))
    if first in {"PARTITION", "TEXT"} and cursor.at_name and cursor.peek(1) != END:
        words.append(cursor.advance().key)
    prefix = ["FOREIGN"] if "FOREIGN" in modifiers else []
    return " ".join([*prefix, *words]).lower()


def _create_schema(cursor: Cursor, builder: Builder, modifiers: Modifiers) -> Outcome:
    """PostgreSQL's CREATE SCHEMA may go on with statements about what is in it."""
    named = cursor.here
    outcome = create_namespace(cursor, builder, modifiers)
    parts = [part for part in cursor.statements({"CREATE", "GRANT"}) if part.key == "CREATE"]
    if outcome == "applied" and parts:
        cursor.back_to(named)
        cursor.accept("IF", "NOT", "EXISTS")
        cursor.accept("AUTHORIZATION")
        path = builder.path
        builder.path = [cursor.name(), *path]
        try:
            for part in sorted(parts, key=_elements_order):
                carry_out(part, builder)
        finally:
            builder.path = path
    return outcome


def _elements_order(part: Cursor) -> int:
    """The engine makes tables before views, whatever stands first."""
    kinds = ("SEQUENCE", "TABLE", "VIEW", "INDEX", "TRIGGER")
    words = [part.peek(distance) for distance in range(1, 4)]
    return next((at for at, kind in enumerate(kinds) if kind in words), len(kinds))


def _alter(cursor: Cursor, builder: Builder) -> Outcome:
    modifiers = Modifiers.take(cursor)
    kind = cursor.advance().key
    rule = _ALTER.get(kind)
    if rule is not None:
        return rule(cursor, builder)
    if cursor.dialect == "mssql" and kind in _REDEFINED:
        modifiers.words.add("ALTER")
        return _CREATE[kind](cursor, builder, modifiers)
    if kind == "EVENT" and cursor.dialect == "mysql":
        return alter_event(cursor, builder)
    return "noted"


def _alter_view(cursor: Cursor, builder: Builder) -> Outcome:
    cursor.accept("IF", "EXISTS")
    mark = cursor.here
    ref = cursor.qualified()
    if cursor.dialect != "postgres":
        cursor.back_to(mark)
        return create_view(cursor, builder, Modifiers({"REPLACE"}))
    return alter_relation(cursor, builder, ref)


def _alter_index(cursor: Cursor, builder: Builder) -> Outcome:
    """PostgreSQL: names, and which index of a partition belongs to which of its parent."""
    cursor.accept("IF", "EXISTS")
    ref = cursor.qualified()
    if not cursor.accept("ATTACH", "PARTITION"):
        return alter_relation(cursor, builder, ref)
    child = cursor.qualified()
    found = builder.find_index(child)
    if found is not None:
        home, index = found
        attached = index.model_copy(update={"options": index.options | {"partition of": ref.name}})
        builder.replace_index(home, index, attached)
        return "applied"
    keyed = key_of_partition(builder, child.name)
    if keyed is None:
        return "noted"
    table, constraint = keyed
    options = constraint.options | {"partition of": ref.name}
    table.replace(constraint, constraint.model_copy(update={"options": options}))
    return "applied"


def _alter_namespace(cursor: Cursor, builder: Builder) -> Outcome:
    if cursor.dialect == "mysql":
        return alter_database(cursor, builder)
    name = cursor.name()
    namespace = builder.namespaces.get(name)
    if namespace is None or not cursor.accept("RENAME", "TO"):
        return "noted"
    offset = cursor.offset
    move_namespace(builder, name, cursor.name(), offset)
    return "applied"


def _execute(cursor: Cursor, builder: Builder) -> Outcome:
    """SQL Server: the procedures that change a schema, and a statement in a string."""
    inner = statement_in_string(cursor)
    if inner is None:
        return execute(cursor, builder)
    return "noted" if inner.key in NOTED else carry_out(inner, builder)


def _do(cursor: Cursor, builder: Builder) -> Outcome:
    """PostgreSQL's anonymous blocks could do anything; they are not run. MySQL's DO computes and forgets."""
    if cursor.dialect == "mysql":
        return "noted"
    builder.lose("DO", "an anonymous code block", "It is not run; what it would create is not known.", cursor.origin)
    return "ledger"


_STATEMENTS: Final[dict[str, _Change]] = {
    "CREATE": _create,
    "ALTER": _alter,
    "DROP": drop,
    "SELECT": select_into,
    "RENAME": rename_table,
    "COMMENT": comment_on,
    "DO": _do,
    "EXEC": _execute,
    "EXECUTE": _execute,
}

_CREATE: Final[dict[str, _Create]] = {
    "TABLE": create_table,
    "INDEX": create_index,
    "VIEW": create_view,
    "SEQUENCE": create_sequence,
    "TYPE": create_type,
    "DOMAIN": create_domain,
    "SCHEMA": _create_schema,
    "DATABASE": create_namespace,
    "EXTENSION": create_extension,
    "FUNCTION": create_routine,
    "PROCEDURE": create_routine,
    "PROC": create_routine,
    "AGGREGATE": create_routine,
    "TRIGGER": create_trigger,
    "POLICY": create_policy,
}

_KEPT: Final = {
    *("ACCESS", "ASSEMBLY", "ASYMMETRIC", "AVAILABILITY", "BROKER", "CAST", "CATALOG", "CERTIFICATE", "COLLATION"),
    *("COLUMN", "STOPLIST"),
    *("CONTRACT", "CONVERSION", "CREDENTIAL", "DATA", "DEFAULT", "ENDPOINT", "EVENT", "FULLTEXT", "LANGUAGE"),
    *(
        "LOGFILE",
        "MASTER",
        "MESSAGE",
        "OPERATOR",
        "PACKAGE",
        "PARTITION",
        "PUBLICATION",
        "QUEUE",
        "REFERENCE",
        "RESOURCE",
        "ROUTE",
        "RULE",
    ),
    *("SEARCH", "SECURITY", "SERVER", "SERVICE", "SPATIAL", "STATISTICS", "SUBSCRIPTION", "SYMMETRIC", "SYNONYM"),
    *("TABLESPACE", "TEXT", "TRANSFORM", "UNDO", "XML"),
}
"""What the engines can create and the model has no class for, by the first word of its name."""

_REDEFINED: Final = {"FUNCTION", "PROCEDURE", "PROC", "TRIGGER"}

_ALTER: Final[dict[str, _Change]] = {
    "TABLE": alter_table,
    "SEQUENCE": alter_sequence,
    "TYPE": alter_type,
    "DOMAIN": alter_domain,
    "POLICY": alter_policy,
    "VIEW": _alter_view,
    "INDEX": _alter_index,
    "SCHEMA": _alter_namespace,
    **dict.fromkeys(ROUTINES, alter_routine),
    "DATABASE": alter_database,
}
