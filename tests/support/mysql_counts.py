"""How many objects of each kind MariaDB's catalogue has, by plain SQL: the judge of `renga read --as counts`."""
# ruff: noqa: S608 - the queries are put together of nothing but constants

from typing import TYPE_CHECKING, Any

from mariadb import HOME

if TYPE_CHECKING:
    from pymysql import Connection

_OURS = "NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')"
_TABLES = f"SELECT count(*) FROM information_schema.tables WHERE table_schema {_OURS} AND table_type "
_CONSTRAINTS = (
    f"SELECT count(*) FROM information_schema.table_constraints WHERE table_schema {_OURS} AND constraint_type = "
)

QUERIES = {
    # The database that was made for what names none counts where a script put something into it.
    "schemas": f"""
        SELECT count(*) FROM information_schema.schemata s WHERE schema_name {_OURS}
        AND (schema_name <> '{HOME}'
             OR EXISTS (SELECT 1 FROM information_schema.tables t WHERE t.table_schema = s.schema_name)
             OR EXISTS (SELECT 1 FROM information_schema.routines r WHERE r.routine_schema = s.schema_name))
    """,
    "tables": f"{_TABLES} IN ('BASE TABLE', 'SYSTEM VERSIONED')",
    "columns": f"""
        SELECT count(*) FROM information_schema.columns c
        JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
        WHERE t.table_schema {_OURS} AND t.table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')
    """,
    "primary_keys": f"{_CONSTRAINTS} 'PRIMARY KEY'",
    "foreign_keys": f"{_CONSTRAINTS} 'FOREIGN KEY'",
    "unique_constraints": f"{_CONSTRAINTS} 'UNIQUE'",
    "checks": f"{_CONSTRAINTS} 'CHECK'",
    "exclusions": "SELECT 0",
    "indexes": f"""
        SELECT count(*) FROM information_schema.statistics
        WHERE table_schema {_OURS} AND non_unique = 1 AND seq_in_index = 1
    """,
    "sequences": f"{_TABLES} = 'SEQUENCE'",
    "enums": "SELECT 0",
    "domains": "SELECT 0",
    "composite_types": "SELECT 0",
    "views": f"{_TABLES} = 'VIEW'",
    "materialized_views": "SELECT 0",
    "routines": f"SELECT count(*) FROM information_schema.routines WHERE routine_schema {_OURS}",
    "triggers": f"SELECT count(*) FROM information_schema.triggers WHERE trigger_schema {_OURS}",
    "policies": "SELECT 0",
    "partitions": f"""
        SELECT count(*) FROM information_schema.partitions WHERE table_schema {_OURS} AND partition_name IS NOT NULL
    """,
    "extensions": "SELECT 0",
}
"""Kind -> the query for its number; of what MariaDB does not know there is nothing."""


def counted(connection: "Connection[Any]") -> dict[str, int]:
    """Every kind's number in all databases but the system's."""
    found = {}
    with connection.cursor() as cursor:
        for kind, query in QUERIES.items():
            cursor.execute(query)
            found[kind] = cursor.fetchone()[0]
    return found
