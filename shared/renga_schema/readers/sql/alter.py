"""ALTER TABLE: each action changes the draft as the engine would change the table."""

from collections.abc import Callable
from typing import Final

from renga_schema.model import Key, Ref
from renga_schema.readers.sql import sqlserver_alter, table_options
from renga_schema.readers.sql.alter_columns import (
    add_column,
    alter_column,
    change_column,
    check_names,
    drop_column,
    rename_column,
)
from renga_schema.readers.sql.alter_parents import attach, detach_partition, inherit
from renga_schema.readers.sql.builder import Builder
from renga_schema.readers.sql.charsets import convert, keep_old, settle_types
from renga_schema.readers.sql.constraints import starts_constraint, table_constraint, tail
from renga_schema.readers.sql.cursor import Cursor, Unparsed
from renga_schema.readers.sql.dependents import drop_references
from renga_schema.readers.sql.drafts import TableDraft
from renga_schema.readers.sql.expressions import default
from renga_schema.readers.sql.indexes import is_there, parameters
from renga_schema.readers.sql.inheritance import descendants, keep_checks
from renga_schema.readers.sql.moving import alter_relation, move_table
from renga_schema.readers.sql.outcome import Outcome
from renga_schema.readers.sql.repartitioning import (
    add_partitions,
    change_rows,
    coalesce_partitions,
    drop_partitions,
    partition_anew,
    remove_partitioning,
    reorganize_partitions,
)

Action = Callable[[Cursor, Builder, TableDraft], Outcome]

_STRENGTH: Final[list[Outcome]] = ["noted", "ledger", "kept", "applied"]


def alter_table(cursor: Cursor, builder: Builder) -> Outcome:
    """ALTER TABLE name action, action..."""
    optional = cursor.accept("IF", "EXISTS")
    builder.recursing = not cursor.accept("ONLY")
    offset = cursor.offset
    ref = cursor.qualified()
    cursor.accept("*")
    table = builder.find(builder.tables, ref)
    if table is None:
        if _is_other_relation(builder, ref):
            return alter_relation(cursor, builder, ref)
        if optional:
            return "noted"
        raise builder.missing("table", ref, offset, builder.tables.names())
    before = table.snapshot()
    try:
        return _actions(cursor, builder, table)
    except Unparsed:
        table.restore(before)  # all of a statement or nothing
        raise


def _actions(cursor: Cursor, builder: Builder, table: TableDraft) -> Outcome:
    outcomes: list[Outcome] = []
    action: Action | None = None
    while not cursor.at_end:
        distrusted = cursor.accept("WITH", "NOCHECK")  # SQL Server
        known = table.constraints() if distrusted else []
        cursor.accept("WITH", "CHECK")
        goes_on = cursor.dialect == "mssql" and cursor.sees("CHECK", "(")  # ADD CHECK (...), CHECK (...)
        found = None if goes_on else sqlserver_alter.action(cursor) or _ACTIONS.get(cursor.key)
        if found is not None:
            cursor.advance()
            action = found
        elif cursor.dialect == "mysql":
            old = table.charset, table.collation
            table_options.take_mysql(cursor, builder, table)
            if old != (table.charset, table.collation):
                keep_old(table, *old)
            outcomes.append("applied")
            continue
        elif action is None or (action is not _add and action is not _drop):  # SQL Server: ADD a int, b int
            raise cursor.error("an action of ALTER TABLE is expected")
        outcomes.append(action(cursor, builder, table))
        if distrusted:
            sqlserver_alter.distrust(table, known)
        if not cursor.at_end and cursor.dialect != "mysql":
            cursor.expect(",")
        else:
            cursor.accept(",")
    if cursor.dialect == "mysql":
        builder.effort.spend(3 * len(table.columns))
        settle_types(table)
        check_names(builder, table, cursor.offset)
    return max(outcomes, key=_STRENGTH.index, default="noted")


def _is_other_relation(builder: Builder, ref: Ref) -> bool:
    relations = (builder.find(builder.views, ref), builder.find(builder.sequences, ref), builder.index_home(ref))
    return any(relation is not None for relation in relations)


def _add(cursor: Cursor, builder: Builder, table: TableDraft) -> Outcome:
    if table.dialect == "mysql" and cursor.accept("PARTITION"):
        return add_partitions(cursor, builder, table)
    if cursor.accept("SYSTEM", "VERSIONING"):
        table.options["system versioning"] = "true"
        return "applied"
    if cursor.sees("PERIOD", "FOR") and table.dialect == "mssql":
        table.options["period"] = cursor.rest()
        return "applied"
    named_default = cursor.key == "CONSTRAINT" and cursor.peek(2) == "DEFAULT"
    if cursor.key == "DEFAULT" or named_default:
        return _add_default(cursor, builder, table)
    if starts_constraint(cursor):
        if table.dialect == "mysql" and is_there(cursor, table):
            cursor.skip_to({","})
            return "noted"
        offset = cursor.offset
        table_constraint(cursor, builder, table)
        if table.primary_key and builder.recursing:
            for heir in descendants(builder, table, offset):
                heir.forbid_nulls(table.primary_key.columns)
        return "applied"
    return add_column(cursor, builder, table)


def _add_default(cursor: Cursor, builder: Builder, table: TableDraft) -> Outcome:
    """SQL Server: `ADD [CONSTRAINT name] DEFAULT value FOR column`."""
    name = cursor.name() if cursor.accept("CONSTRAINT") else None
    cursor.expect("DEFAULT")
    mark = cursor.here
    cursor.skip_to({"FOR"})
    text = cursor.since(mark)
    cursor.expect("FOR")
    offset = cursor.offset
    column = builder.column(table, cursor.name(), offset)
    changed: dict[str, object] = {"default": default(text, column.type, table.dialect)}
    if name:
        changed["options"] = column.options | {"default constraint": name}
    table.put(column.model_copy(update=changed))
    return "applied"


def _drop(cursor: Cursor, builder: Builder, table: TableDraft) -> Outcome:
    kind = cursor.accept_any({"CONSTRAINT", "INDEX", "KEY", "PRIMARY", "FOREIGN", "CHECK", "PARTITION", "SYSTEM"})
    if kind is None and cursor.dialect == "mssql" and cursor.previous == "," and cursor.key != "COLUMN":
        kind = "CONSTRAINT"  # DROP CONSTRAINT a, b
    if kind is None:
        return drop_column(cursor, builder, table)
    if kind == "PARTITION":
        return drop_partitions(cursor, builder, table)
    if kind == "SYSTEM":
        cursor.expect("VERSIONING")
        table.options.pop("system versioning", None)
        return "applied"
    if kind == "PRIMARY":
        cursor.expect("KEY")
        if table.primary_key is None:
            raise builder.missing("primary key in table", table.ref, cursor.offset, [])
        table.primary_key = None
        return "applied"
    if kind == "FOREIGN":
        cursor.expect("KEY")
    optional = cursor.accept("IF", "EXISTS")
    offset = cursor.offset
    name = cursor.name()
    cascade = cursor.accept_any({"CASCADE", "RESTRICT"}) == "CASCADE"
    key = table.constraint(name)
    if cascade and isinstance(key, Key):
        drop_references(builder, table, key)
    dropped = _drop_constraint(table, name) or builder.drop_index(Ref(name=name), table)
    if not dropped and not optional:
        known = [constraint.name for constraint in table.constraints() if constraint.name]
        raise builder.missing(f"{kind.lower()} in table {table.ref}", Ref(name=name), offset, known)
    return "applied" if dropped else "noted"


def _drop_constraint(table: TableDraft, name: str) -> bool:
    if table.constraint(name) is not None:
        table.settle_names()
        if (constraint := table.constraint(name)) is not None:
            table.replace(constraint, None)
        return True
    table.effort.spend(2 * len(table.columns))
    for column in [each for each in table.columns.values() if each.options]:  # defaults and not-nulls have names too
        for option, change in (("default constraint", {"default": None}), ("not null constraint", {"nullable": True})):
            if column.options.get(option) == name:
                rest = {key: value for key, value in column.options.items() if key != option}
                table.put(column.model_copy(update={**change, "options": rest}))
                return True
    return False


def _rename(cursor: Cursor, builder: Builder, table: TableDraft) -> Outcome:
    if cursor.accept("CONSTRAINT"):
        offset = cursor.offset
        old = cursor.name()
        constraint = table.constraint(old)
        if constraint is None:
            raise builder.missing(f"constraint in table {table.ref}", Ref(name=old), offset, [])
        cursor.expect("TO")
        table.replace(constraint, constraint.model_copy(update={"name": cursor.name()}))
        return "applied"
    if cursor.key in {"INDEX", "KEY"} and cursor.peek(1) != "TO":
        cursor.advance()
        old = cursor.name()
        cursor.expect("TO")
        builder.rename_index(Ref(name=old), cursor.name(), table)
        return "applied"
    if cursor.key == "COLUMN" or cursor.peek(1) == "TO":
        return rename_column(cursor, builder, table)
    cursor.accept_any({"TO", "AS"})
    offset = cursor.offset
    new = cursor.qualified()
    move_table(builder, table, Ref(name=new.name, namespace=new.namespace or table.namespace), offset)
    return "applied"


def _alter(cursor: Cursor, builder: Builder, table: TableDraft) -> Outcome:
    if cursor.accept_any({"CONSTRAINT", "CHECK"}):
        offset = cursor.offset
        name = cursor.name()
        constraint = table.constraint(name)
        if constraint is None:
            raise builder.missing(f"constraint in table {table.ref}", Ref(name=name), offset, [])
        table.replace(constraint, tail(cursor, constraint))
        return "applied"
    if cursor.key in {"INDEX", "KEY"} and cursor.peek(2) in {"VISIBLE", "INVISIBLE", "IGNORED", "NOT"}:
        cursor.advance()
        index = table.index(cursor.name())
        visible = cursor.accept_any({"VISIBLE", "INVISIBLE", "IGNORED", "NOT"})
        cursor.accept("IGNORED")
        if index is not None:
            builder.replace_index(table, index, index.model_copy(update={"visible": visible in {"VISIBLE", "NOT"}}))
        return "applied"
    return alter_column(cursor, builder, table)


def _owner(cursor: Cursor, _: Builder, table: TableDraft) -> Outcome:
    cursor.expect("TO")
    table.owner = cursor.name()
    return "applied"


def _set(cursor: Cursor, builder: Builder, table: TableDraft) -> Outcome:
    if cursor.key == "(":
        table.options |= parameters(cursor.group())
    elif cursor.accept("SCHEMA"):
        offset = cursor.offset
        move_table(builder, table, Ref(name=table.name, namespace=cursor.name()), offset)
    elif (kept := cursor.accept_any({"LOGGED", "UNLOGGED"})) is not None:
        table.persistence = "permanent" if kept == "LOGGED" else "unlogged"
    elif cursor.accept("TABLESPACE"):
        table.options["tablespace"] = cursor.name()
    elif cursor.accept("ACCESS", "METHOD"):
        table.options["access method"] = cursor.name()
    else:
        cursor.skip_to({","})
        return "noted"
    return "applied"


def _reset(cursor: Cursor, _: Builder, table: TableDraft) -> Outcome:
    for item in cursor.group().items():
        table.options.pop(".".join(item.dotted()).lower(), None)
    return "applied"


def _switch(on: str) -> Action:
    """ENABLE, DISABLE and FORCE: row security is the schema's; triggers, rules and keys switched off are not."""

    def action(cursor: Cursor, _: Builder, table: TableDraft) -> Outcome:
        if cursor.accept("ROW", "LEVEL", "SECURITY"):
            if on == "on" and table.row_security != "forced":
                table.row_security = "on"
            elif on == "off":
                table.row_security = "off"
            elif on == "forced":
                table.row_security = "forced"
            return "applied"
        cursor.skip_to({","})
        return "noted"

    return action


def _no(cursor: Cursor, builder: Builder, table: TableDraft) -> Outcome:
    if cursor.accept("INHERIT"):
        parent = builder.target(cursor.qualified())
        table.inherits = [ref for ref in table.inherits if ref != parent]
        if (former := builder.find(builder.tables, parent)) is not None:
            keep_checks(table, former)
    else:
        cursor.expect("FORCE", "ROW", "LEVEL", "SECURITY")
        table.row_security = "on"
    return "applied"


def _validate(cursor: Cursor, builder: Builder, table: TableDraft) -> Outcome:
    cursor.expect("CONSTRAINT")
    offset = cursor.offset
    name = cursor.name()
    constraint = table.constraint(name)
    if constraint is None:
        raise builder.missing(f"constraint in table {table.ref}", Ref(name=name), offset, [])
    table.replace(constraint, constraint.model_copy(update={"validated": True}))
    return "applied"


def _replica(cursor: Cursor, _: Builder, table: TableDraft) -> Outcome:
    cursor.expect("IDENTITY")
    mark = cursor.here
    cursor.skip_to({","})
    table.options["replica identity"] = cursor.since(mark)
    return "applied"


def _cluster(cursor: Cursor, _: Builder, table: TableDraft) -> Outcome:
    cursor.expect("ON")
    table.options["cluster on"] = cursor.name()
    return "applied"


def _convert(cursor: Cursor, _: Builder, table: TableDraft) -> Outcome:
    """MySQL: CONVERT TO CHARACTER SET."""
    cursor.expect("TO")
    cursor.accept_any({"CHARACTER", "CHARSET", "CHAR"})
    cursor.accept("SET")
    charset = cursor.value()
    convert(table, charset, cursor.value() if cursor.accept("COLLATE") else None)
    return "applied"


def _skip(cursor: Cursor, _: Builder, __: TableDraft) -> Outcome:
    """What says how to change a table, or changes only its rows."""
    cursor.skip_to({","})
    return "noted"


_ACTIONS: Final[dict[str, Action]] = {
    "ADD": _add,
    "DROP": _drop,
    "ALTER": _alter,
    "RENAME": _rename,
    "OWNER": _owner,
    "SET": _set,
    "RESET": _reset,
    "ENABLE": _switch("on"),
    "DISABLE": _switch("off"),
    "FORCE": _switch("forced"),
    "NO": _no,
    "INHERIT": inherit,
    "ATTACH": attach,
    "DETACH": detach_partition,
    "VALIDATE": _validate,
    "REPLICA": _replica,
    "CLUSTER": _cluster,
    "MODIFY": change_column,
    "CHANGE": change_column,
    "CONVERT": _convert,
    "PARTITION": partition_anew,
    "REMOVE": remove_partitioning,
    "REORGANIZE": reorganize_partitions,
    "COALESCE": coalesce_partitions,
    "EXCHANGE": change_rows,
    "TRUNCATE": change_rows,
    "ANALYZE": change_rows,
    "OPTIMIZE": change_rows,
    "REPAIR": change_rows,
    "ALGORITHM": _skip,
    "LOCK": _skip,
    "ORDER": _skip,
    "DISCARD": change_rows,
    "IMPORT": change_rows,
    "CHECK": change_rows,
    "REBUILD": change_rows,
}
