"""Tables: made, dropped, renamed, described."""

from renga_schema.model import Ref
from renga_schema.readers.sql.cursor import Unparsed
from renga_schema.readers.sql.drafts import TableDraft
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
    draft = TableDraft(
        name=ref.name,
        namespace=ref.namespace,
        dialect=builder.dialect,
        origin=session.place(element),
        comment=element.attributes.get("remarks") or None,
    )
    if tablespace := element.attributes.get("tablespace"):
        draft.options = {"tablespace": tablespace}
    if kind := element.attributes.get("tableType"):
        session.lose(ref, f"the table type {kind!r}", "It is an ordinary table.", element)
    builder.tables.put(draft)
    for child in element.all("column"):
        try:
            define_column(session, draft, child)
        except Unparsed as problem:
            session.account.complain(problem)
            child.attributes.unasked.clear()  # the diagnostic accounts for it
    for child in element.children:
        if child.name != "column":
            session.lose(ref, f"<{child.name}> in createTable", "It is left out.", child)
    return "applied"


def drop_table(session: Session, element: Element) -> Outcome:
    """dropTable: with `cascadeConstraints`, foreign keys to the table go too."""
    table = session.table(element)
    ref = table.ref
    session.builder.drop_table(table, cascade=False)
    if flag(element, "cascadeConstraints"):
        for other in session.builder.tables:
            other.foreign_keys = [key for key in other.foreign_keys if session.builder.target(key.target) != ref]
    return "applied"


def rename_table(session: Session, element: Element) -> Outcome:
    """`renameTable`."""
    table = session.table(element, "oldTableName")
    new = Ref(name=session.spelled(required(element, "newTableName")), namespace=table.namespace)
    taken = session.builder.tables.get(new.namespace, new.name)
    if taken is not None and taken is not table:
        raise session.builder.duplicate("table", new, element.offset)
    session.builder.move_table(table, new)
    return "applied"


def set_table_remarks(session: Session, element: Element) -> Outcome:
    """`setTableRemarks`."""
    session.table(element).comment = element.attributes.get("remarks") or None
    return "applied"
