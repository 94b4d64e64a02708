"""CREATE and ALTER of everything that is neither a table nor code: namespaces, extensions, types, sequences, views."""

from typing import Final, Literal

from renga_schema.model import (
    Extension,
    Namespace,
    Options,
    Ref,
    Sequence,
    View,
)
from renga_schema.readers.sql.builder import Builder
from renga_schema.readers.sql.cursor import Cursor
from renga_schema.readers.sql.indexes import parameters
from renga_schema.readers.sql.modifiers import Modifiers
from renga_schema.readers.sql.moving import move_sequence
from renga_schema.readers.sql.outcome import Outcome
from renga_schema.readers.sql.sequences import sequence_clauses

_DATABASE_OPTIONS: Final = {"DEFAULT", "CHARACTER", "CHARSET", "COLLATE", "COMMENT", "ENCRYPTION", "READ", "UPGRADE"}


def create_namespace(cursor: Cursor, builder: Builder, _: Modifiers) -> Outcome:
    """CREATE SCHEMA; CREATE DATABASE where that is the same thing (MySQL)."""
    cursor.accept("IF", "NOT", "EXISTS")
    origin = cursor.origin
    if cursor.dialect == "mssql" and cursor.previous == "DATABASE":
        return "noted"
    if cursor.dialect == "postgres" and cursor.previous == "DATABASE":
        return "noted"
    if cursor.accept("AUTHORIZATION"):
        name = cursor.name()
    else:
        name = cursor.name()
        if cursor.accept("AUTHORIZATION"):
            cursor.name()
    options = _database_options(cursor) if cursor.dialect == "mysql" else {}
    if cursor.dialect != "postgres":
        cursor.expect_end()  # PostgreSQL's goes on with what is in it
    builder.namespaces.setdefault(name, Namespace(name=name, origin=origin, options=options))
    return "applied"


def _database_options(cursor: Cursor) -> Options:
    options: Options = {}
    while not cursor.at_end:
        cursor.accept("DEFAULT")
        key = cursor.name().lower()
        cursor.accept_any({"SET", "ONLY"})
        cursor.accept("=")
        options["charset" if key in {"character", "charset"} else key] = cursor.value()
    return options


def alter_database(cursor: Cursor, builder: Builder) -> Outcome:
    """MySQL's ALTER DATABASE: what new tables will have by default. Without a name it is about the current one."""
    if cursor.dialect != "mysql":
        return "noted"
    named = cursor.key not in _DATABASE_OPTIONS
    name = cursor.name() if named else "".join(builder.path[:1])
    found = builder.namespaces.get(name)
    if found is None or cursor.accept("UPGRADE"):
        return "noted"
    options = _database_options(cursor)
    if "charset" in options and "collate" not in options:
        options["collate"] = ""
    changed = {key: value for key, value in (found.options | options).items() if value}
    builder.namespaces[name] = found.model_copy(update={"options": changed})
    return "applied"


def create_extension(cursor: Cursor, builder: Builder, _: Modifiers) -> Outcome:
    """CREATE EXTENSION."""
    cursor.accept("IF", "NOT", "EXISTS")
    origin = cursor.origin
    name = cursor.name()
    cursor.accept("WITH")
    namespace = version = None
    while not cursor.at_end:
        if cursor.accept("SCHEMA"):
            namespace = cursor.name()
        elif cursor.accept("VERSION"):
            version = cursor.value()
        else:
            cursor.expect("CASCADE")
    builder.extensions.setdefault(name, Extension(name=name, namespace=namespace, version=version, origin=origin))
    return "applied"


def create_sequence(cursor: Cursor, builder: Builder, modifiers: Modifiers) -> Outcome:
    """CREATE SEQUENCE."""
    optional = cursor.accept("IF", "NOT", "EXISTS")
    origin, offset = cursor.origin, cursor.offset
    ref = builder.home(cursor.qualified())
    if builder.sequences.get(ref.namespace, ref.name) is not None and "REPLACE" not in modifiers:
        if optional:
            return "noted"
        raise builder.duplicate("sequence", ref, offset)
    clauses = sequence_clauses(cursor, builder)
    cursor.expect_end()
    builder.sequences.put(
        Sequence(
            name=ref.name,
            namespace=ref.namespace,
            origin=origin,
            type=clauses.type,
            options=clauses.options(),
            owned_by=_owner(clauses.owner, builder),
        )
    )
    return "applied"


def alter_sequence(cursor: Cursor, builder: Builder) -> Outcome:
    """ALTER SEQUENCE: options, and the OWNED BY by which a serial column is known."""
    optional = cursor.accept("IF", "EXISTS")
    offset = cursor.offset
    ref = cursor.qualified()
    sequence = builder.find(builder.sequences, ref)
    if sequence is None:
        if optional:
            return "noted"
        raise builder.missing("sequence", ref, offset, builder.sequences.names())
    if cursor.accept("OWNER", "TO"):
        cursor.name()
        return "noted"
    if cursor.key in {"RENAME", "SET"} and cursor.peek(1) in {"TO", "SCHEMA"}:
        name = cursor.name() if cursor.accept("RENAME", "TO") else sequence.name
        namespace = cursor.name() if cursor.accept("SET", "SCHEMA") else sequence.namespace
        move_sequence(builder, sequence, Ref(name=name, namespace=namespace), offset)
        return "applied"
    clauses = sequence_clauses(cursor, builder)
    cursor.expect_end()
    changed: dict[str, object] = {"options": clauses.options(sequence.options, sequence.type)}
    if clauses.type is not None:
        changed["type"] = clauses.type
    if clauses.owner is not None:
        changed["owned_by"] = _owner(clauses.owner, builder)
    builder.sequences.put(sequence.model_copy(update=changed))
    return "applied"


def _owner(names: list[str] | None, builder: Builder) -> tuple[Ref, str] | None:
    if not names or len(names) < 2:
        return None
    *path, table, column = names
    return builder.target(Ref(name=table, namespace=path[-1] if path else None)), column


def create_view(cursor: Cursor, builder: Builder, modifiers: Modifiers) -> Outcome:
    """CREATE [MATERIALIZED] VIEW."""
    optional = cursor.accept("IF", "NOT", "EXISTS")
    origin, offset = cursor.origin, cursor.offset
    ref = builder.home(cursor.qualified())
    if optional and builder.views.get(ref.namespace, ref.name):
        return "noted"
    if "REPLACE" not in modifiers and "ALTER" not in modifiers and builder.views.get(ref.namespace, ref.name):
        raise builder.duplicate("view", ref, offset)
    columns = cursor.names() if cursor.key == "(" else ()
    options = modifiers.options
    while not cursor.accept("AS"):
        if cursor.sees("WITH", "("):
            cursor.advance()
            options |= parameters(cursor.group())
        elif (word := cursor.accept_any({"USING", "TABLESPACE", "WITH", ","})) is not None:
            options[word.lower()] = cursor.name().lower()
        else:
            raise cursor.error("AS is expected")
    check_option = _check_option(cursor)
    with_data = not cursor.accept_tail("WITH", "NO", "DATA")
    cursor.accept_tail("WITH", "DATA")
    query = cursor.rest()
    if not query:
        raise cursor.error("a query is expected")
    builder.views.put(
        View(
            name=ref.name,
            namespace=ref.namespace,
            origin=origin,
            query=query,
            columns=columns,
            materialized="MATERIALIZED" in modifiers,
            with_data=with_data,
            check_option=check_option,
            options=options,
        )
    )
    return "applied"


def _check_option(cursor: Cursor) -> Literal["local", "cascaded"] | None:
    if cursor.accept_tail("WITH", "LOCAL", "CHECK", "OPTION"):
        return "local"
    if cursor.accept_tail("WITH", "CASCADED", "CHECK", "OPTION") or cursor.accept_tail("WITH", "CHECK", "OPTION"):
        return "cascaded"
    return None
