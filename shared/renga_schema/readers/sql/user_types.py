"""PostgreSQL's CREATE TYPE and CREATE DOMAIN, and what alters them."""

import itertools
from typing import Final

from renga_schema.model import Attribute, Check, Column, CompositeType, Domain, Enum, Other, Ref
from renga_schema.readers.sql.builder import Builder
from renga_schema.readers.sql.constraints import check, constraint_name
from renga_schema.readers.sql.cursor import Cursor
from renga_schema.readers.sql.datatypes import data_type
from renga_schema.readers.sql.drafts import TableDraft
from renga_schema.readers.sql.expressions import default
from renga_schema.readers.sql.modifiers import Modifiers
from renga_schema.readers.sql.moving import move_type
from renga_schema.readers.sql.names import implied_name
from renga_schema.readers.sql.outcome import Outcome

_FOLLOW: Final = 200
"""The steps that it takes to change a column of a typed table."""


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
    elif cursor.dialect == "mssql" and cursor.accept("FROM"):
        domain = Domain(name=ref.name, namespace=ref.namespace, origin=origin, type=data_type(cursor, builder))
        nullable = not cursor.accept("NOT", "NULL")
        cursor.accept("NULL")
        builder.types.put(domain.model_copy(update={"nullable": nullable}))
    elif cursor.sees("AS", "("):
        cursor.advance()
        attributes = tuple(_attribute(item, builder) for item in cursor.group().items())
        builder.types.put(CompositeType(name=ref.name, namespace=ref.namespace, origin=origin, attributes=attributes))
    else:
        kind = "range type" if cursor.sees("AS", "RANGE") else "type"
        cursor.rest()
        builder.others.add(
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
    item.accept_any({"CASCADE", "RESTRICT"})
    if item.key != ",":
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
        if any(other.ref == builder.home(ref) for other in builder.others.named(ref.name)):
            return _lost(cursor, builder, ref)
        raise builder.missing("type", ref, offset, builder.types.names())
    if cursor.accept("RENAME", "TO") or cursor.accept("SET", "SCHEMA"):
        field = "name" if cursor.previous == "TO" else "namespace"
        move_type(builder, found, found.ref.model_copy(update={field: cursor.name()}), offset)
        return "applied"
    if isinstance(found, Enum) and cursor.accept("ADD", "VALUE"):
        return _add_value(cursor, builder, found)
    if isinstance(found, Enum) and cursor.accept("RENAME", "VALUE"):
        old = cursor.string()
        cursor.expect("TO")
        new = cursor.string()
        values = list(found.values)
        builder.effort.spend(len(values) // 2)
        if old in values:
            values[values.index(old)] = new
        builder.types.put(found.model_copy(update={"values": tuple(values)}))
        return "applied"
    if isinstance(found, CompositeType):
        return _alter_attributes(cursor, builder, found)
    return _lost(cursor, builder, ref)


def _alter_attributes(cursor: Cursor, builder: Builder, found: CompositeType) -> Outcome:
    """ADD, DROP, ALTER and RENAME ATTRIBUTE; typed tables follow with CASCADE."""
    typed = [table for table in builder.tables if table.options.get("of") == str(found.ref)]
    attributes = list(found.attributes)
    while not cursor.at_end:
        builder.effort.spend(len(attributes))
        verb = cursor.accept_any({"ADD", "DROP", "ALTER", "RENAME"})
        cursor.expect("ATTRIBUTE")
        cursor.accept("IF", "EXISTS")
        if verb == "ADD":
            added = _attribute(cursor, builder)
            attributes.append(added)
            for table in typed:
                table.put(Column(name=added.name, type=added.type, collation=added.collation))
        else:
            name = cursor.name()
            update = _changed_attribute(verb, cursor, builder)
            attributes = [
                each if each.name != name else each.model_copy(update=update)
                for each in attributes
                if update or each.name != name
            ]
            for table in typed:
                builder.effort.spend(_FOLLOW)
                _follow_attribute(table, name, update)
        cursor.accept_any({"CASCADE", "RESTRICT"})
        if not cursor.at_end:
            cursor.expect(",")
    builder.types.put(found.model_copy(update={"attributes": tuple(attributes)}))
    return "applied"


def _changed_attribute(verb: str | None, cursor: Cursor, builder: Builder) -> dict[str, object]:
    """What of an attribute is new; nothing where it goes away."""
    if verb == "DROP":
        return {}
    if verb == "RENAME":
        cursor.expect("TO")
        return {"name": cursor.name()}
    cursor.accept("SET", "DATA")
    cursor.expect("TYPE")
    return {"type": data_type(cursor, builder)}


def _follow_attribute(table: TableDraft, name: str, update: dict[str, object]) -> None:
    column = table.column(name)
    if not update:
        table.drop_column(name)
    elif "name" in update:
        table.rename_column(name, str(update["name"]))
    elif column is not None:
        table.put(column.model_copy(update=update))


def _add_value(cursor: Cursor, builder: Builder, found: Enum) -> Outcome:
    optional = cursor.accept("IF", "NOT", "EXISTS")
    offset = cursor.offset
    value = cursor.string()
    values = list(found.values)
    builder.effort.spend(len(values) // 2)
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
        raise builder.missing("domain", ref, offset, builder.types.names())
    if cursor.accept("RENAME", "TO") or cursor.accept("SET", "SCHEMA"):
        field = "name" if cursor.previous == "TO" else "namespace"
        move_type(builder, domain, domain.ref.model_copy(update={field: cursor.name()}), offset)
        return "applied"
    builder.effort.spend(5 * len(domain.checks))
    changed = _changed_value(cursor, domain) or _changed_checks(cursor, domain)
    if changed is None:
        return _lost(cursor, builder, ref)
    builder.types.put(domain.model_copy(update=changed))
    return "applied"


def _changed_value(cursor: Cursor, domain: Domain) -> dict[str, object] | None:
    """SET and DROP of NOT NULL and DEFAULT; None where it is something else."""
    if cursor.accept("SET", "NOT", "NULL"):
        return {"nullable": False}
    if cursor.accept("DROP", "NOT", "NULL"):
        return {"nullable": True}
    if cursor.accept("DROP", "DEFAULT"):
        return {"default": None}
    if cursor.accept("SET", "DEFAULT"):
        return {"default": default(cursor.rest(), domain.type, cursor.dialect)}
    return None


def _changed_checks(cursor: Cursor, domain: Domain) -> dict[str, object] | None:
    """ADD, DROP, VALIDATE and RENAME of constraints; None where it is something else."""
    place = cursor.origin
    if cursor.accept("ADD"):
        name = constraint_name(cursor)
        return (
            {"nullable": False}
            if cursor.accept("NOT", "NULL")
            else {"checks": (*domain.checks, check(cursor, name, place))}
        )
    verb = cursor.accept_any({"DROP", "VALIDATE", "RENAME"})
    if verb is None:
        return None
    cursor.expect("CONSTRAINT")
    cursor.accept("IF", "EXISTS")
    name = cursor.name()
    if verb == "DROP":
        return {"checks": tuple(each for each in _named(domain) if each.name != name)}
    update: dict[str, object] = {"validated": True}
    if verb == "RENAME":
        cursor.expect("TO")
        update = {"name": cursor.name()}
    return {"checks": tuple(each.model_copy(update=update) if each.name == name else each for each in _named(domain))}


def _named(domain: Domain) -> tuple[Check, ...]:
    """The checks with the names that the engine gave those that have none."""
    taken = {each.name for each in domain.checks}
    names = (
        name
        for suffix in itertools.chain(["check"], (f"check{number}" for number in itertools.count(1)))
        if (name := implied_name(domain.name, (), suffix)) not in taken
    )
    return tuple(each if each.name else each.model_copy(update={"name": next(names)}) for each in domain.checks)
