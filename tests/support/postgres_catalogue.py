"""What the catalogue of PostgreSQL 18 says about a database, as plain facts; `postgres_reading` is the other side."""

from collections.abc import Iterator
from typing import Any, LiteralString

from psycopg import Connection

from agreement import Fact, Facts, listed
from postgres_reading import canonical, canonical_default, sequence_numbers, type_name
from renga_schema.model import SequenceOptions
from renga_schema.types import parse

_ACTIONS = {"a": "no action", "r": "restrict", "c": "cascade", "n": "set null", "d": "set default"}
_MATCHES = {"s": "simple", "f": "full", "p": "partial"}
_KINDS = {"r": "table", "p": "table", "f": "table", "v": "view", "m": "materialized view"}
_COMMANDS = {"r": "select", "a": "insert", "w": "update", "d": "delete", "*": "all"}

Row = tuple[Any, ...]

_COLUMNS: LiteralString = """
SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       CASE WHEN NOT c.relispartition THEN a.attidentity::text END, -- a partition's counts with its parent's sequence
       a.attgenerated, pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum),
       CASE WHEN a.attcollation <> t.typcollation THEN
           (SELECT collname FROM pg_collation WHERE oid = a.attcollation) END,
       q.oid IS NOT NULL AND pg_get_expr(d.adbin, d.adrelid) = format('nextval(%L::regclass)', q.oid::regclass)
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_depend o ON o.refobjid = c.oid AND o.refobjsubid = a.attnum AND o.deptype = 'a'
    AND o.classid = 'pg_class'::regclass AND o.refclassid = 'pg_class'::regclass
    AND EXISTS (SELECT FROM pg_class s WHERE s.oid = o.objid AND s.relkind = 'S')
LEFT JOIN pg_class q ON q.oid = o.objid
WHERE c.relkind IN ('r', 'p', 'f') AND a.attnum > 0 AND NOT a.attisdropped
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY c.oid, a.attnum
"""
_RELATIONS: LiteralString = """
SELECT n.nspname, c.relname, c.relkind, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity,
       obj_description(c.oid, 'pg_class'), pg_get_expr(c.relpartbound, c.oid), pg_get_partkeydef(c.oid),
       ARRAY(SELECT i.inhparent::regclass::text FROM pg_inherits i WHERE i.inhrelid = c.oid ORDER BY i.inhseqno)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = c.oid AND e.deptype = 'e')
"""
_CONSTRAINTS: LiteralString = """
SELECT n.nspname, c.relname, k.conname, k.contype, names(k.conrelid, k.conkey), k.confrelid::regclass::text,
       names(k.confrelid, k.confkey), k.confdeltype, k.confupdtype, k.confmatchtype, k.condeferrable, k.condeferred,
       k.convalidated, k.conenforced, k.connoinherit, pg_get_expr(k.conbin, k.conrelid),
       names(k.conrelid, k.confdelsetcols), k.conperiod, i.indnullsnotdistinct,
       names(i.indrelid, (i.indkey::smallint[])[i.indnkeyatts:]), am.amname,
       (SELECT array_agg(o.oprname::text ORDER BY x.at)
        FROM unnest(k.conexclop) WITH ORDINALITY x (op, at) JOIN pg_operator o ON o.oid = x.op),
       pg_get_expr(i.indpred, i.indrelid),
       ARRAY(SELECT pg_get_indexdef(i.indexrelid, x, true) FROM generate_series(1, i.indnkeyatts) x)
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_index i ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u', 'x')
LEFT JOIN pg_class ic ON ic.oid = i.indexrelid
LEFT JOIN pg_am am ON am.oid = ic.relam
WHERE k.contype IN ('p', 'u', 'f', 'c', 'x') AND k.conislocal AND k.conparentid = 0
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""
_INDEXES: LiteralString = """
SELECT n.nspname, c.relname, x.relname, i.indisunique, am.amname, i.indnkeyatts,
       ARRAY(SELECT pg_get_indexdef(i.indexrelid, p, true) FROM generate_series(1, i.indnkeyatts) p),
       ARRAY(SELECT i.indkey[p] <> 0 FROM generate_series(0, i.indnkeyatts - 1) p),
       i.indoption::smallint[], names(i.indrelid, (i.indkey::smallint[])[i.indnkeyatts:]),
       pg_get_expr(i.indpred, i.indrelid), i.indnullsnotdistinct,
       ARRAY(SELECT CASE WHEN NOT o.opcdefault THEN o.opcname::text END
             FROM unnest(i.indclass::oid[]) WITH ORDINALITY u (class, at) JOIN pg_opclass o ON o.oid = u.class
             ORDER BY u.at)
FROM pg_index i
JOIN pg_class x ON x.oid = i.indexrelid
JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_am am ON am.oid = x.relam
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
  AND NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = i.indexrelid)
"""
_SEQUENCES: LiteralString = """
SELECT n.nspname, c.relname, format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache,
       s.seqcycle, o.refobjid::regclass::text, a.attname
FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_depend o ON o.objid = c.oid AND o.classid = 'pg_class'::regclass AND o.deptype = 'a'
LEFT JOIN pg_attribute a ON a.attrelid = o.refobjid AND a.attnum = o.refobjsubid
WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass
                  AND d.deptype = 'i')
"""
_ENUMS: LiteralString = """
SELECT n.nspname, t.typname, array_agg(e.enumlabel::text ORDER BY e.enumsortorder)
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace JOIN pg_enum e ON e.enumtypid = t.oid GROUP BY 1, 2
"""
_DOMAINS: LiteralString = """
SELECT n.nspname, t.typname, format_type(t.typbasetype, t.typtypmod), t.typnotnull, t.typdefault,
       ARRAY(SELECT pg_get_expr(k.conbin, 0) FROM pg_constraint k
             WHERE k.contypid = t.oid AND k.contype = 'c' ORDER BY k.conname)
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'd' AND n.nspname <> 'information_schema'
"""
_COMPOSITES: LiteralString = """
SELECT n.nspname, c.relname, array_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relkind = 'c' AND NOT a.attisdropped GROUP BY 1, 2
"""
_ROUTINES: LiteralString = """
SELECT n.nspname, p.proname, count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = p.oid AND e.deptype IN ('e', 'i')) GROUP BY 1, 2
"""
_TRIGGERS: LiteralString = """
SELECT n.nspname, c.relname, t.tgname, t.tgtype, names(c.oid, t.tgattr::smallint[])
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND t.tgparentid = 0
"""
_POLICIES: LiteralString = """
SELECT n.nspname, c.relname, p.polname, p.polpermissive, p.polcmd, pg_get_expr(p.polqual, p.polrelid),
       pg_get_expr(p.polwithcheck, p.polrelid)
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
"""
_EXTENSIONS: LiteralString = "SELECT extname FROM pg_extension"
_NAMES: LiteralString = """
CREATE FUNCTION pg_temp.names(relation oid, numbers smallint[]) RETURNS text[] LANGUAGE sql AS $$
SELECT coalesce(array_agg(a.attname::text ORDER BY u.at), '{}') FROM unnest(numbers) WITH ORDINALITY u (number, at)
JOIN pg_attribute a ON a.attrelid = relation AND a.attnum = u.number $$
"""


def catalogued(connection: "Connection[Row]") -> Facts:
    """Everything that is compared about the database that the connection is to."""
    connection.execute(_NAMES)
    # Only what lies in the default namespace is printed without it.
    connection.execute("SET search_path TO public")
    return dict(_facts(connection))


def _rows(connection: "Connection[Row]", query: LiteralString) -> list[Row]:
    return connection.execute(query.replace("names(", "pg_temp.names(")).fetchall()


def _facts(connection: "Connection[Row]") -> Iterator[tuple[Fact, str]]:
    yield from _relations(connection)
    for row in _rows(connection, _COLUMNS):
        yield from _column(row)
    for row in _rows(connection, _CONSTRAINTS):
        yield Fact(f"{row[0]}.{row[1]}/constraint {row[2]}", "is"), _constraint(row)
    for row in _rows(connection, _INDEXES):
        yield Fact(f"{row[0]}.{row[1]}/index {row[2]}", "is"), _index(row)
    yield from _types(connection)
    yield from _code(connection)


def _relations(connection: "Connection[Row]") -> Iterator[tuple[Fact, str]]:
    for space, name, kind, persistence, secured, forced, comment, bound, keys, parents in _rows(connection, _RELATIONS):
        relation = f"{space}.{name}"
        yield Fact(relation, "is"), _KINDS[kind]
        if _KINDS[kind] != "table":
            continue
        if persistence == "u":
            yield Fact(relation, "persistence"), "unlogged"
        if secured:
            yield Fact(relation, "row security"), "forced" if forced else "on"
        if comment:
            yield Fact(relation, "comment"), comment
        if keys:
            yield Fact(relation, "partitioned by"), keys.partition(" ")[0].lower()
        if parents:
            yield Fact(relation, "partition of" if bound else "inherits"), listed(map(_qualified, parents))


def _qualified(name: str) -> str:
    """A name as regclass prints it, with its namespace and without quotes."""
    return (name if "." in name else f"public.{name}").replace('"', "")


def _column(row: Row) -> Iterator[tuple[Fact, str]]:
    space, table, name, type_, not_null, identity, generated, given, comment, collation, serial = row
    column = f"{space}.{table}/column {name}"
    parsed = parse(type_, "postgres")
    yield Fact(column, "is"), type_name(parsed)
    yield Fact(column, "null"), "no" if not_null else "yes"
    if identity or serial:
        yield Fact(column, "identity"), "serial" if serial else {"a": "always", "d": "by default"}[identity]
    elif generated:
        storage = {"s": "stored", "v": "virtual"}[generated]
        yield Fact(column, "generated"), f"{storage} {canonical(given)}"
    elif given is not None and (default := canonical_default(given, parsed)) != "NULL":
        yield Fact(column, "default"), default
    if comment:
        yield Fact(column, "comment"), comment
    if collation:
        yield Fact(column, "collation"), collation


def _constraint(row: Row) -> str:
    (_, _, _, kind, columns, target, referred, on_delete, on_update, match, deferrable, deferred, valid, enforced) = (
        row[:14]
    )
    no_inherit, condition, nulled, period, nulls_not_distinct, include, method, operators, predicate, parts = row[14:]
    said: list[str] = []
    if kind in "pu":
        said += ["primary key" if kind == "p" else "unique", listed(columns), "without overlaps" if period else ""]
        said += ["nulls not distinct" if nulls_not_distinct else "", f"include {listed(include)}" if include else ""]
    elif kind == "f":
        said += ["foreign key", listed(columns), "references", _qualified(target), listed(referred)]
        said += [f"match {_MATCHES[match]}", f"on delete {_ACTIONS[on_delete]} {listed(nulled) if nulled else ''}"]
        said += [f"on update {_ACTIONS[on_update]}"]
    elif kind == "c":
        said += ["check", canonical(condition), "no inherit" if no_inherit else ""]
    else:
        keys = [f"{canonical(part)} with {operator}" for part, operator in zip(parts, operators, strict=True)]
        said += ["exclude", method, listed(keys), f"where {canonical(predicate)}" if predicate else ""]
    if deferrable:
        said.append("initially deferred" if deferred else "initially immediate")
    if not enforced:
        said.append("not enforced")
    elif not valid:
        said.append("not valid")
    return " ".join(filter(None, " ".join(said).split(" ")))


def _index(row: Row) -> str:
    _, _, _, unique, method, count, parts, plain, options, include, predicate, nulls_not_distinct, classes = row
    keys = []
    for at in range(count):
        # Bit 0: descending; bit 1: nulls first, which is what descending means unless it is said.
        descending, nulls_first = bool(options[at] & 1), bool(options[at] & 2)
        key = [parts[at].strip('"') if plain[at] else canonical(parts[at]), classes[at] or ""]
        key += ["desc" if descending else ""]
        key += [f"nulls {'first' if nulls_first else 'last'}" if nulls_first != descending else ""]
        keys.append(" ".join(filter(None, key)))
    said = ["unique" if unique else "", method, listed(keys), f"include {listed(include)}" if include else ""]
    said += ["nulls not distinct" if nulls_not_distinct else "", f"where {canonical(predicate)}" if predicate else ""]
    return " ".join(filter(None, said))


def _types(connection: "Connection[Row]") -> Iterator[tuple[Fact, str]]:
    for space, name, type_, start, increment, least, most, cache, cycle, owner, column in _rows(connection, _SEQUENCES):
        yield Fact(f"{space}.{name}", "is"), "sequence"
        options = SequenceOptions(
            start=start, increment=increment, minimum=least, maximum=most, cache=cache, cycle=cycle
        )
        yield Fact(f"{space}.{name}", "numbers"), sequence_numbers(type_, options)
        if owner:
            yield Fact(f"{space}.{name}", "owned by"), f"{_qualified(owner)}.{column}"
    for space, name, labels in _rows(connection, _ENUMS):
        yield Fact(f"{space}.{name}", "is"), f"enum {listed(labels)}"
    for space, name, type_, not_null, given, checks in _rows(connection, _DOMAINS):
        parsed = parse(type_, "postgres")
        yield Fact(f"{space}.{name}", "is"), f"domain {type_name(parsed)}{' not null' if not_null else ''}"
        if given:
            yield Fact(f"{space}.{name}", "default"), canonical_default(given, parsed)
        yield Fact(f"{space}.{name}", "checks"), listed(sorted(map(canonical, checks)))
    for space, name, attributes in _rows(connection, _COMPOSITES):
        fields = (attribute.partition(" ") for attribute in attributes)
        written = [f"{field} {type_name(parse(type_, 'postgres'))}" for field, _, type_ in fields]
        yield Fact(f"{space}.{name}", "is"), f"composite type {listed(written)}"


def _code(connection: "Connection[Row]") -> Iterator[tuple[Fact, str]]:
    for space, name, count in _rows(connection, _ROUTINES):
        yield Fact(f"{space}.{name}()", "is"), f"{count} routines"
    for space, table, name, kind, columns in _rows(connection, _TRIGGERS):
        timing = "before" if kind & 2 else "instead of" if kind & 64 else "after"
        events = [
            event for bit, event in ((4, "insert"), (8, "delete"), (16, "update"), (32, "truncate")) if kind & bit
        ]
        if columns:
            events[events.index("update")] = f"update of {', '.join(columns)}"
        level = "row" if kind & 1 else "statement"
        yield Fact(f"{space}.{table}/trigger {name}", "is"), f"{timing} {listed(sorted(events))} {level}"
    for space, table, name, permissive, command, using, check in _rows(connection, _POLICIES):
        said = ["permissive" if permissive else "restrictive", _COMMANDS[command]]
        said += [f"using {canonical(using)}" if using else "", f"check {canonical(check)}" if check else ""]
        yield Fact(f"{space}.{table}/policy {name}", "is"), " ".join(filter(None, said))
    for (name,) in _rows(connection, _EXTENSIONS):
        yield Fact(f"extension {name}", "is"), "extension"
