"""How many objects of each kind SQLite's catalogue has, by plain SQL: the judge of `renga read --as counts`."""

import sqlite3

_TABLES = """
    (SELECT name, type FROM pragma_table_list
     WHERE schema = 'main' AND type IN ('table', 'virtual') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\') AS t
"""
"""Without the shadow tables of a virtual one, which are its module's."""
_OBJECTS = "SELECT count(*) FROM sqlite_schema WHERE type = "

QUERIES = {
    "schemas": "SELECT count(*) FROM pragma_database_list WHERE name = 'main'",
    "tables": f"SELECT count(*) FROM {_TABLES}",  # noqa: S608 - of constants
    # The hidden columns of a virtual table (1) are its module's; generated ones (2, 3) are the table's.
    "columns": f"SELECT count(*) FROM {_TABLES} JOIN pragma_table_xinfo(t.name) AS c WHERE c.hidden <> 1",  # noqa: S608 - of constants
    "primary_keys": f"SELECT count(*) FROM {_TABLES} WHERE EXISTS (SELECT 1 FROM pragma_table_info(t.name) WHERE pk)",  # noqa: S608 - of constants
    "foreign_keys": f"SELECT count(*) FROM {_TABLES} JOIN pragma_foreign_key_list(t.name) AS k WHERE k.seq = 0",  # noqa: S608 - of constants
    "unique_constraints": f"SELECT count(*) FROM {_TABLES} JOIN pragma_index_list(t.name) AS i WHERE i.origin = 'u'",  # noqa: S608 - of constants
    "indexes": f"{_OBJECTS} 'index' AND sql IS NOT NULL",
    "views": f"{_OBJECTS} 'view'",
    "triggers": f"{_OBJECTS} 'trigger'",
}
"""Kind -> the query for its number. Checks are in no catalogue of SQLite's, so it cannot judge them."""
NONE = (
    "exclusions",
    "sequences",
    "enums",
    "domains",
    "composite_types",
    "materialized_views",
    "routines",
    "policies",
    "partitions",
    "extensions",
)
"""What SQLite does not know."""


def counted(connection: sqlite3.Connection) -> dict[str, int]:
    """Every kind's number in the main database."""
    return {kind: connection.execute(query).fetchone()[0] for kind, query in QUERIES.items()} | dict.fromkeys(NONE, 0)
