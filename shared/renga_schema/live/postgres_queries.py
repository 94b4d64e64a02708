"""The queries behind `postgres`: each gives one statement a row.

They hold for PostgreSQL 13 and newer. What belongs to an extension or to the system is nobody's schema.
"""
# ruff: noqa: S608 - the queries are put together of nothing but each other

from typing import Final

_OURS: Final = """
    n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""


def _not_of_extension(catalogue: str, oid: str) -> str:
    return (
        f"NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS e WHERE e.classid = 'pg_catalog.{catalogue}'::regclass "
        f"AND e.objid = {oid} AND e.deptype = 'e')"
    )


_RELATION: Final = f"{_OURS} AND {_not_of_extension('pg_class', 'c.oid')}"
_TYPE: Final = f"{_OURS} AND {_not_of_extension('pg_type', 't.oid')}"
_NAME: Final = "quote_ident(n.nspname) || '.' || quote_ident(c.relname)"
_TYPE_NAME: Final = "quote_ident(n.nspname) || '.' || quote_ident(t.typname)"
_COLLATION: Final = """
    (SELECT ' COLLATE ' || quote_ident(cn.nspname) || '.' || quote_ident(co.collname)
     FROM pg_catalog.pg_collation AS co JOIN pg_catalog.pg_namespace AS cn ON cn.oid = co.collnamespace
     WHERE co.oid = {given} AND {given} <> {usual})
"""

_NAMESPACES: Final = f"""
    SELECT 'CREATE SCHEMA ' || quote_ident(n.nspname)
    FROM pg_catalog.pg_namespace AS n
    WHERE {_OURS} AND n.nspname <> 'public' AND {_not_of_extension("pg_namespace", "n.oid")}
    ORDER BY n.nspname
"""

_EXTENSIONS: Final = """
    SELECT 'CREATE EXTENSION ' || quote_ident(e.extname) || ' WITH SCHEMA ' || quote_ident(n.nspname)
    FROM pg_catalog.pg_extension AS e JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
    WHERE e.extname <> 'plpgsql'
    ORDER BY e.oid
"""

_ENUMS: Final = f"""
    SELECT 'CREATE TYPE ' || {_TYPE_NAME} || ' AS ENUM (' ||
        coalesce((SELECT string_agg(quote_literal(l.enumlabel), ', ' ORDER BY l.enumsortorder)
                  FROM pg_catalog.pg_enum AS l WHERE l.enumtypid = t.oid), '') || ')'
    FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
    WHERE t.typtype = 'e' AND {_TYPE}
    ORDER BY t.oid
"""

_COMPOSITE_TYPES: Final = f"""
    SELECT 'CREATE TYPE ' || {_NAME} || ' AS (' ||
        coalesce((SELECT string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod) ||
                      coalesce({_COLLATION.format(given="a.attcollation", usual="at.typcollation")}, ''),
                      ', ' ORDER BY a.attnum)
                  FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_type AS at ON at.oid = a.atttypid
                  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '') || ')'
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind = 'c' AND {_OURS} AND {_not_of_extension("pg_type", "c.reltype")}
    ORDER BY c.oid
"""

_RANGE_TYPES: Final = f"""
    SELECT 'CREATE TYPE ' || {_TYPE_NAME} || ' AS RANGE (subtype = ' || format_type(r.rngsubtype, NULL) ||
        CASE WHEN r.rngsubdiff <> 0 THEN ', subtype_diff = ' || r.rngsubdiff::regproc ELSE '' END ||
        CASE WHEN r.rngcanonical <> 0 THEN ', canonical = ' || r.rngcanonical::regproc ELSE '' END || ')'
    FROM pg_catalog.pg_range AS r JOIN pg_catalog.pg_type AS t ON t.oid = r.rngtypid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
    WHERE {_TYPE}
    ORDER BY t.oid
"""

_DOMAINS: Final = f"""
    SELECT 'CREATE DOMAIN ' || {_TYPE_NAME} || ' AS ' || format_type(t.typbasetype, t.typtypmod) ||
        coalesce({_COLLATION.format(given="t.typcollation", usual="b.typcollation")}, '') ||
        coalesce(' DEFAULT ' || t.typdefault, '') ||
        CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END ||
        coalesce((SELECT string_agg(' CONSTRAINT ' || quote_ident(k.conname) || ' ' ||
                      regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', ''), '' ORDER BY k.conname)
                  FROM pg_catalog.pg_constraint AS k WHERE k.contypid = t.oid AND k.contype = 'c'), '')
    FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
    JOIN pg_catalog.pg_type AS b ON b.oid = t.typbasetype
    WHERE t.typtype = 'd' AND {_TYPE}
    ORDER BY t.oid
"""

_NUMBERS: Final = """
    ' START WITH ' || s.seqstart || ' INCREMENT BY ' || s.seqincrement || ' MINVALUE ' || s.seqmin ||
    ' MAXVALUE ' || s.seqmax || ' CACHE ' || s.seqcache || CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END
"""

# Of an identity column's sequence (deptype i) the column itself tells.
_SEQUENCES: Final = f"""
    SELECT 'CREATE SEQUENCE ' || {_NAME} || ' AS ' || format_type(s.seqtypid, NULL) || {_NUMBERS}
    FROM pg_catalog.pg_sequence AS s JOIN pg_catalog.pg_class AS c ON c.oid = s.seqrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE {_RELATION} AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'i')
    ORDER BY c.oid
"""

# A partition counts with its parent's sequence: its column has none of its own.
_IDENTITY: Final = f"""
    coalesce((SELECT ' GENERATED ' || CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END ||
                     ' AS IDENTITY (SEQUENCE NAME ' || quote_ident(sn.nspname) || '.' || quote_ident(sc.relname) ||
                     {_NUMBERS} || ')'
              FROM pg_catalog.pg_depend AS d
              JOIN pg_catalog.pg_sequence AS s ON s.seqrelid = d.objid
              JOIN pg_catalog.pg_class AS sc ON sc.oid = d.objid
              JOIN pg_catalog.pg_namespace AS sn ON sn.oid = sc.relnamespace
              WHERE a.attidentity <> '' AND d.classid = 'pg_catalog.pg_class'::regclass AND d.deptype = 'i'
                AND d.refclassid = 'pg_catalog.pg_class'::regclass
                AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum), '')
"""

_COLUMNS: Final = f"""
    SELECT string_agg(
        quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod) ||
        coalesce({_COLLATION.format(given="a.attcollation", usual="at.typcollation")}, '') ||
        CASE WHEN a.attgenerated <> '' THEN ' GENERATED ALWAYS AS (' || pg_get_expr(v.adbin, v.adrelid) ||
                 CASE a.attgenerated WHEN 's' THEN ') STORED' ELSE ') VIRTUAL' END
             ELSE coalesce(' DEFAULT ' || pg_get_expr(v.adbin, v.adrelid), '') END ||
        {_IDENTITY} ||
        CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END, ', ' ORDER BY a.attnum)
    FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_type AS at ON at.oid = a.atttypid
    LEFT JOIN pg_catalog.pg_attrdef AS v ON v.adrelid = a.attrelid AND v.adnum = a.attnum
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
"""

# A parent always has the smaller depth; columns that come from it are merged with those that are spelled out.
_TABLES: Final = f"""
    WITH RECURSIVE depth (oid, steps) AS (
        SELECT c.oid, 0 FROM pg_catalog.pg_class AS c WHERE c.relkind IN ('r', 'p', 'f')
        UNION ALL
        SELECT i.inhrelid, d.steps + 1 FROM pg_catalog.pg_inherits AS i JOIN depth AS d ON d.oid = i.inhparent
    )
    SELECT 'CREATE ' || CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED ' ELSE '' END ||
        CASE c.relkind WHEN 'f' THEN 'FOREIGN ' ELSE '' END || 'TABLE ' || {_NAME} ||
        ' (' || coalesce(({_COLUMNS}), '') || ')' ||
        CASE WHEN c.relispartition THEN '' ELSE coalesce(
            (SELECT ' INHERITS (' || string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno) || ')'
             FROM pg_catalog.pg_inherits AS i WHERE i.inhrelid = c.oid), '') END ||
        CASE c.relkind WHEN 'p' THEN ' PARTITION BY ' || pg_get_partkeydef(c.oid) ELSE '' END ||
        coalesce((SELECT ' SERVER ' || quote_ident(fs.srvname)
                  FROM pg_catalog.pg_foreign_table AS ft JOIN pg_catalog.pg_foreign_server AS fs ON fs.oid = ft.ftserver
                  WHERE ft.ftrelid = c.oid), '') ||
        coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', '')
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't' AND {_RELATION}
    ORDER BY (SELECT max(steps) FROM depth WHERE depth.oid = c.oid), c.oid
"""

_PARTITIONS: Final = f"""
    SELECT 'ALTER TABLE ONLY ' || i.inhparent::regclass || ' ATTACH PARTITION ' || {_NAME} || ' ' ||
        pg_get_expr(c.relpartbound, c.oid)
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = c.oid
    WHERE c.relispartition AND c.relkind IN ('r', 'p', 'f') AND {_RELATION}
    ORDER BY c.oid
"""

# What is created below a parent has its defaults, unless it lost or never got them.
_DEFAULTS_OF_PARENTS: Final = f"""
    SELECT DISTINCT 'ALTER TABLE ONLY ' || {_NAME} || ' ALTER COLUMN ' || quote_ident(a.attname) || ' DROP DEFAULT'
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.atthasdef
    JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = c.oid
    JOIN pg_catalog.pg_attribute AS p ON p.attrelid = i.inhparent AND p.attname = a.attname
    WHERE NOT c.relispartition AND p.atthasdef AND p.attgenerated = '' AND {_RELATION}
    ORDER BY 1
"""

_OWNED: Final = f"""
    SELECT 'ALTER SEQUENCE ' || {_NAME} || ' OWNED BY ' || d.refobjid::regclass || '.' || quote_ident(a.attname)
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
        AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype = 'a'
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE c.relkind = 'S' AND {_RELATION}
    ORDER BY c.oid
"""

_CONSTRAINTS: Final = f"""
    SELECT 'ALTER TABLE ' || {_NAME} || ' ADD CONSTRAINT ' || quote_ident(k.conname) || ' ' ||
        pg_get_constraintdef(k.oid)
    FROM pg_catalog.pg_constraint AS k JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE k.contype IN ('p', 'u', 'x', 'c', 'f') AND k.conparentid = 0 AND k.conislocal AND {_RELATION}
    ORDER BY k.contype = 'f', c.oid, k.oid
"""

# pg_get_indexdef says ONLY of every index of a partitioned table; it is true of one that lacks partitions.
_INDEXES: Final = f"""
    SELECT CASE WHEN c.relkind = 'p' AND x.indisvalid THEN
        regexp_replace(pg_get_indexdef(x.indexrelid), ' ON ONLY ', ' ON ') ELSE pg_get_indexdef(x.indexrelid) END
    FROM pg_catalog.pg_index AS x JOIN pg_catalog.pg_class AS c ON c.oid = x.indrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't' AND {_RELATION}
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS k
                      WHERE k.conindid = x.indexrelid AND k.conrelid = c.oid AND k.contype IN ('p', 'u', 'x'))
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits AS i
                      JOIN pg_catalog.pg_index AS p ON p.indexrelid = i.inhparent
                      WHERE i.inhrelid = x.indexrelid AND p.indisvalid)
    ORDER BY c.oid, x.indexrelid
"""

_ATTACHED_INDEXES: Final = f"""
    SELECT 'ALTER INDEX ' || i.inhparent::regclass || ' ATTACH PARTITION ' || {_NAME}
    FROM pg_catalog.pg_inherits AS i JOIN pg_catalog.pg_index AS p ON p.indexrelid = i.inhparent
    JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE NOT p.indisvalid AND {_RELATION}
    ORDER BY c.oid
"""

_VIEWS: Final = f"""
    SELECT 'CREATE ' || CASE c.relkind WHEN 'm' THEN 'MATERIALIZED ' ELSE '' END || 'VIEW ' || {_NAME} ||
        coalesce((SELECT ' WITH (' || string_agg(o, ', ') || ')'
                  FROM unnest(c.reloptions) AS o WHERE o NOT LIKE 'check_option=%'), '') ||
        ' AS' || chr(10) || regexp_replace(pg_get_viewdef(c.oid), ';$', '') ||
        coalesce((SELECT ' WITH ' || upper(split_part(o, '=', 2)) || ' CHECK OPTION'
                  FROM unnest(c.reloptions) AS o WHERE o LIKE 'check_option=%'), '') ||
        CASE WHEN c.relkind = 'm' AND NOT c.relispopulated THEN ' WITH NO DATA' ELSE '' END
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('v', 'm') AND c.relpersistence <> 't' AND {_RELATION}
    ORDER BY c.oid
"""

_ROUTINES: Final = f"""
    SELECT pg_get_functiondef(p.oid)
    FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
    WHERE p.prokind <> 'a' AND {_OURS} AND {_not_of_extension("pg_proc", "p.oid")}
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.classid = 'pg_catalog.pg_proc'::regclass
                      AND d.objid = p.oid AND d.deptype = 'i')
    ORDER BY p.oid
"""

_AGGREGATES: Final = f"""
    SELECT 'CREATE AGGREGATE ' || quote_ident(n.nspname) || '.' || quote_ident(p.proname) || ' (' ||
        coalesce(nullif(pg_get_function_identity_arguments(p.oid), ''), '*') ||
        ') (SFUNC = ' || g.aggtransfn::regproc ||
        ', STYPE = ' || format_type(g.aggtranstype, NULL) ||
        CASE WHEN g.aggfinalfn <> 0 THEN ', FINALFUNC = ' || g.aggfinalfn::regproc ELSE '' END ||
        coalesce(', INITCOND = ' || quote_literal(g.agginitval), '') || ')'
    FROM pg_catalog.pg_aggregate AS g JOIN pg_catalog.pg_proc AS p ON p.oid = g.aggfnoid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
    WHERE {_OURS} AND {_not_of_extension("pg_proc", "p.oid")}
    ORDER BY p.oid
"""

_TRIGGERS: Final = f"""
    SELECT pg_get_triggerdef(g.oid)
    FROM pg_catalog.pg_trigger AS g JOIN pg_catalog.pg_class AS c ON c.oid = g.tgrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE NOT g.tgisinternal AND g.tgparentid = 0 AND {_RELATION}
    ORDER BY g.oid
"""

_RULES: Final = f"""
    SELECT pg_get_ruledef(w.oid)
    FROM pg_catalog.pg_rewrite AS w JOIN pg_catalog.pg_class AS c ON c.oid = w.ev_class
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE w.rulename <> '_RETURN' AND {_RELATION}
    ORDER BY w.oid
"""

_ROW_SECURITY: Final = f"""
    SELECT 'ALTER TABLE ' || {_NAME} || ' ' || what || ' ROW LEVEL SECURITY'
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL (SELECT 'ENABLE' AS what WHERE c.relrowsecurity
                        UNION ALL SELECT 'FORCE' WHERE c.relforcerowsecurity) AS state
    WHERE {_RELATION}
    ORDER BY c.oid, what
"""

_POLICIES: Final = f"""
    SELECT 'CREATE POLICY ' || quote_ident(p.polname) || ' ON ' || {_NAME} ||
        CASE WHEN p.polpermissive THEN '' ELSE ' AS RESTRICTIVE' END ||
        CASE p.polcmd WHEN 'r' THEN ' FOR SELECT' WHEN 'a' THEN ' FOR INSERT' WHEN 'w' THEN ' FOR UPDATE'
                      WHEN 'd' THEN ' FOR DELETE' ELSE '' END ||
        coalesce((SELECT ' TO ' || string_agg(quote_ident(u.rolname), ', ' ORDER BY u.rolname)
                  FROM pg_catalog.pg_roles AS u WHERE u.oid = ANY (p.polroles)), '') ||
        coalesce(' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', '') ||
        coalesce(' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', '')
    FROM pg_catalog.pg_policy AS p JOIN pg_catalog.pg_class AS c ON c.oid = p.polrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE {_RELATION}
    ORDER BY p.oid
"""

_STATISTICS: Final = f"""
    SELECT pg_get_statisticsobjdef(x.oid)
    FROM pg_catalog.pg_statistic_ext AS x JOIN pg_catalog.pg_class AS c ON c.oid = x.stxrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE {_RELATION}
    ORDER BY x.oid
"""

# pg_identify_object names every kind; two of its kinds are not what COMMENT ON calls them.
_COMMENTS: Final = f"""
    SELECT 'COMMENT ON ' ||
        CASE WHEN o.type LIKE '% column' THEN 'COLUMN ' || o.identity
             WHEN o.type = 'table constraint' THEN 'CONSTRAINT ' || o.identity
             WHEN o.type = 'domain constraint' THEN 'CONSTRAINT ' || replace(o.identity, ' on ', ' ON DOMAIN ')
             ELSE upper(o.type) || ' ' || o.identity END ||
        ' IS ' || quote_literal(d.description)
    FROM pg_catalog.pg_description AS d
    CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) AS o
    LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname =
        coalesce(o.schema, CASE o.type WHEN 'schema' THEN o.name ELSE substring(o.identity FROM ' on (.*)\\..*$') END)
    WHERE ((o.type = 'extension' AND o.name <> 'plpgsql')
        OR (n.oid IS NOT NULL AND {_OURS} AND (o.type, o.name) IS DISTINCT FROM ('schema', 'public')))
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS e
                      WHERE e.classid = d.classoid AND e.objid = d.objoid AND e.deptype = 'e')
    ORDER BY d.classoid, d.objoid, d.objsubid
"""

STATEMENTS: Final = (
    _NAMESPACES,
    _EXTENSIONS,
    _ENUMS,
    _RANGE_TYPES,
    _DOMAINS,
    _COMPOSITE_TYPES,
    _SEQUENCES,
    _TABLES,
    _DEFAULTS_OF_PARENTS,
    _PARTITIONS,
    _OWNED,
    _VIEWS,
    _CONSTRAINTS,
    _INDEXES,
    _ATTACHED_INDEXES,
    _STATISTICS,
    _ROUTINES,
    _AGGREGATES,
    _TRIGGERS,
    _RULES,
    _ROW_SECURITY,
    _POLICIES,
    _COMMENTS,
)
"""In an order in which every statement finds what it needs."""


def _left_out(catalogue: str, prefix: str) -> str:
    return f"""
        SELECT n.nspname || '.' || o.{prefix}name
        FROM pg_catalog.{catalogue} AS o JOIN pg_catalog.pg_namespace AS n ON n.oid = o.{prefix}namespace
        WHERE {_OURS} AND {_not_of_extension(catalogue, "o.oid")}
        ORDER BY 1
    """


UNREAD: Final = {
    "an operator": _left_out("pg_operator", "opr"),
    "an operator class": _left_out("pg_opclass", "opc"),
    "a collation": _left_out("pg_collation", "coll"),
    "a conversion": _left_out("pg_conversion", "con"),
    "a text search configuration": _left_out("pg_ts_config", "cfg"),
    "a text search dictionary": _left_out("pg_ts_dict", "dict"),
    "an event trigger": "SELECT evtname FROM pg_catalog.pg_event_trigger ORDER BY 1",
    "a publication": "SELECT pubname FROM pg_catalog.pg_publication ORDER BY 1",
    "a foreign server": "SELECT srvname FROM pg_catalog.pg_foreign_server ORDER BY 1",
}
"""What is not asked for, by kind: queries for its names, which go into the ledger."""
