"""Constraints: inline and of the table, they end in the same place."""

from collections.abc import Callable
from typing import Final, TypeVar

from renga_schema.model import (
    Action,
    Check,
    Constraint,
    Exclusion,
    ForeignKey,
    Identity,
    Index,
    IndexPart,
    Options,
    Origin,
    PrimaryKey,
    Ref,
    Unique,
)
from renga_schema.readers.sql.builder import Builder
from renga_schema.readers.sql.cursor import Cursor
from renga_schema.readers.sql.drafts import TableDraft
from renga_schema.readers.sql.expressions import expression
from renga_schema.readers.sql.indexes import (
    free_index_name,
    index_options,
    index_part,
    index_parts,
    parameters,
    spelled,
)
from renga_schema.readers.sql.lexer import END
from renga_schema.readers.sql.sqlserver_constraints import inline_index, take_edge

STARTS: Final = {"CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "NOT"}
"""Words that begin a table constraint in every dialect and can be no column's name."""

_KINDS: Final = {"PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "EXCLUDE", "KEY", "INDEX", "DEFAULT", "NOT", "REFERENCES"}
_ACTIONS: Final[dict[tuple[str, ...], Action]] = {
    ("NO", "ACTION"): "no action",
    ("RESTRICT",): "restrict",
    ("CASCADE",): "cascade",
    ("SET", "NULL"): "set null",
    ("SET", "DEFAULT"): "set default",
}
_CLUSTERING: Final = {"CLUSTERED", "NONCLUSTERED"}

C = TypeVar("C", bound=Constraint)


def starts_constraint(cursor: Cursor) -> bool:
    """Whether a table constraint or an inline index begins here, rather than a column."""
    key = cursor.key
    if key in STARTS:
        return True
    if cursor.dialect == "mysql":
        return key in {"KEY", "INDEX", "FULLTEXT", "SPATIAL"}
    if cursor.dialect == "postgres":
        return key == "EXCLUDE" and cursor.peek(1) in {"USING", "("}
    return cursor.dialect == "mssql" and key == "INDEX"


def constraint_name(cursor: Cursor) -> str | None:
    """Take `CONSTRAINT [name]`."""
    if not cursor.accept("CONSTRAINT") or cursor.key in _KINDS:
        return None
    cursor.accept("IF", "NOT", "EXISTS")  # MariaDB
    return cursor.name()


def table_constraint(cursor: Cursor, builder: Builder, table: TableDraft) -> None:
    """Take one table constraint, or one of the indexes that MySQL describes among them, and add it to the table."""
    origin = cursor.origin
    name = constraint_name(cursor)
    if cursor.accept("NOT", "NULL"):
        _not_null(cursor, builder, table, name)
        return
    if take_edge(cursor, builder, table, name) or (cursor.dialect == "sqlite" and cursor.key in {END, ","}):
        return  # the latter is a name of nothing, which SQLite lets pass
    rule = _RULES.get(cursor.key)
    if rule is None:
        raise cursor.error("PRIMARY KEY, UNIQUE, FOREIGN KEY or CHECK is expected")
    found = rule(cursor, builder, table, name, origin)
    if isinstance(found, Index):
        builder.add_index(table, found)
    else:
        table.add(found)


def _not_null(cursor: Cursor, builder: Builder, table: TableDraft, name: str | None) -> None:
    """PostgreSQL 18: `CONSTRAINT name NOT NULL column`."""
    offset = cursor.offset
    written = cursor.name()
    if table.column(written) is None and builder.tables.get(table.namespace, table.name) is not table:
        table.awaited.append(written)
        tail(cursor, Constraint())
        return
    column = builder.column(table, written, offset)
    options = column.options | ({"not null constraint": name} if name else {})
    table.put(column.model_copy(update={"nullable": False, "options": options}))
    tail(cursor, Constraint())


def tail(cursor: Cursor, constraint: C) -> C:
    """Take what may follow any constraint, and give the constraint that says so."""
    found: dict[str, object] = {}
    options: Options = {}
    while _deferral(cursor, found) or _state(cursor, found) or _storage(cursor, options):
        pass
    if options:
        found["options"] = constraint.options | options
    if "no_inherit" in found and not isinstance(constraint, Check):
        del found["no_inherit"]
    return constraint.model_copy(update=found) if found else constraint


def _deferral(cursor: Cursor, found: dict[str, object]) -> bool:
    if cursor.accept("NOT", "DEFERRABLE"):
        found["deferrable"] = None
    elif cursor.accept("DEFERRABLE"):
        found.setdefault("deferrable", "initially immediate")
    elif cursor.accept("INITIALLY", "DEFERRED"):
        found["deferrable"] = "initially deferred"
    elif not cursor.accept("INITIALLY", "IMMEDIATE"):
        return False
    return True


def _state(cursor: Cursor, found: dict[str, object]) -> bool:
    if cursor.accept("NOT", "VALID"):
        found["validated"] = False
    elif cursor.accept("NOT", "ENFORCED"):
        found["enforced"] = False
    elif cursor.accept("NO", "INHERIT"):
        found["no_inherit"] = True
    elif not (cursor.accept("ENFORCED") or cursor.accept("NOT", "FOR", "REPLICATION")):
        return False
    return True


def _storage(cursor: Cursor, options: Options) -> bool:
    if cursor.accept("ON", "CONFLICT"):
        options["on conflict"] = cursor.name().lower()
    elif cursor.accept("USING", "INDEX", "TABLESPACE"):
        options["tablespace"] = cursor.name()
    elif cursor.sees("WITH", "("):
        cursor.advance()
        options |= parameters(cursor.group())
    elif cursor.dialect == "mssql" and cursor.accept_any({"ON", "TEXTIMAGE_ON"}):
        options["filegroup"] = cursor.name()
        if cursor.key == "(":
            cursor.skip_group()
    else:
        return False
    return True


def key_columns(cursor: Cursor) -> tuple[dict[str, object], tuple[IndexPart, ...]]:
    """The columns of a primary key or unique constraint, and their index keys."""
    group = cursor.group()
    parts = []
    found: dict[str, object] = {}
    for item in group.items():
        parts.append(index_part(item))
        if item.accept("WITHOUT", "OVERLAPS"):
            found["without_overlaps"] = True
        item.accept("AUTOINCREMENT")
        item.expect_end()
    if not parts:
        raise group.error("at least one column is expected")
    lengths = {part.column: part.length for part in parts if part.column and part.length}
    if lengths:
        found["prefix_lengths"] = lengths
    found["columns"] = tuple(part.column for part in parts if part.column)
    if any(part.collation or part.order == "desc" for part in parts):
        found["options"] = {"keys": ", ".join(map(spelled, parts))}
    return found, tuple(parts)


def _primary(
    cursor: Cursor, builder: Builder, table: TableDraft, name: str | None, origin: Origin
) -> Constraint | Index:
    cursor.expect("PRIMARY", "KEY")
    if cursor.accept("USING", "INDEX"):
        return _using_index(cursor, builder, table, name, PrimaryKey(name=name, origin=origin, columns=("",)))
    found, parts = _named_key(cursor, None)
    if cursor.peek(-2) == "AUTOINCREMENT" and (column := table.column(parts[0].column or "")) is not None:
        table.put(column.model_copy(update={"identity": Identity(style="autoincrement")}))
    key = PrimaryKey(name=None if table.dialect == "mysql" else name, origin=origin, **found)
    return tail(cursor, _included(cursor, key))


def _unique(
    cursor: Cursor, builder: Builder, table: TableDraft, name: str | None, origin: Origin
) -> Constraint | Index:
    cursor.expect("UNIQUE")
    if cursor.accept("USING", "INDEX"):
        return _using_index(cursor, builder, table, name, Unique(name=name, origin=origin, columns=("",)))
    if table.dialect != "mysql":
        nulls_not_distinct = cursor.accept("NULLS", "NOT", "DISTINCT")
        cursor.accept("NULLS", "DISTINCT")
        found, _ = _named_key(cursor, None)
        unique = Unique(name=name, origin=origin, nulls_not_distinct=nulls_not_distinct, **found)
        return tail(cursor, _included(cursor, unique))
    cursor.accept_any({"KEY", "INDEX"})
    cursor.accept("IF", "NOT", "EXISTS")
    if cursor.at_name and cursor.key != "USING":
        name = cursor.name()
    found, parts = _named_key(cursor, name)
    if len(parts) > len(found["columns"]):  # type: ignore[arg-type]  # an expression: only an index can say so
        return Index(name=name or free_index_name(table, parts, "mysql"), origin=origin, parts=parts, unique=True)
    return tail(cursor, Unique(name=name, origin=origin, **found))


def _named_key(cursor: Cursor, name: str | None) -> tuple[dict[str, object], tuple[IndexPart, ...]]:
    """Take `[name] [USING method] (columns) [options]` of a key."""
    cursor.accept_any(_CLUSTERING)
    if cursor.dialect == "mysql" and name is None and cursor.at_name and cursor.key != "USING":
        cursor.name()  # a primary key has no other name than PRIMARY
    method = cursor.name().lower() if cursor.accept("USING") else None
    found, parts = key_columns(cursor)
    if cursor.dialect == "mysql":
        later, comment, visible, options = index_options(cursor)
        if (method := later or method) is not None:
            options["using"] = method
        if not visible:
            options["invisible"] = "true"
        found["comment"] = comment
        keys = found.get("options")
        found["options"] = options | (keys if isinstance(keys, dict) else {})
    return found, parts


K = TypeVar("K", PrimaryKey, Unique)


def _included(cursor: Cursor, key: K) -> K:
    return key.model_copy(update={"include": cursor.names()}) if cursor.accept("INCLUDE") else key


def _using_index(cursor: Cursor, builder: Builder, table: TableDraft, name: str | None, key: K) -> K:
    """Turn an index into the constraint that it backs from now on."""
    offset = cursor.offset
    index = table.index(written := cursor.name())
    if index is None:
        raise builder.missing("index", Ref(name=written), offset, [each.name for each in table.indexes.values()])
    table.replace_index(index, None)
    columns = tuple(part.column for part in index.parts if part.column)
    return tail(
        cursor, key.model_copy(update={"name": name or index.name, "columns": columns, "include": index.include})
    )


def _foreign(cursor: Cursor, builder: Builder, table: TableDraft, name: str | None, origin: Origin) -> ForeignKey:
    cursor.expect("FOREIGN", "KEY")
    if table.dialect == "mysql" and cursor.key != "(":
        cursor.accept("IF", "NOT", "EXISTS")
        written = cursor.name()
        name = name or written
    columns, period = _columns_with_period(cursor)
    return references(cursor, builder, name, origin, columns=columns, options={"period": period} if period else {})


def _columns_with_period(cursor: Cursor) -> tuple[tuple[str, ...], str | None]:
    """Take a list of columns, one of which may be PostgreSQL 18's `PERIOD column`."""
    names, period = [], None
    for item in cursor.group().items():
        is_period = item.key == "PERIOD" and item.peek(1) != "<end>" and item.accept("PERIOD")
        name = item.name()
        item.accept_any({"ASC", "DESC"})
        item.expect_end()
        names.append(name)
        period = name if is_period else period
    return tuple(names), period


def references(
    cursor: Cursor, builder: Builder, name: str | None, origin: Origin, *, columns: tuple[str, ...], options: Options
) -> ForeignKey:
    """Take REFERENCES and what belongs to it."""
    cursor.expect("REFERENCES")
    target = builder.target(cursor.qualified())
    found: dict[str, object] = {}
    if cursor.key == "(":
        found["referred_columns"] = _columns_with_period(cursor)[0]
    while True:
        if cursor.accept("MATCH"):
            kind = cursor.accept_any({"SIMPLE", "FULL", "PARTIAL"})
            if kind is None:
                raise cursor.error("SIMPLE, FULL or PARTIAL is expected")
            found["match"] = kind.lower()
        elif cursor.accept("ON", "DELETE"):
            found["on_delete"] = _action(cursor)
            if cursor.key == "(":
                found["on_delete_columns"] = cursor.names()
        elif cursor.accept("ON", "UPDATE"):
            found["on_update"] = _action(cursor)
        else:
            break
    key = ForeignKey(name=name, origin=origin, columns=columns, target=target, options=options, **found)
    return tail(cursor, key)


def _action(cursor: Cursor) -> Action:
    for words, action in _ACTIONS.items():
        if cursor.accept(*words):
            return action
    raise cursor.error("NO ACTION, RESTRICT, CASCADE, SET NULL or SET DEFAULT is expected")


def check(cursor: Cursor, name: str | None, origin: Origin) -> Check:
    """Take `CHECK (condition)`."""
    cursor.expect("CHECK")
    cursor.accept("NOT", "FOR", "REPLICATION")
    condition = cursor.group().rest()
    if not condition:
        raise cursor.error("a condition is expected")
    return tail(cursor, Check(name=name, origin=origin, expression=expression(condition, cursor.dialect)))


def _check(cursor: Cursor, _: Builder, __: TableDraft, name: str | None, origin: Origin) -> Check:
    return check(cursor, name, origin)


def _exclude(cursor: Cursor, _: Builder, __: TableDraft, name: str | None, origin: Origin) -> Exclusion:
    cursor.expect("EXCLUDE")
    method = cursor.name() if cursor.accept("USING") else "btree"
    parts, operators = [], []
    for item in cursor.group().items():
        parts.append(index_part(item))
        item.expect("WITH")
        operators.append(item.rest())
    found = Exclusion(name=name, origin=origin, method=method, parts=tuple(parts), operators=tuple(operators))
    if cursor.accept("INCLUDE"):
        found = found.model_copy(update={"options": {"include": ", ".join(cursor.names())}})
    found = tail(cursor, found)
    if cursor.accept("WHERE"):
        predicate = expression(cursor.group().rest(), cursor.dialect)
        found = found.model_copy(update={"predicate": predicate})
    return tail(cursor, found)


def _index(cursor: Cursor, _: Builder, table: TableDraft, __: str | None, origin: Origin) -> Index:
    """KEY, INDEX, FULLTEXT and SPATIAL among the columns of a table."""
    method = None
    if (kind := cursor.accept_any({"FULLTEXT", "SPATIAL"})) is not None:
        method = kind.lower()
    cursor.accept_any({"KEY", "INDEX"})
    cursor.accept("IF", "NOT", "EXISTS")
    origin = cursor.origin if cursor.at_name else origin
    name = cursor.name() if cursor.at_name and cursor.key != "USING" else None
    if cursor.dialect == "mssql":
        return inline_index(cursor, table, name, origin)
    if cursor.accept("USING"):
        method = cursor.name().lower()
    parts = index_parts(cursor.group())
    if not parts:
        raise cursor.error("at least one column is expected")
    later, comment, visible, options = index_options(cursor)
    return Index(
        name=name or free_index_name(table, parts, table.dialect),
        comment=comment,
        origin=origin,
        parts=parts,
        method=later or method,
        visible=visible,
        options=options,
    )


_RULES: Final[dict[str, Callable[[Cursor, Builder, TableDraft, str | None, Origin], Constraint | Index]]] = {
    "PRIMARY": _primary,
    "UNIQUE": _unique,
    "FOREIGN": _foreign,
    "CHECK": _check,
    "EXCLUDE": _exclude,
    "KEY": _index,
    "INDEX": _index,
    "FULLTEXT": _index,
    "SPATIAL": _index,
}
