"""What contradicts itself: one name twice, a default that can never be stored, a name that the engine cuts."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from renga_schema.catalog import Catalog
from renga_schema.identifiers import LONGEST, length
from renga_schema.lint.rule import Example, Finding, rule
from renga_schema.model import Column, Constraint, Described, Origin, Table


@rule(
    "INT-DUP-NAME",
    title="One name for two objects",
    severity="error",
    rationale="The engine refuses the second object, so the script stops half-way or goes on without it.",
    fix="Rename or remove one of the two.",
    bad=[
        Example(
            "postgres",
            "CREATE TABLE t (id int PRIMARY KEY, a int CONSTRAINT c CHECK (a > 0), b int CONSTRAINT c CHECK (b > 0));",
        ),
    ],
    good=[
        Example(
            "mysql",
            "CREATE TABLE t (id int PRIMARY KEY, a int, KEY k (a));\n"
            "CREATE TABLE u (id int PRIMARY KEY, a int, KEY k (a));",
        )
    ],
)
def duplicate_name(catalog: Catalog) -> Iterator[Finding]:
    """Yield the second and every later object of a name, among the objects whose names share a space."""
    schema = catalog.schema
    relations = [_Named("relation", str(item.ref), item.origin) for item in (*schema.tables, *schema.views)]
    types = [
        _Named("type", str(item.ref), item.origin) for item in (*schema.enums, *schema.domains, *schema.composite_types)
    ]
    for table in schema.tables:
        columns = [_Named("column", f"{table.ref}.{column.name}", column.origin) for column in table.columns]
        yield from _repeated(catalog, columns)
        indexes = [
            _Named("index", _index_path(catalog, table, index.name), index.origin or table.origin)
            for index in table.indexes
            if index.name
        ]
        if catalog.dialect in {"postgres", "sqlite"}:
            relations += indexes
        else:
            yield from _repeated(catalog, indexes)
        yield from _repeated(
            catalog,
            [
                _Named("constraint", f"{table.ref}.{constraint.name}", constraint.origin or table.origin)
                for constraint in _constraints(table)
                if constraint.name
            ],
        )
    yield from _repeated(catalog, relations)
    yield from _repeated(catalog, types)


@rule(
    "INT-NOTNULL-DEFAULT-NULL",
    title="NOT NULL column with DEFAULT NULL",
    severity="error",
    rationale="The default can never be stored. MySQL refuses the table; the others fail at the first insert that "
    "leaves the column out.",
    fix="Drop the default, give it a value, or let the column be null.",
    bad=[
        Example("mysql", "CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL DEFAULT NULL);"),
        Example("postgres", "CREATE TABLE t (id int PRIMARY KEY, a int DEFAULT NULL NOT NULL);"),
    ],
    good=[
        Example("mysql", "CREATE TABLE t (id int PRIMARY KEY, a int DEFAULT NULL);"),
        Example("postgres", "CREATE TABLE t (id int PRIMARY KEY, a text NOT NULL DEFAULT 'NULL');"),
    ],
)
def default_null(catalog: Catalog) -> Iterator[Finding]:
    """Yield each column that is declared NOT NULL and whose default is NULL."""
    for table in catalog.schema.tables:
        for column in table.columns:
            if not column.nullable and column.default and _is_null(column.default.text):
                yield Finding(
                    f"{table.ref}.{column.name}",
                    f"{table.ref}.{column.name} is NOT NULL, but its default is NULL",
                    column.origin or table.origin,
                )


@rule(
    "INT-IDENT-TOO-LONG",
    title="Name longer than the engine allows",
    severity="warning",
    rationale="PostgreSQL cuts a name after 63 bytes with no more than a notice, and two long names can become one; "
    "MySQL refuses names beyond 64 characters.",
    fix="Choose a shorter name.",
    dialects=LONGEST,
    bad=[
        Example(
            "postgres",
            "CREATE TABLE the_table_that_remembers_every_single_thing_that_ever_happened_in_here (id int PRIMARY KEY);",
        )
    ],
    good=[Example("postgres", "CREATE TABLE happenings (id int PRIMARY KEY);")],
)
def name_too_long(catalog: Catalog) -> Iterator[Finding]:
    """Yield each named object whose name the engine would cut or refuse."""
    dialect = catalog.dialect
    if dialect is None:
        return
    limit = LONGEST[dialect]
    for path, name, origin in _names(catalog):
        if len(name) * 4 > limit and length(name, dialect) > limit:
            unit = "bytes" if dialect == "postgres" else "characters"
            yield Finding(
                path, f"the name {name} takes {length(name, dialect)} {unit}; {dialect} allows {limit}", origin
            )


class _Named(NamedTuple):
    kind: str
    path: str
    origin: Origin | None


def _repeated(catalog: Catalog, objects: list[_Named]) -> Iterator[Finding]:
    first: dict[str, _Named] = {}
    for item in objects:
        earlier = first.setdefault(catalog.fold(item.path), item)
        if earlier is not item:
            where = f" in line {earlier.origin.line}" if earlier.origin else ""
            kinds = item.kind if item.kind == earlier.kind else f"{earlier.kind} and {item.kind}"
            yield Finding(
                item.path, f"{kinds} {item.path} is defined twice; the first is{where or ' before it'}", item.origin
            )


def _index_path(catalog: Catalog, table: Table, name: str) -> str:
    """PostgreSQL and SQLite keep the names of indexes among those of tables, MySQL per table."""
    if catalog.dialect in {"postgres", "sqlite"}:
        return f"{table.namespace}.{name}" if table.namespace else name
    return f"{table.ref}.{name}"


def _constraints(table: Table) -> Iterable[Constraint]:
    if table.primary_key:
        yield table.primary_key
    yield from table.uniques
    yield from table.foreign_keys
    yield from table.checks
    yield from table.exclusions


def _is_null(expression: str) -> bool:
    return expression.strip("() \n").partition("::")[0].strip().upper() == "NULL"


def _names(catalog: Catalog) -> Iterator[tuple[str, str, Origin | None]]:
    schema = catalog.schema
    objects: tuple[Described, ...] = (
        *schema.tables,
        *schema.views,
        *schema.enums,
        *schema.domains,
        *schema.composite_types,
        *schema.sequences,
    )
    for item in objects:
        yield item.name, item.name, item.origin
    for table in schema.tables:
        parts: tuple[Described | Constraint, ...] = (*table.columns, *table.indexes, *_constraints(table))
        for part in parts:
            if part.name:
                path = f"{table.ref}.{part.name}" if isinstance(part, Column) else part.name
                yield path, part.name, part.origin or table.origin
