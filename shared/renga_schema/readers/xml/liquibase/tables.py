"""Tables: made, dropped, renamed, described."""

from renga_schema.model import Column, ForeignKey, Identity, PrimaryKey, Ref
from renga_schema.readers.sql.cursor import Unparsed
from renga_schema.readers.sql.drafts import TableDraft
from renga_schema.readers.sql.moving import move_table
from renga_schema.readers.sql.outcome import Outcome
from renga_schema.readers.xml.account import flag, required
from renga_schema.readers.xml.liquibase.columns import define_column
from renga_schema.readers.xml.liquibase.session import Session
from renga_schema.readers.xml.tree import Element


def create_table(session: Session, element: Element) -> Outcome:
    """createTable: a column that is wrong is left out with a diagnostic."""
    ref = session.ref(element, "tableName")
    builder = session.builder
    if builder.tables.get(ref.namespace, ref.name) is not None:
        if flag(element, "ifNotExists"):
            return "noted"
        raise builder.duplicate("table", ref, element.offset)
    draft = builder.draft(ref, session.place(element))
    draft.comment = element.attributes.get("remarks") or None
    if tablespace := element.attributes.get("tablespace"):
        draft.options = {"tablespace": tablespace}
    if kind := element.attributes.get("tableType"):
        session.lose(ref, f"the table type {kind!r}", "It is an ordinary table.", element)
    builder.put_table(draft)
    for child in element.all("column"):
        try:
            define_column(session, draft, child)
        except Unparsed as problem:
            session.account.complain(problem)
            child.attributes.unasked.clear()  # the diagnostic accounts for it
    _name_key(session, draft, element)
    if session.dialect == "sqlite":
        _count_rows(draft)
    for child in element.children:
        if child.name != "column":
            session.lose(ref, f"<{child.name}> in createTable", "It is left out.", child)
    return "applied"


def _name_key(session: Session, table: TableDraft, element: Element) -> None:
    """Liquibase names a primary key after the table as the changelog spells it, which PostgreSQL would fold."""
    key, written = table.primary_key, required(element, "tableName")
    if key is not None and key.name is None and session.dialect == "postgres" and written != table.name:
        table.replace(key, key.model_copy(update={"name": session.spelled(f"{written}_pkey")}))


def _count_rows(table: TableDraft) -> None:
    """An integer that is all of the key is SQLite's rowid."""
    key = table.primary_key
    column = table.column(key.columns[0]) if key and len(key.columns) == 1 else None
    if column is not None and column.identity is None and column.type.name == "integer":
        table.put(column.model_copy(update={"identity": Identity(style="rowid"), "nullable": False}))


def add_lookup_table(session: Session, element: Element) -> Outcome:
    """addLookupTable: the values of a column become the key of a table of their own, which the column refers to."""
    table = session.table(element, "existingTableName", "existingTableSchemaName")
    column = session.column(table, element, "existingColumnName")
    new = session.ref(element, "newTableName", "newTableSchemaName")
    builder, origin = session.builder, session.place(element)
    if builder.tables.get(new.namespace, new.name) is not None:
        raise builder.duplicate("table", new, element.offset)
    name = session.spelled(required(element, "newColumnName"))
    if element.attributes.get("newColumnDataType") and session.dialect in {None, "mssql"}:
        column = column.model_copy(update={"type": session.type(element, "newColumnDataType")})
    draft = builder.draft(new, origin)
    draft.put(Column(name=name, type=column.type, nullable=False, origin=origin))
    draft.add(PrimaryKey(columns=(name,), origin=origin))
    builder.put_table(draft)
    made_up = f"FK_{required(element, 'existingTableName')}_{required(element, 'newTableName')}".upper()
    key = ForeignKey(
        name=session.optional_name(element, "constraintName") or session.spelled(made_up),
        origin=origin,
        columns=(column.name,),
        target=draft.ref,
        referred_columns=(name,),
    )
    table.add(key)
    return "applied"


def drop_table(session: Session, element: Element) -> Outcome:
    """dropTable: with `cascadeConstraints`, foreign keys to the table go too."""
    table = session.table(element)
    ref = table.ref
    session.builder.drop_table(table, cascade=False)
    if flag(element, "cascadeConstraints"):
        for other in session.builder.tables:
            other.spend(5)
            other.foreign_keys = [key for key in other.foreign_keys if session.builder.target(key.target) != ref]
    return "applied"


def rename_table(session: Session, element: Element) -> Outcome:
    """`renameTable`."""
    table = session.table(element, "oldTableName")
    new = Ref(name=session.spelled(required(element, "newTableName")), namespace=table.namespace)
    move_table(session.builder, table, new, element.offset)
    return "applied"


def set_table_remarks(session: Session, element: Element) -> Outcome:
    """`setTableRemarks`."""
    session.table(element).comment = element.attributes.get("remarks") or None
    return "applied"
