"""Keys, checks and indexes: added to tables that are there, and dropped."""

import re
from typing import Final

from renga_schema.model import Check, Constraint, ForeignKey, Index, IndexPart, PrimaryKey, Ref, Unique
from renga_schema.readers.sql.cursor import Unparsed
from renga_schema.readers.sql.drafts import TableDraft
from renga_schema.readers.sql.indexes import free_index_name
from renga_schema.readers.sql.outcome import Outcome
from renga_schema.readers.xml.account import flag, required
from renga_schema.readers.xml.liquibase.references import deferrable
from renga_schema.readers.xml.liquibase.session import Session
from renga_schema.readers.xml.tree import Element

_PREFIX: Final = re.compile(
    r"\s*`?(?P<name>\w+)`?\s*\(\s*(?P<length>\d{1,5})\s*\)(?:\s+(?:asc|desc))?\s*", re.IGNORECASE
)


def _options(element: Element) -> dict[str, str]:
    """What says where a key is stored."""
    return {name: value for name in ("tablespace", "clustered") if (value := element.attributes.get(name))}


def _put(session: Session, table: TableDraft, constraint: Constraint, element: Element) -> Outcome:
    if constraint.name and table.constraint(constraint.name) is not None:
        raise session.builder.duplicate("constraint", Ref(name=constraint.name), element.offset)
    table.add(constraint)
    return "applied"


def add_primary_key(session: Session, element: Element) -> Outcome:
    """`addPrimaryKey`."""
    table = session.table(element)
    if table.primary_key is not None:
        raise session.builder.duplicate("primary key of", table.ref, element.offset)
    columns = session.columns(table, element)
    table.forbid_nulls(columns)
    key = PrimaryKey(
        name=session.optional_name(element, "constraintName"),
        origin=session.place(element),
        columns=columns,
        options=_options(element),
    )
    return _put(session, table, key, element)


def add_unique(session: Session, element: Element) -> Outcome:
    """`addUniqueConstraint`."""
    table = session.table(element)
    key = Unique(
        name=session.optional_name(element, "constraintName"),
        origin=session.place(element),
        columns=session.columns(table, element),
        deferrable=deferrable(element),
        enforced=not flag(element, "disabled"),
        options=_options(element),
    )
    return _put(session, table, key, element)


def add_foreign_key(session: Session, element: Element) -> Outcome:
    """`addForeignKeyConstraint`."""
    table = session.table(element, "baseTableName", "baseTableSchemaName")
    target = session.ref(element, "referencedTableName", "referencedTableSchemaName")
    key = ForeignKey(
        name=session.optional_name(element, "constraintName"),
        origin=session.place(element),
        columns=session.columns(table, element, "baseColumnNames"),
        target=session.builder.target(target),
        referred_columns=session.names(element, "referencedColumnNames"),
        on_delete="cascade" if flag(element, "deleteCascade") else session.action(element, "onDelete"),
        on_update=session.action(element, "onUpdate"),
        deferrable=deferrable(element),
        validated=flag(element, "validate", default=True),
    )
    return _put(session, table, key, element)


def add_check(session: Session, element: Element) -> Outcome:
    """`addCheckConstraint`."""
    table = session.table(element)
    condition = element.attributes.get("constraintBody") or element.text.strip()
    if not condition:
        message = "addCheckConstraint gives no condition."
        raise Unparsed(message, element.offset, code="READ-XML", help_='Add constraintBody="...".')
    check = Check(
        name=session.optional_name(element, "constraintName"),
        origin=session.place(element),
        expression=session.expression(condition),
        validated=flag(element, "validate", default=True),
        enforced=not flag(element, "disabled"),
    )
    return _put(session, table, check, element)


def create_index(session: Session, element: Element) -> Outcome:
    """`createIndex`."""
    table = session.table(element)
    parts = tuple(_part(session, table, child) for child in element.all("column"))
    if not parts:
        raise Unparsed("createIndex names no column.", element.offset, code="READ-XML", help_="Put <column> into it.")
    builder = session.builder
    name = session.optional_name(element, "indexName") or free_index_name(table, parts, builder.dialect)
    per_table = session.dialect in {"mysql", "mssql"}
    if (table.index(name) if per_table else builder.find_index(Ref(name=name, namespace=table.namespace))) is not None:
        raise builder.duplicate("index", Ref(name=name), element.offset)
    index = Index(
        name=name,
        origin=session.place(element),
        parts=parts,
        unique=flag(element, "unique"),
        options=_options(element),
    )
    builder.add_index(table, index)
    return "applied"


def _part(session: Session, table: TableDraft, element: Element) -> IndexPart:
    name = required(element, "name")
    order = "desc" if flag(element, "descending") or name.upper().endswith(" DESC") else "asc"
    prefix = _PREFIX.fullmatch(name) if session.dialect == "mysql" else None
    if prefix is not None:
        column = session.builder.column(table, session.spelled(prefix["name"]), element.offset)
        length, whole = int(prefix["length"]), column.type.arguments[:1]
        return IndexPart(column=column.name, length=None if whole == (length,) else length, order=order)
    if flag(element, "computed") or "(" in name:
        return IndexPart(expression=session.expression(name), order=order)
    plain = name.rsplit(" ", 1)[0].rstrip() if name.upper().endswith((" DESC", " ASC")) else name
    return IndexPart(column=session.builder.column(table, session.spelled(plain), element.offset).name, order=order)


# Taken away


def _drop(session: Session, element: Element, kind: type[Constraint], table: TableDraft) -> Outcome:
    name = session.spelled(required(element, "constraintName"))
    constraint = table.constraint(name)
    if not isinstance(constraint, kind):
        known = [each.name for each in table.constraints() if each.name]
        raise session.builder.missing(f"constraint on {table.ref}", Ref(name=name), element.offset, known)
    table.replace(constraint, None)
    return "applied"


def drop_primary_key(session: Session, element: Element) -> Outcome:
    """dropPrimaryKey: its columns stay NOT NULL, as in every engine."""
    table = session.table(element)
    if table.primary_key is None:
        raise session.builder.missing("primary key of", table.ref, element.offset, [])
    table.primary_key = None
    return "applied"


def drop_unique(session: Session, element: Element) -> Outcome:
    """`dropUniqueConstraint`."""
    return _drop(session, element, Unique, session.table(element))


def drop_check(session: Session, element: Element) -> Outcome:
    """`dropCheckConstraint`."""
    return _drop(session, element, Check, session.table(element))


def drop_foreign_key(session: Session, element: Element) -> Outcome:
    """`dropForeignKeyConstraint`."""
    return _drop(session, element, ForeignKey, session.table(element, "baseTableName", "baseTableSchemaName"))


def drop_all_foreign_keys(session: Session, element: Element) -> Outcome:
    """`dropAllForeignKeyConstraints`."""
    session.table(element, "baseTableName", "baseTableSchemaName").foreign_keys = []
    return "applied"


def drop_index(session: Session, element: Element) -> Outcome:
    """`dropIndex`."""
    name = session.ref(element, "indexName")
    table = session.table(element) if element.attributes.get("tableName") else None
    if not session.builder.drop_index(name, table):
        known = [index.name for index in table.indexes.values()] if table else []
        raise session.builder.missing("index", name, element.offset, known)
    return "applied"
