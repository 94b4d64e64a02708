"""CREATE and ALTER of everything that is neither a table nor code: namespaces, extensions, types, sequences, views."""

from typing import Final, Literal

from renga_schema.model import (
    Attribute,
    Check,
    CompositeType,
    Domain,
    Enum,
    Extension,
    Namespace,
    Options,
    Other,
    Ref,
    Sequence,
    View,
)
from renga_schema.readers.sql.builder import Builder
from renga_schema.readers.sql.constraints import check, constraint_name
from renga_schema.readers.sql.cursor import Cursor
from renga_schema.readers.sql.datatypes import data_type
from renga_schema.readers.sql.expressions import default
from renga_schema.readers.sql.indexes import parameters
from renga_schema.readers.sql.modifiers import Modifiers
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
    cursor.expect_end()
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
        raise builder.missing("sequence", ref, offset, [each.name for each in builder.sequences])
    if cursor.accept("OWNER", "TO"):
        cursor.name()
        return "noted"
    if cursor.key in {"RENAME", "SET"} and cursor.peek(1) in {"TO", "SCHEMA"}:
        name = cursor.name() if cursor.accept("RENAME", "TO") else sequence.name
        namespace = cursor.name() if cursor.accept("SET", "SCHEMA") else sequence.namespace
        builder.sequences.rename(sequence.ref, sequence.model_copy(update={"name": name, "namespace": namespace}))
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


def create_type(cursor: Cursor, builder: Builder, _: Modifiers) -> Outcome:
    """CREATE TYPE: an enum, a composite type; ranges and base types are kept as written."""
    origin, offset = cursor.origin, cursor.offset
    ref = builder.home(cursor.qualified())
    if builder.types.get(ref.namespace, ref.name) is not None:
        raise builder.duplicate("type", ref, offset)
    if cursor.accept("AS", "ENUM"):
        group = cursor.group()
        values = []
        while not group.at_end:
            values.append(group.string())
            if not group.at_end:
                group.expect(",")
        builder.types.put(Enum(name=ref.name, namespace=ref.namespace, origin=origin, values=tuple(values)))
    elif cursor.sees("AS", "("):
        cursor.advance()
        attributes = tuple(_attribute(item, builder) for item in cursor.group().items())
        builder.types.put(CompositeType(name=ref.name, namespace=ref.namespace, origin=origin, attributes=attributes))
    else:
        kind = "range type" if cursor.sees("AS", "RANGE") else "type"
        cursor.rest()
        builder.others.append(
            Other(name=ref.name, namespace=ref.namespace, kind=kind, origin=origin, definition=cursor.whole())
        )
        return "kept"
    cursor.expect_end()
    return "applied"


def _attribute(item: Cursor, builder: Builder) -> Attribute:
    origin = item.origin
    name = item.name()
    type_ = data_type(item, builder)
    collation = item.dotted()[-1] if item.accept("COLLATE") else None
    item.expect_end()
    return Attribute(name=name, origin=origin, type=type_, collation=collation)


def alter_type(cursor: Cursor, builder: Builder) -> Outcome:
    """ALTER TYPE: enum labels, names; other changes are entered into the ledger."""
    offset = cursor.offset
    ref = cursor.qualified()
    if cursor.accept("OWNER", "TO"):
        return _taken(cursor, "noted")
    found = builder.find(builder.types, ref)
    if found is None:
        if any(other.ref == builder.home(ref) for other in builder.others):
            return _lost(cursor, builder, ref)
        raise builder.missing("type", ref, offset, [each.name for each in builder.types])
    if cursor.accept("RENAME", "TO") or cursor.accept("SET", "SCHEMA"):
        field = "name" if cursor.previous == "TO" else "namespace"
        builder.types.rename(found.ref, found.model_copy(update={field: cursor.name()}))
        return "applied"
    if isinstance(found, Enum) and cursor.accept("ADD", "VALUE"):
        return _add_value(cursor, builder, found)
    if isinstance(found, Enum) and cursor.accept("RENAME", "VALUE"):
        old = cursor.string()
        cursor.expect("TO")
        new = cursor.string()
        values = tuple(new if value == old else value for value in found.values)
        builder.types.put(found.model_copy(update={"values": values}))
        return "applied"
    if isinstance(found, CompositeType) and cursor.accept("ADD", "ATTRIBUTE"):
        attributes = (*found.attributes, _attribute(cursor, builder))
        builder.types.put(found.model_copy(update={"attributes": attributes}))
        return "applied"
    return _lost(cursor, builder, ref)


def _add_value(cursor: Cursor, builder: Builder, found: Enum) -> Outcome:
    optional = cursor.accept("IF", "NOT", "EXISTS")
    offset = cursor.offset
    value = cursor.string()
    values = list(found.values)
    if value in values:
        if optional:
            return "noted"
        raise builder.duplicate(f"label in enum {found.ref}", Ref(name=value), offset)
    at = len(values)
    if (side := cursor.accept_any({"BEFORE", "AFTER"})) is not None:
        offset = cursor.offset
        neighbour = cursor.string()
        if neighbour not in values:
            raise builder.missing(f"label in enum {found.ref}", Ref(name=neighbour), offset, values)
        at = values.index(neighbour) + (side == "AFTER")
    values.insert(at, value)
    builder.types.put(found.model_copy(update={"values": tuple(values)}))
    return "applied"


def _taken(cursor: Cursor, outcome: Outcome) -> Outcome:
    cursor.rest()
    return outcome


def _lost(cursor: Cursor, builder: Builder, ref: Ref) -> Outcome:
    place = cursor.origin
    builder.lose(str(ref), f"ALTER ... {cursor.rest()}", "The object stays as it was.", place)
    return "ledger"


def create_domain(cursor: Cursor, builder: Builder, _: Modifiers) -> Outcome:
    """CREATE DOMAIN."""
    origin, offset = cursor.origin, cursor.offset
    ref = builder.home(cursor.qualified())
    if builder.types.get(ref.namespace, ref.name) is not None:
        raise builder.duplicate("type", ref, offset)
    cursor.accept("AS")
    domain = Domain(name=ref.name, namespace=ref.namespace, origin=origin, type=data_type(cursor, builder))
    changed: dict[str, object] = {}
    checks: list[Check] = []
    while not cursor.at_end:
        place = cursor.origin
        name = constraint_name(cursor)
        if cursor.key == "CHECK":
            checks.append(check(cursor, name, place))
        elif cursor.accept("NOT", "NULL"):
            changed["nullable"] = False
        elif cursor.accept("DEFAULT"):
            mark = cursor.here
            cursor.step()
            cursor.skip_to({"CHECK", "CONSTRAINT", "NOT", "NULL", "COLLATE"})
            changed["default"] = default(cursor.since(mark), domain.type, cursor.dialect)
        elif cursor.accept("COLLATE"):
            changed["collation"] = cursor.dotted()[-1]
        else:
            cursor.expect("NULL")
    builder.types.put(domain.model_copy(update={**changed, "checks": tuple(checks)}))
    return "applied"


def alter_domain(cursor: Cursor, builder: Builder) -> Outcome:
    """ALTER DOMAIN."""
    offset = cursor.offset
    ref = cursor.qualified()
    if cursor.accept("OWNER", "TO"):
        return _taken(cursor, "noted")
    domain = builder.find(builder.types, ref)
    if not isinstance(domain, Domain):
        raise builder.missing("domain", ref, offset, [each.name for each in builder.types])
    changed: dict[str, object] = {}
    place = cursor.origin
    if cursor.accept("SET", "NOT", "NULL"):
        changed["nullable"] = False
    elif cursor.accept("DROP", "NOT", "NULL"):
        changed["nullable"] = True
    elif cursor.accept("DROP", "DEFAULT"):
        changed["default"] = None
    elif cursor.accept("SET", "DEFAULT"):
        changed["default"] = default(cursor.rest(), domain.type, cursor.dialect)
    elif cursor.accept("ADD"):
        name = constraint_name(cursor)
        changed["checks"] = (*domain.checks, check(cursor, name, place))
    elif cursor.accept("DROP", "CONSTRAINT"):
        cursor.accept("IF", "EXISTS")
        name = cursor.name()
        changed["checks"] = tuple(each for each in domain.checks if each.name != name)
    else:
        return _lost(cursor, builder, ref)
    builder.types.put(domain.model_copy(update=changed))
    return "applied"


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
