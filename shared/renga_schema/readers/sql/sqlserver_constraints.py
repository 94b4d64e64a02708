"""What SQL Server alone describes among the columns of a table: indexes with all their clauses, and graph edges."""

from renga_schema.model import Index, Origin
from renga_schema.readers.sql.builder import Builder
from renga_schema.readers.sql.cursor import Cursor
from renga_schema.readers.sql.drafts import TableDraft
from renga_schema.readers.sql.indexes import free_index_name, index_parts
from renga_schema.readers.sql.sqlserver_indexes import clauses


def inline_index(cursor: Cursor, table: TableDraft, name: str | None, origin: Origin) -> Index:
    """Take `[UNIQUE] [[NON]CLUSTERED] [COLUMNSTORE] (keys) clauses` of an index."""
    unique = cursor.accept("UNIQUE")
    cursor.accept_any({"CLUSTERED", "NONCLUSTERED"})
    method = "columnstore" if cursor.accept("COLUMNSTORE") else None
    parts = index_parts(cursor.group()) if cursor.key == "(" or not method else ()
    name = name or free_index_name(table, parts, "mssql")
    return Index(name=name, origin=origin, parts=parts, unique=unique, method=method, **clauses(cursor))


def take_edge(cursor: Cursor, builder: Builder, table: TableDraft, name: str | None) -> bool:
    """Take `CONNECTION (node TO node)`, for which the model has no place; say whether it stood here."""
    if cursor.dialect != "mssql" or cursor.key != "CONNECTION":
        return False
    place = cursor.origin
    cursor.skip_to({","})
    builder.lose(table, f"edge constraint {name}", "The table is kept without it.", place)
    return True
