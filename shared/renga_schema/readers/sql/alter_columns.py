"""The actions of ALTER TABLE on columns."""

from collections.abc import Callable
from typing import Final

from renga_schema.model import Column, ForeignKey, Generated, Identity, Ref
from renga_schema.readers.sql.builder import Builder
from renga_schema.readers.sql.columns import define_column
from renga_schema.readers.sql.counting import counting_elsewhere
from renga_schema.readers.sql.cursor import Cursor, Unparsed
from renga_schema.readers.sql.datatypes import data_type
from renga_schema.readers.sql.dependents import drop_views_of
from renga_schema.readers.sql.drafts import TableDraft
from renga_schema.readers.sql.expressions import default, expression
from renga_schema.readers.sql.inheritance import descendants
from renga_schema.readers.sql.lexer import END
from renga_schema.readers.sql.names import name_key
from renga_schema.readers.sql.outcome import Outcome
from renga_schema.readers.sql.renaming import rename_in_expressions
from renga_schema.readers.sql.sequences import sequence_clauses
from renga_schema.readers.sql.shelf import same
from renga_schema.readers.sql.sqlserver_alter import change_property

_SET_ASIDE: Final = "\0"
"""What the name of a column ends with, while another column has got that name and it has no new one yet."""


def add_column(cursor: Cursor, builder: Builder, table: TableDraft) -> Outcome:
    """ADD [COLUMN] definition [FIRST | AFTER other], or a parenthesised list of definitions."""
    cursor.accept("COLUMN")
    if cursor.key == "(":
        group = cursor.group()
        while not group.at_end:
            define_column(group, builder, table)
            if not group.at_end:
                group.expect(",")
        return "applied"
    optional = cursor.accept("IF", "NOT", "EXISTS")
    name_at = cursor.here
    if optional and table.column(cursor.name()) is not None:
        cursor.skip_to({","})
        return "noted"
    if optional:
        cursor.back_to(name_at)
    column = define_column(cursor, builder, table)
    _place(cursor, builder, table, column)
    for other in descendants(builder, table, cursor.offset):
        own = other.column(column.name)
        if own is None:
            other.put(counting_elsewhere(column))
        elif not column.nullable:
            other.forbid_nulls((own.name,))
    return "applied"


def _place(cursor: Cursor, builder: Builder, table: TableDraft, column: Column) -> None:
    if cursor.accept("FIRST"):
        table.place(column, after=None)
    elif cursor.accept("AFTER"):
        offset = cursor.offset
        after = builder.column(table, cursor.name(), offset)
        if after.name == column.name:
            raise Unparsed(f"{column.name} cannot stand behind itself.", offset)
        table.place(table.columns[name_key(column.name, table.dialect)], after=after.name)


def change_column(cursor: Cursor, builder: Builder, table: TableDraft) -> Outcome:
    """MySQL: MODIFY [COLUMN] definition, CHANGE [COLUMN] old definition."""
    changing = cursor.previous == "CHANGE"
    cursor.accept("COLUMN")
    optional = cursor.accept("IF", "EXISTS")
    offset = cursor.offset
    mark = cursor.here
    old = _meant(table, cursor.name())
    if table.column(old) is None and optional:
        cursor.skip_to({","})
        return "noted"
    existing = builder.column(table, old, offset)
    if not changing:
        cursor.back_to(mark)
    elif name_key(cursor.peek_name(), table.dialect) != name_key(old, table.dialect):
        rename(builder, table, existing, cursor.peek_name(), offset)
    elif cursor.peek_name() != old:
        table.rename_column(old, cursor.peek_name())
    column = define_column(cursor, builder, table, replacing=True)
    if table.primary_key and column.name in table.primary_key.columns and column.nullable:
        column = column.model_copy(update={"nullable": False})
        table.put(column)
    _place(cursor, builder, table, column)
    return "applied"


def drop_column(cursor: Cursor, builder: Builder, table: TableDraft) -> Outcome:
    """DROP [COLUMN] [IF EXISTS] name [CASCADE | RESTRICT]; SQL Server drops several at once."""
    if cursor.key == "COLUMN" and cursor.peek(1) not in {END, ","}:
        cursor.advance()
    optional = cursor.accept("IF", "EXISTS")
    outcome: Outcome = "noted"
    while True:
        offset = cursor.offset
        name = _meant(table, cursor.name())
        if table.column(name) is not None or not optional:
            builder.column(table, name, offset)
            for each in (table, *descendants(builder, table, offset)):
                each.drop_column(name)
                for sequence in builder.sequences_of(each.ref, name):
                    builder.sequences.remove(sequence)
            outcome = "applied"
        cascade = cursor.accept_any({"CASCADE", "RESTRICT"}) == "CASCADE"
        if cascade:
            _drop_references(builder, table, name)
            if builder.dialect == "postgres":
                drop_views_of(builder, table.ref, name)
        if cursor.dialect != "mssql" or cursor.peek(1) in {"COLUMN", "CONSTRAINT"} or not cursor.accept(","):
            return outcome


def _drop_references(builder: Builder, table: TableDraft, column: str) -> None:
    ref = table.ref
    for other in builder.referring(ref):
        other.foreign_keys = [
            key for key in other.foreign_keys if not same(key.target, ref) or column not in key.referred_columns
        ]


def rename_column(cursor: Cursor, builder: Builder, table: TableDraft) -> Outcome:
    """RENAME [COLUMN] [IF EXISTS] old TO new."""
    if cursor.key == "COLUMN" and cursor.peek(1) != "TO":
        cursor.advance()
    if cursor.accept("IF", "EXISTS") and table.column(cursor.peek_name()) is None:
        cursor.skip_to({","})
        return "noted"
    offset = cursor.offset
    column = builder.column(table, _meant(table, cursor.name()), offset)
    cursor.expect("TO")
    rename(builder, table, column, cursor.name(), offset)
    return "applied"


def rename(builder: Builder, table: TableDraft, column: Column, new: str, offset: int) -> None:
    """Give a column another name wherever it is mentioned by name; the statement that says so is at `offset`."""
    old = column.name
    taken = table.column(new) if table.dialect == "mysql" else None
    if taken is not None and taken.name != old:
        rename(builder, table, taken, taken.name + _SET_ASIDE, offset)
    for each in (table, *descendants(builder, table, offset)):
        builder.effort.spend(100)
        each.rename_column(old, new)
        rename_in_expressions(builder, each, old, new)
    for other in builder.referring(table.ref):
        other.foreign_keys = [_referring(key, table.ref, old, new) for key in other.foreign_keys]
    for sequence in builder.sequences_of(table.ref, old):
        builder.sequences.put(sequence.model_copy(update={"owned_by": (table.ref, new)}))


def _meant(table: TableDraft, name: str) -> str:
    """All names in MySQL's ALTER TABLE are those from before the statement, so that columns can change places."""
    return name + _SET_ASIDE if table.column(name + _SET_ASIDE) is not None else name


def check_names(builder: Builder, table: TableDraft, offset: int) -> None:
    """Fail where a column of MySQL's has lost its name to another, and got none."""
    if _SET_ASIDE not in "".join(table.columns):
        return
    for name in table.columns:
        if name.endswith(_SET_ASIDE):
            ref = Ref(name=name.removesuffix(_SET_ASIDE))
            raise builder.duplicate(f"column in table {table.ref}", ref, offset)


def _referring(key: ForeignKey, target: Ref, old: str, new: str) -> ForeignKey:
    if key.target != target or old not in key.referred_columns:
        return key
    renamed = tuple(new if name == old else name for name in key.referred_columns)
    return key.model_copy(update={"referred_columns": renamed})


def alter_column(cursor: Cursor, builder: Builder, table: TableDraft) -> Outcome:
    """ALTER [COLUMN] name action."""
    cursor.accept("COLUMN")
    offset = cursor.offset
    column = builder.column(table, cursor.name(), offset)
    changed: dict[str, object] = {}
    if cursor.dialect == "mssql":
        if not change_property(cursor, column, changed):
            _redefine(cursor, builder, changed)
    else:
        verb = cursor.accept_any(_COLUMN_ACTIONS)
        if verb is None:
            raise cursor.error("SET, DROP, TYPE, ADD or RESTART is expected")
        _COLUMN_ACTIONS[verb](cursor, builder, column, changed)
    table.put(column.model_copy(update=changed))
    handed = {name: value for name, value in changed.items() if name in _HANDED_DOWN}
    if handed and (builder.recursing or "type" in handed):
        for heir in descendants(builder, table, offset):
            own = heir.column(column.name)
            if own is not None:
                heir.put(own.model_copy(update=handed))
    return "applied"


def _redefine(cursor: Cursor, builder: Builder, changed: dict[str, object]) -> None:
    """SQL Server: ALTER COLUMN name type [NULL | NOT NULL]."""
    changed["type"] = data_type(cursor, builder)
    if cursor.accept("COLLATE"):
        changed["collation"] = cursor.name()
    changed["nullable"] = not cursor.accept("NOT", "NULL")
    cursor.accept("NULL")


def _set(cursor: Cursor, builder: Builder, column: Column, changed: dict[str, object]) -> None:
    if cursor.accept("DEFAULT"):
        mark = cursor.here
        cursor.skip_to({","})
        if not cursor.since(mark):
            raise cursor.error("a default is expected")
        changed["default"] = default(cursor.since(mark), column.type, cursor.dialect)
        _stop_counting(column, changed)
    elif cursor.accept("NOT", "NULL"):
        changed["nullable"] = False
    elif cursor.accept("EXPRESSION", "AS"):
        storage = column.generated.storage if column.generated else "stored"
        text = expression(cursor.group().rest(), cursor.dialect)
        changed["generated"] = Generated(expression=text, storage=storage)
    elif cursor.accept("DATA", "TYPE"):
        _type(cursor, builder, column, changed)
    elif (style := cursor.accept_any({"STORAGE", "COMPRESSION", "STATISTICS"})) is not None:
        changed["options"] = column.options | {style.lower(): cursor.value().lower()}
    elif cursor.accept_any({"VISIBLE", "INVISIBLE"}) is not None:
        changed["visible"] = cursor.previous == "VISIBLE"
    elif cursor.key == "(":
        changed["options"] = column.options | {"attributes": cursor.group().rest()}
    else:
        _count(cursor, builder, column, changed)


def _count(cursor: Cursor, builder: Builder, column: Column, changed: dict[str, object]) -> None:
    """`SET GENERATED style`, `SET option` and `RESTART`, one after the other."""
    identity = column.identity or Identity(style="always")
    while True:
        if cursor.accept("GENERATED"):
            style = "always" if cursor.accept("ALWAYS") else "by default"
            cursor.accept("BY", "DEFAULT")
            identity = identity.model_copy(update={"style": style})
        else:
            clauses = sequence_clauses(cursor, builder)
            identity = identity.model_copy(update={"options": clauses.options(identity.options, column.type)})
        if not cursor.accept("SET"):
            break
    changed["identity"] = identity


def _stop_counting(column: Column, changed: dict[str, object]) -> None:
    """The default of a serial column is what makes it count."""
    if column.identity is not None and column.identity.style == "serial":
        changed["identity"] = None


def _drop(cursor: Cursor, _: Builder, column: Column, changed: dict[str, object]) -> None:
    if cursor.accept("NOT", "NULL"):
        changed["nullable"] = True
        return
    what = cursor.accept_any({"DEFAULT", "IDENTITY", "EXPRESSION"})
    if what is None:
        raise cursor.error("DEFAULT, NOT NULL, IDENTITY or EXPRESSION is expected")
    cursor.accept("IF", "EXISTS")
    changed["generated" if what == "EXPRESSION" else what.lower()] = None
    if what == "DEFAULT":
        _stop_counting(column, changed)


def _type(cursor: Cursor, builder: Builder, _: Column, changed: dict[str, object]) -> None:
    changed["type"] = data_type(cursor, builder)
    if cursor.accept("COLLATE"):
        changed["collation"] = cursor.dotted()[-1]
    if cursor.accept("USING"):
        cursor.skip_to({","})


def _add(cursor: Cursor, builder: Builder, column: Column, changed: dict[str, object]) -> None:
    """PostgreSQL: ADD GENERATED ... AS IDENTITY."""
    cursor.expect("GENERATED")
    always = cursor.accept("ALWAYS")
    if not always:
        cursor.expect("BY", "DEFAULT")
    cursor.expect("AS", "IDENTITY")
    identity = Identity(style="always" if always else "by default")
    if cursor.key == "(":
        clauses = sequence_clauses(cursor.group(), builder)
        options = clauses.options(type_=column.type)
        identity = identity.model_copy(update={"options": options, "sequence": clauses.name})
    changed["identity"] = identity
    changed["nullable"] = False


def _nothing(cursor: Cursor, _: Builder, __: Column, ___: dict[str, object]) -> None:
    cursor.skip_to({","})


_HANDED_DOWN: Final = {"type", "collation", "nullable", "default", "generated"}
"""What heirs take over of a change of their parent's column."""

_COLUMN_ACTIONS: Final[dict[str, Callable[[Cursor, Builder, Column, dict[str, object]], None]]] = {
    "SET": _set,
    "DROP": _drop,
    "TYPE": _type,
    "ADD": _add,
    "RESTART": _nothing,
    "RESET": _nothing,
    "OPTIONS": _nothing,
}
