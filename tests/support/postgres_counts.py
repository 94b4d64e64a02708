"""How many objects of each kind PostgreSQL's catalogue has, by plain SQL: the judge of `renga read --as counts`.

What an extension brought is the extension's; system namespaces and temporary tables are nobody's schema.
"""
# ruff: noqa: S608 - the queries are put together of nothing but constants

from typing import Any, LiteralString

from psycopg import Connection

_OURS: LiteralString = """
    JOIN pg_namespace n ON n.oid = {namespace} AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    WHERE NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = '{catalogue}'::regclass AND e.objid = {oid}
                      AND e.deptype = 'e')
"""
_RELATION: LiteralString = _OURS.format(namespace="c.relnamespace", catalogue="pg_class", oid="c.oid")
_TYPE: LiteralString = _OURS.format(namespace="t.typnamespace", catalogue="pg_type", oid="t.oid")
_CONSTRAINT: LiteralString = "SELECT count(*) FROM pg_constraint k " + _OURS.format(
    namespace="k.connamespace",
    catalogue="pg_class",
    oid="k.conrelid",
)
_RELATIONS: LiteralString = "SELECT count(*) FROM pg_class c " + _RELATION

QUERIES: dict[str, LiteralString] = {
    "schemas": """
        SELECT count(*) FROM pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_namespace'::regclass AND e.objid = n.oid
                        AND e.deptype = 'e')
    """,
    "tables": _RELATIONS + "AND c.relkind IN ('r', 'p', 'f')",
    "columns": (
        "SELECT count(*) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
        + _RELATION
        + "AND c.relkind IN ('r', 'p', 'f') AND a.attnum > 0 AND NOT a.attisdropped"
    ),
    "primary_keys": _CONSTRAINT + "AND k.contype = 'p'",
    # A partition's share in its parent's foreign key is no key of its own.
    "foreign_keys": _CONSTRAINT + "AND k.contype = 'f' AND k.conparentid = 0",
    "unique_constraints": _CONSTRAINT + "AND k.contype = 'u'",
    "checks": _CONSTRAINT + "AND k.contype = 'c'",
    "exclusions": _CONSTRAINT + "AND k.contype = 'x'",
    "indexes": _RELATIONS
    + """
        AND c.relkind IN ('i', 'I')
        AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x'))
    """,
    "sequences": _RELATIONS + "AND c.relkind = 'S'",
    "enums": "SELECT count(*) FROM pg_type t " + _TYPE + "AND t.typtype = 'e'",
    "domains": "SELECT count(*) FROM pg_type t " + _TYPE + "AND t.typtype = 'd'",
    "composite_types": _RELATIONS + "AND c.relkind = 'c'",
    "views": _RELATIONS + "AND c.relkind = 'v'",
    "materialized_views": _RELATIONS + "AND c.relkind = 'm'",
    # The constructors of a range type come with it.
    "routines": "SELECT count(*) FROM pg_proc p "
    + _OURS.format(namespace="p.pronamespace", catalogue="pg_proc", oid="p.oid")
    + """
        AND NOT EXISTS (SELECT FROM pg_depend i WHERE i.classid = 'pg_proc'::regclass AND i.objid = p.oid
                        AND i.deptype = 'i')
    """,
    "triggers": (
        "SELECT count(*) FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid " + _RELATION + "AND NOT g.tgisinternal"
    ),
    "policies": "SELECT count(*) FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid " + _RELATION,
    "partitions": _RELATIONS + "AND c.relispartition AND c.relkind IN ('r', 'p', 'f')",
    "extensions": "SELECT count(*) FROM pg_extension WHERE extname <> 'plpgsql'",
}
"""Kind -> the query for its number."""


def counted(connection: "Connection[Any]") -> dict[str, int]:
    """Every kind's number in the database that the connection is to."""
    return {kind: _number(connection, query) for kind, query in QUERIES.items()}


def _number(connection: "Connection[Any]", query: LiteralString) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None
    number = row[0]
    assert isinstance(number, int)
    return number
