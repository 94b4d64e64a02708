"""Routines, triggers and policies: kept verbatim, their heads understood as far as the model has fields for them."""

from typing import Final, Literal

from renga_schema.model import Other, Policy, Ref, Routine, Trigger
from renga_schema.readers.sql import routines
from renga_schema.readers.sql.builder import Builder
from renga_schema.readers.sql.cursor import Cursor
from renga_schema.readers.sql.expressions import expression
from renga_schema.readers.sql.lexer import STRING
from renga_schema.readers.sql.modifiers import Modifiers
from renga_schema.readers.sql.outcome import Outcome
from renga_schema.readers.sql.shelf import same

_KINDS: Final[dict[str, Literal["function", "procedure", "aggregate"]]] = {
    "FUNCTION": "function",
    "PROCEDURE": "procedure",
    "PROC": "procedure",
    "AGGREGATE": "aggregate",
}
_AFTER_RETURNS: Final = {
    "LANGUAGE", "AS", "IMMUTABLE", "STABLE", "VOLATILE", "STRICT", "CALLED", "RETURN", "BEGIN", "DETERMINISTIC", "NOT",
    "READS", "CONTAINS", "MODIFIES", "NO", "SQL", "COMMENT", "COST", "ROWS", "SECURITY", "PARALLEL", "WINDOW", "SET",
    "LEAKPROOF", "WITH", "SUPPORT", "TRANSFORM", "EXTERNAL",
}  # fmt: skip
_TIMINGS: Final[dict[str, Literal["before", "after"]]] = {"BEFORE": "before", "AFTER": "after", "FOR": "after"}
_EVENTS: Final = {"INSERT", "UPDATE", "DELETE", "TRUNCATE"}
_COMMANDS: Final[dict[str, Literal["all", "select", "insert", "update", "delete"]]] = {
    "ALL": "all",
    "SELECT": "select",
    "INSERT": "insert",
    "UPDATE": "update",
    "DELETE": "delete",
}


def create_routine(cursor: Cursor, builder: Builder, modifiers: Modifiers) -> Outcome:
    """CREATE FUNCTION, PROCEDURE or AGGREGATE."""
    kind = _KINDS[cursor.previous]
    cursor.accept("IF", "NOT", "EXISTS")
    origin, offset = cursor.origin, cursor.offset
    ref = builder.home(cursor.qualified())
    if cursor.dialect == "mssql" and cursor.key != "(":
        mark = cursor.here
        cursor.skip_to({"AS", "WITH", "RETURNS"})
        signature = cursor.since(mark)
    else:
        signature = cursor.group().plain() if cursor.key == "(" else ""
    returns = None
    if cursor.accept("RETURNS"):
        mark = cursor.here
        cursor.step()
        cursor.skip_to(_AFTER_RETURNS)
        returns = cursor.since(mark)
    language = _language(cursor)
    routine = Routine(
        name=ref.name,
        namespace=ref.namespace,
        origin=origin,
        kind=kind,
        signature=" ".join(signature.split()),
        returns=" ".join(returns.split()) if returns else None,
        language=language,
        definition=cursor.whole(),
    )
    if cursor.dialect == "postgres":
        known = [each for each in builder.routines.named(ref.name) if routines.same(each, routine)]
        if known and "REPLACE" not in modifiers:
            raise builder.duplicate(f"{kind} with these arguments", ref, offset)
    elif modifiers.words & {"REPLACE", "ALTER"}:
        known = [each for each in builder.routines.named(ref.name) if _same(each, routine)]
    else:
        known = []
    for each in known:
        builder.routines.remove(each)
    builder.routines.add(routine)
    return "kept"


def _same(one: Routine, other: Routine) -> bool:
    return (one.name, one.namespace, one.signature, one.kind) == (
        other.name,
        other.namespace,
        other.signature,
        other.kind,
    )


def _language(cursor: Cursor) -> str | None:
    """The language, wherever among the clauses it stands."""
    if cursor.dialect != "postgres":
        return "sql"
    language = None
    while not cursor.at_end:
        if cursor.accept("LANGUAGE"):
            language = cursor.string() if cursor.key == STRING else cursor.name()
        elif cursor.key == "BEGIN":
            cursor.rest()
        else:
            cursor.advance()
    return language


def create_trigger(cursor: Cursor, builder: Builder, modifiers: Modifiers) -> Outcome:
    """CREATE TRIGGER."""
    if "EVENT" in modifiers:
        return keep("event trigger", cursor, builder)
    cursor.accept("IF", "NOT", "EXISTS")
    origin = cursor.origin
    name, namespace = (written := cursor.qualified()).name, written.namespace
    table: Ref | None = None
    if cursor.dialect == "mssql":
        cursor.expect("ON")
        if cursor.sees("DATABASE") or cursor.sees("ALL", "SERVER"):
            return _keep_other(cursor, builder, Ref(name=name), "trigger")
        table = cursor.qualified()
        cursor.skip_to({"AFTER", "FOR", "INSTEAD"})
    timing = _timing(cursor)
    events = [_event(cursor)]
    while cursor.accept_any({"OR", ","}):
        events.append(_event(cursor))
    if table is None:
        cursor.expect("ON")
        table = cursor.qualified()
        if cursor.dialect == "sqlite" and namespace not in {None, "temp"} and table.namespace is None:
            table = Ref(name=table.name, namespace=namespace)
    level, condition = _level(cursor)
    trigger = Trigger(
        name=name,
        origin=origin,
        table=builder.target(table),
        timing=timing,
        events=tuple(events),
        level="row" if cursor.dialect in {"mysql", "sqlite"} else level,
        condition=expression(condition, cursor.dialect) if condition else None,
        definition=cursor.whole(),
    )
    for known in builder.triggers.named(name):
        if same(known.table, trigger.table):
            builder.triggers.remove(known)
    builder.triggers.add(trigger)
    return "kept"


def _timing(cursor: Cursor) -> Literal["before", "after", "instead of"]:
    if cursor.accept("INSTEAD", "OF"):
        return "instead of"
    word = cursor.accept_any(_TIMINGS)
    if word is None and cursor.dialect != "sqlite":
        raise cursor.error("BEFORE, AFTER or INSTEAD OF is expected")
    return _TIMINGS[word or "BEFORE"]


def _event(cursor: Cursor) -> str:
    word = cursor.accept_any(_EVENTS)
    if word is None:
        raise cursor.error("INSERT, UPDATE, DELETE or TRUNCATE is expected")
    if not cursor.accept("OF"):
        return word.lower()
    names = [cursor.name()]
    while cursor.accept(","):
        names.append(cursor.name())
    return f"update of {', '.join(names)}"


def _level(cursor: Cursor) -> tuple[Literal["row", "statement"], str | None]:
    """Take FOR EACH and WHEN, and pass over what may stand before them."""
    level: Literal["row", "statement"] = "statement"
    while not cursor.at_end and cursor.key not in {"EXECUTE", "BEGIN", "AS"}:
        if cursor.accept("FOR"):
            cursor.accept("EACH")
            level = "row" if cursor.accept("ROW") else level
            cursor.accept("STATEMENT")
            if cursor.dialect == "mysql":
                return "row", None
        elif cursor.accept("WHEN"):
            mark = cursor.here
            cursor.skip_to({"EXECUTE", "BEGIN"})
            return level, cursor.since(mark)
        else:
            cursor.advance()
    return level, None


def create_policy(cursor: Cursor, builder: Builder, _: Modifiers) -> Outcome:
    """CREATE POLICY."""
    origin = cursor.origin
    name = cursor.name()
    cursor.expect("ON")
    policy = Policy(name=name, origin=origin, table=builder.target(cursor.qualified()))
    builder.policies.add(policy.model_copy(update=_policy_clauses(cursor)))
    return "applied"


def _policy_clauses(cursor: Cursor) -> dict[str, object]:
    found: dict[str, object] = {}
    while not cursor.at_end:
        if cursor.accept("AS"):
            found["permissive"] = cursor.name() == "permissive"
        elif cursor.accept("FOR"):
            command = cursor.accept_any(_COMMANDS)
            if command is None:
                raise cursor.error("ALL, SELECT, INSERT, UPDATE or DELETE is expected")
            found["command"] = _COMMANDS[command]
        elif cursor.accept("TO"):
            roles = [cursor.name()]
            while cursor.accept(","):
                roles.append(cursor.name())
            found["roles"] = tuple(roles)
        elif cursor.accept("USING"):
            found["using"] = expression(cursor.group().rest(), cursor.dialect)
        else:
            cursor.expect("WITH", "CHECK")
            found["check"] = expression(cursor.group().rest(), cursor.dialect)
    return found


def alter_policy(cursor: Cursor, builder: Builder) -> Outcome:
    """ALTER POLICY."""
    offset = cursor.offset
    name = cursor.name()
    cursor.expect("ON")
    table = builder.target(cursor.qualified())
    policy = next((each for each in builder.policies.named(name) if same(each.table, table)), None)
    if policy is None:
        raise builder.missing(f"policy on table {table}", Ref(name=name), offset, builder.policies.names())
    changed = {"name": cursor.name()} if cursor.accept("RENAME", "TO") else _policy_clauses(cursor)
    builder.policies.replace(policy, policy.model_copy(update=changed))
    return "applied"


def keep(kind: str, cursor: Cursor, builder: Builder) -> Outcome:
    """Keep a statement that makes something for which the model has no class."""
    cursor.accept("IF", "NOT", "EXISTS")
    ref = builder.home(cursor.qualified()) if cursor.at_name else Ref(name=kind)
    return _keep_other(cursor, builder, ref, kind)


def alter_event(cursor: Cursor, builder: Builder) -> Outcome:
    """ALTER EVENT: a new name is taken over; what else changes is not, for an event is kept as it was written."""
    cursor.accept("IF", "EXISTS")
    ref = builder.home(cursor.qualified())
    mark = cursor.here
    cursor.skip_to({"RENAME", "DO"})
    changes = cursor.since(mark)
    new = builder.home(cursor.qualified()) if cursor.accept("RENAME", "TO") else ref
    changes += cursor.rest()
    found = next((each for each in builder.others.named(ref.name) if each.kind == "event" and each.ref == ref), None)
    if found is None:
        raise builder.missing("event", ref, cursor.offset, builder.others.names())
    renamed = found.model_copy(update={"name": new.name, "namespace": new.namespace})
    builder.others.replace(found, renamed)
    if changes:
        builder.lose(f"event {new}", f"ALTER EVENT ... {changes}", "The event is kept as it was made.", cursor.origin)
        return "ledger"
    return "applied"


def _keep_other(cursor: Cursor, builder: Builder, ref: Ref, kind: str) -> Outcome:
    origin = cursor.source.origin(cursor.first)
    other = Other(name=ref.name, namespace=ref.namespace, kind=kind, origin=origin, definition=cursor.whole())
    builder.others.add(other)
    return "kept"
