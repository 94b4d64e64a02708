"""Indexes that are missing and indexes that do nothing another does not do."""

from collections.abc import Iterator
from typing import NamedTuple

from renga_schema.catalog import Catalog
from renga_schema.lint.rule import Example, Finding, rule
from renga_schema.model import Expression, IndexPart, Origin, Table

_Part = tuple[str, ...]


class _Access(NamedTuple):
    """An index as the engine has it, whether an index or a key brought it along."""

    label: str
    parts: tuple[_Part, ...]
    method: str
    unique: bool
    predicate: str | None
    include: frozenset[str]
    constraint: bool
    origin: Origin | None


@rule(
    "IDX-FK-NONE",
    title="Foreign key without an index",
    severity="warning",
    rationale="To delete or re-key a row of the target the engine looks for the rows that refer to it, and without an "
    "index it reads the whole table each time. Joins along the reference do too.",
    fix="Add an index that begins with the columns of the foreign key.",
    # InnoDB makes the index itself.
    dialects={"postgres", "sqlite", "mssql"},
    bad=[
        Example(
            "postgres",
            "CREATE TABLE a (id int PRIMARY KEY);\nCREATE TABLE b (id int PRIMARY KEY, a_id int REFERENCES a (id));",
        ),
        Example(
            "postgres",
            "CREATE TABLE a (id int PRIMARY KEY);\n"
            "CREATE TABLE b (id int, a_id int REFERENCES a (id), PRIMARY KEY (id, a_id));",
        ),
    ],
    good=[
        Example(
            "postgres",
            "CREATE TABLE a (id int PRIMARY KEY);\n"
            "CREATE TABLE b (id int PRIMARY KEY, a_id int REFERENCES a (id));\nCREATE INDEX ON b (a_id);",
        ),
        Example(
            "sqlite",
            "CREATE TABLE a (id INTEGER PRIMARY KEY);\n"
            "CREATE TABLE b (a_id INT REFERENCES a (id), n INT, PRIMARY KEY (a_id, n));",
        ),
    ],
)
def foreign_key_without_index(catalog: Catalog) -> Iterator[Finding]:
    """Yield each foreign key whose columns, in any order, do not begin an index that covers every row with a value."""
    for table in catalog.schema.tables:
        if not table.foreign_keys:
            continue
        available = [access for each in (table, *catalog.parents(table)) for access in _accesses(catalog, each)]
        for key in table.foreign_keys:
            columns = frozenset(catalog.fold_all(key.columns))
            if not any(_serves(access, columns) for access in available):
                names = ", ".join(key.columns)
                yield Finding(
                    f"{table.ref}.{names if len(key.columns) == 1 else key.name or names}",
                    f"no index of {table.ref} begins with ({names}), which refers to {key.target}",
                    key.origin or table.origin,
                    help=f"Add an index on {table.ref} ({names}).",
                )


@rule(
    "IDX-DUPLICATE",
    title="Two indexes that are the same",
    severity="warning",
    rationale="Each costs space and a write per changed row; queries use one of them.",
    fix="Drop one of the two.",
    bad=[
        Example(
            "postgres",
            "CREATE TABLE t (id int PRIMARY KEY, a int);\nCREATE INDEX i ON t (a);\nCREATE INDEX j ON t (a);",
        ),
        Example("mysql", "CREATE TABLE t (id int NOT NULL, PRIMARY KEY (id), UNIQUE KEY u (id));"),
    ],
    good=[
        Example(
            "postgres",
            "CREATE TABLE t (id int PRIMARY KEY, a int);\n"
            "CREATE INDEX i ON t (a);\nCREATE INDEX j ON t (a) WHERE a > 10;\nCREATE INDEX k ON t (a DESC NULLS LAST);",
        )
    ],
)
def duplicate_index(catalog: Catalog) -> Iterator[Finding]:
    """Yield each index that an earlier one, or a key, makes superfluous: the same parts, and unique if it is."""
    for table in catalog.schema.tables:
        accesses = _accesses(catalog, table)
        for position, access in enumerate(accesses):
            # A constraint is a promise and stays; of two plain indexes the later one goes.
            twin = next(
                (
                    other
                    for index, other in enumerate(accesses)
                    if index != position
                    and _equivalent(access, other)
                    and (other.unique or not access.unique)
                    and (index < position or (other.unique and not access.unique))
                ),
                None,
            )
            if twin:
                yield Finding(
                    f"{table.ref}.{access.label}",
                    f"{access.label} of {table.ref} indexes the same as {twin.label}",
                    access.origin or table.origin,
                )


@rule(
    "IDX-REDUNDANT-PREFIX",
    title="Index that is the beginning of another",
    severity="warning",
    rationale="The longer index answers every query that the shorter one does, and the shorter costs a write per row.",
    fix="Drop the shorter index, unless the longer one is so much wider that measurements speak for both.",
    bad=[
        Example(
            "postgres",
            "CREATE TABLE t (id int PRIMARY KEY, a int, b int);\nCREATE INDEX i ON t (a);\nCREATE INDEX j ON t (a, b);",
        )
    ],
    good=[
        Example(
            "postgres",
            "CREATE TABLE t (id int PRIMARY KEY, a int, b int);\n"
            "CREATE UNIQUE INDEX i ON t (a);\nCREATE INDEX j ON t (a, b);",
        ),
        Example(
            "postgres",
            "CREATE TABLE t (id int PRIMARY KEY, a int, b int);\n"
            "CREATE INDEX i ON t (b);\nCREATE INDEX j ON t (a, b);\nCREATE INDEX k ON t (a) WHERE b > 0;",
        ),
    ],
)
def redundant_prefix(catalog: Catalog) -> Iterator[Finding]:
    """Yield each index that is not unique and whose parts begin a longer one of the same method and predicate."""
    for table in catalog.schema.tables:
        accesses = _accesses(catalog, table)
        for access in accesses:
            # A unique prefix is a promise of its own; only a B-tree can be entered from its beginning.
            if access.unique or access.method != "btree":
                continue
            longer = next(
                (
                    other
                    for other in accesses
                    if other.method == access.method
                    and other.predicate == access.predicate
                    and len(other.parts) > len(access.parts)
                    and other.parts[: len(access.parts)] == access.parts
                    and access.include <= other.include | {part[0] for part in other.parts}
                ),
                None,
            )
            if longer:
                yield Finding(
                    f"{table.ref}.{access.label}",
                    f"{access.label} of {table.ref} is the beginning of {longer.label}",
                    access.origin or table.origin,
                )


def _accesses(catalog: Catalog, table: Table) -> list[_Access]:
    """Every index of the table, keys first."""
    keys = [
        _Access(
            label=key.name
            or f"the {'primary key' if key is table.primary_key else 'unique constraint'} ({', '.join(key.columns)})",
            parts=tuple(_plain(catalog.fold(name), key.prefix_lengths.get(name)) for name in key.columns),
            method="btree",
            unique=True,
            predicate=None,
            include=frozenset(catalog.fold_all(key.include)),
            constraint=True,
            origin=key.origin,
        )
        for key in (*([table.primary_key] if table.primary_key else []), *table.uniques)
    ]
    return keys + [
        _Access(
            label=index.name or f"the index on ({', '.join(part.column or 'an expression' for part in index.parts)})",
            parts=tuple(_part(catalog, part) for part in index.parts),
            method=index.method or "btree",
            unique=index.unique,
            predicate=_text(index.predicate) if index.predicate else None,
            include=frozenset(catalog.fold_all(index.include)),
            constraint=False,
            origin=index.origin,
        )
        for index in table.indexes
        if index.visible
    ]


def _plain(column: str, length: int | None) -> _Part:
    return (column,) if length is None else (column, str(length))


def _part(catalog: Catalog, part: IndexPart) -> _Part:
    """What tells one index key from another; a plain column is its name alone."""
    if part.column is None:
        what = _text(part.expression) if part.expression else ""
        head: _Part = ("", what)
    else:
        head = _plain(catalog.fold(part.column), part.length)
    default_nulls = "first" if (part.order == "desc") == (catalog.dialect == "postgres") else "last"
    rest = (part.order, part.nulls or default_nulls, part.operator_class or "", part.collation or "")
    return head if rest == ("asc", "last" if catalog.dialect == "postgres" else "first", "", "") else head + rest


def _text(expression: Expression) -> str:
    return expression.canonical or expression.text


def _equivalent(one: _Access, other: _Access) -> bool:
    return (one.parts, one.method, one.predicate, one.include) == (
        other.parts,
        other.method,
        other.predicate,
        other.include,
    )


def _serves(access: _Access, columns: frozenset[str]) -> bool:
    """Whether the index finds the rows by these columns; a predicate that leaves out NULL leaves out none of them."""
    if access.method == "hash" and len(access.parts) > 1:
        return False
    if access.method not in {"btree", "hash", "clustered", "nonclustered"}:
        return False
    if access.predicate and not access.predicate.strip("() ").upper().endswith(("IS NOT NULL", "IS NULL")):
        return False
    return {part[0] for part in access.parts[: len(columns)]} == columns
