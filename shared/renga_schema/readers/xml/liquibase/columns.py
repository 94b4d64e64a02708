"""Columns: how createTable and addColumn describe them, and the changes of one that is there."""

import re
from typing import Final

from renga_schema.model import (
    Check,
    Column,
    Constraint,
    DataType,
    Expression,
    ForeignKey,
    Identity,
    PrimaryKey,
    Ref,
    SequenceOptions,
    Unique,
)
from renga_schema.readers.sql.alter_columns import rename
from renga_schema.readers.sql.cursor import Unparsed
from renga_schema.readers.sql.drafts import TableDraft
from renga_schema.readers.sql.names import name_key
from renga_schema.readers.sql.outcome import Outcome
from renga_schema.readers.xml.account import flag, number, required
from renga_schema.readers.xml.liquibase.references import deferrable, referred
from renga_schema.readers.xml.liquibase.session import Session
from renga_schema.readers.xml.liquibase.types import counts_up
from renga_schema.readers.xml.tree import Element

_ON_UPDATE: Final = re.compile(r"\bON UPDATE\b", re.IGNORECASE)
_CHARSET: Final = re.compile(r"\b(?:CHARACTER\s+SET|CHARSET)\s+(?P<name>\w+)", re.IGNORECASE)


def define_column(session: Session, table: TableDraft, element: Element) -> Column:
    """Add a `column`, with the constraints that stand in it, to a table.

    Raises:
        Unparsed: it is described wrongly, or there already.
    """
    name = session.spelled(required(element, "name"))
    if table.column(name) is not None:
        raise session.builder.duplicate(f"column in table {table.ref}", Ref(name=name), element.offset)
    type_ = session.type(element)
    identity = identity_of(session, element)
    charset = _CHARSET.search(type_.written) if session.dialect == "mysql" else None
    column = Column(
        name=name,
        comment=element.attributes.get("remarks") or None,
        origin=session.place(element),
        type=type_,
        nullable=identity is None,
        **_given(session, element, type_),
        identity=identity,
        charset=charset["name"].lower() if charset else None,
    )
    constraints: list[Constraint] = []
    for given in element.all("constraints"):
        if not flag(given, "nullable", default=True):
            column = column.model_copy(update={"nullable": False})
            if not_null := session.optional_name(given, "notNullConstraintName"):
                column = column.model_copy(update={"options": {"not null constraint": not_null}})
        constraints += _constraints(session, given, name)
    table.put(column)
    for constraint in constraints:
        add(table, constraint)
    return column


def _given(session: Session, element: Element, type_: DataType) -> dict[str, Expression | None]:
    """The default of a column and, in MySQL, what its `ON UPDATE` says."""
    computed = " ".join(element.attributes.get("defaultValueComputed", "").split())
    match = _ON_UPDATE.search(computed) if session.dialect == "mysql" else None
    before, after = (computed[: match.start()].strip(), computed[match.end() :].strip()) if match else ("", "")
    if not before or not after:
        return {"default": session.default(element, type_)}
    element.attributes["defaultValueComputed"] = before
    return {"default": session.default(element, type_), "on_update": session.expression(after)}


def add(table: TableDraft, constraint: Constraint) -> None:
    """Put a constraint on a table; a primary key, also one that several columns share, forbids nulls."""
    if isinstance(constraint, PrimaryKey):
        if table.primary_key is not None:
            columns = (*table.primary_key.columns, *constraint.columns)
            constraint = table.primary_key.model_copy(update={"columns": columns})
        table.forbid_nulls(constraint.columns)
    table.add(constraint)


def _constraints(session: Session, given: Element, column: str) -> list[Constraint]:
    origin = session.place(given)
    when = deferrable(given)
    found: list[Constraint] = []
    if flag(given, "primaryKey"):
        name = session.optional_name(given, "primaryKeyName")
        found.append(PrimaryKey(name=name, origin=origin, columns=(column,)))
    if flag(given, "unique"):
        name = session.optional_name(given, "uniqueConstraintName")
        found.append(Unique(name=name, origin=origin, columns=(column,), deferrable=when))
    if (target := referred(session, given)) is not None:
        found.append(
            ForeignKey(
                name=session.optional_name(given, "foreignKeyName"),
                origin=origin,
                columns=(column,),
                target=target[0],
                referred_columns=target[1],
                on_delete="cascade" if flag(given, "deleteCascade") else "no action",
                deferrable=when,
                validated=flag(given, "validateForeignKey", default=True),
            )
        )
    if condition := given.attributes.get("checkConstraint", "").strip():
        found.append(Check(origin=origin, expression=session.expression(condition)))
    return found


def identity_of(session: Session, element: Element) -> Identity | None:
    """How a column counts, if it is one that does."""
    told = element.attributes.get("autoIncrement", "")
    written = element.attributes.get("type", "") or element.attributes.get("columnDataType", "")
    if not counts_up(written) and ("${" in told or not flag(element, "autoIncrement")):
        return None  # the missing property was complained of
    start, increment = number(element, "startWith"), number(element, "incrementBy")
    options = SequenceOptions(start=None if start == 1 else start, increment=None if increment == 1 else increment)
    always = element.attributes.get("generationType", "").strip().upper() == "ALWAYS"
    match session.dialect:
        case "mysql":
            return Identity(style="auto_increment", options=options)
        case "sqlite":
            return Identity(style="autoincrement", options=options)
        case dialect:
            return Identity(style="always" if always or dialect == "mssql" else "by default", options=options)


# Changes


def add_column(session: Session, element: Element) -> Outcome:
    """addColumn: each column by itself."""
    table = session.table(element)
    failed = 0
    columns = list(element.all("column"))
    for child in columns:
        try:
            column = define_column(session, table, child)
            _place(session, table, column, child)
        except Unparsed as problem:
            session.account.complain(problem)
            child.attributes.unasked.clear()  # the diagnostic accounts for it
            failed += 1
    if not columns:
        raise Unparsed("addColumn adds no column.", element.offset, code="READ-XML", help_="Put <column> into it.")
    return "failed" if failed == len(columns) else "applied"


def _place(session: Session, table: TableDraft, column: Column, element: Element) -> None:
    """MySQL puts a new column anywhere; the others put it last."""
    after = session.optional_name(element, "afterColumn")
    before = session.optional_name(element, "beforeColumn")
    position = number(element, "position")
    if after is None and before is None and position is None:
        return
    if session.dialect not in {None, "mysql"}:
        where = f"{table.ref}.{column.name}"
        session.lose(where, "a place among the columns", "It is the last, where this dialect puts it.", element)
        return
    own = name_key(column.name, table.dialect)
    others = [key for key in table.columns if key != own]
    neighbour = before or after
    if neighbour is not None:
        beside = name_key(neighbour, table.dialect)
        if beside == own or beside not in table.columns:
            known = (table.columns[key].name for key in others)
            raise session.builder.missing("column beside it", Ref(name=neighbour), element.offset, known)
        at = others.index(beside) + (before is None)
    else:
        at = max(0, min((position or 1) - 1, len(others)))
    table.place(table.columns[own], after=table.columns[others[at - 1]].name if at else None)


def drop_column(session: Session, element: Element) -> Outcome:
    """dropColumn: one named by the attribute, or several inside."""
    table = session.table(element)
    named = [session.spelled(required(child, "name")) for child in element.all("column")]
    for name in named or [session.spelled(required(element, "columnName"))]:
        table.drop_column(session.builder.column(table, name, element.offset).name)
    return "applied"


def merge_columns(session: Session, element: Element) -> Outcome:
    """mergeColumns: one column takes the place of two."""
    table = session.table(element)
    joined = [session.column(table, element, f"column{number}Name").name for number in (1, 2)]
    name = session.spelled(required(element, "finalColumnName"))
    column = Column(name=name, type=session.type(element, "finalColumnType"), origin=session.place(element))
    if name not in joined:
        if table.column(name) is not None:
            raise session.builder.duplicate(f"column in table {table.ref}", Ref(name=name), element.offset)
        table.put(column)
    for other in joined:
        if other != name:
            table.drop_column(other)
    return "applied"


def rename_column(session: Session, element: Element) -> Outcome:
    """`renameColumn`."""
    table = session.table(element)
    column = session.column(table, element, "oldColumnName")
    new = session.spelled(required(element, "newColumnName"))
    bare = _bare(session, table, element, "oldColumnName")
    rename(session.builder, table, column, new, element.offset)
    if bare:
        table.put(session.builder.column(table, new, element.offset).model_copy(update=bare))
    return "applied"


def modify_data_type(session: Session, element: Element) -> Outcome:
    """`modifyDataType`."""
    type_ = session.type(element, "newDataType")
    return _change(session, element, **_bare(session, session.table(element), element, "columnName"), type=type_)


def _bare(session: Session, table: TableDraft, element: Element, attribute: str) -> dict[str, object]:
    """What MySQL leaves of a column that Liquibase makes anew: its type, where it stands, and its place in the key."""
    if session.dialect != "mysql":
        return {}
    column = session.column(table, element, attribute)
    in_key = table.primary_key is not None and column.name in table.primary_key.columns
    return {"nullable": not in_key, "default": None, "comment": None, "identity": None}


def add_not_null(session: Session, element: Element) -> Outcome:
    """`addNotNullConstraint`."""
    name = session.optional_name(element, "constraintName")
    column = session.column(session.table(element), element)
    options = column.options | ({"not null constraint": name} if name else {})
    bare = _bare(session, session.table(element), element, "columnName")
    return _change(session, element, **{**bare, "nullable": False, "options": options})


def drop_not_null(session: Session, element: Element) -> Outcome:
    """`dropNotNullConstraint`."""
    bare = _bare(session, session.table(element), element, "columnName")
    return _change(session, element, **{**bare, "nullable": True})


def add_default(session: Session, element: Element) -> Outcome:
    """addDefaultValue, in any of its forms."""
    found = session.default(element, session.column(session.table(element), element).type)
    if found is None and not any(name.startswith("defaultValue") for name in element.attributes):
        message = "addDefaultValue gives no value."
        raise Unparsed(message, element.offset, code="READ-XML", help_='Add defaultValue="...".')
    return _change(session, element, default=found)


def drop_default(session: Session, element: Element) -> Outcome:
    """`dropDefaultValue`."""
    return _change(session, element, default=None)


def add_auto_increment(session: Session, element: Element) -> Outcome:
    """`addAutoIncrement`."""
    element.attributes["autoIncrement"] = "true"
    changed: dict[str, object] = {"identity": identity_of(session, element), "nullable": False, "default": None}
    if element.attributes.get("columnDataType"):
        changed["type"] = session.type(element, "columnDataType")
    return _change(session, element, **changed)


def set_column_remarks(session: Session, element: Element) -> Outcome:
    """`setColumnRemarks`."""
    return _change(session, element, comment=element.attributes.get("remarks") or None)


def _change(session: Session, element: Element, **changed: object) -> Outcome:
    table = session.table(element)
    column = session.column(table, element)
    table.put(column.model_copy(update=changed))
    return "applied"
