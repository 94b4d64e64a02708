"""Foreign keys that an engine refuses, ignores, or that bind columns which do not fit together."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from renga_schema.catalog import Catalog
from renga_schema.lint.rule import Example, Finding, rule
from renga_schema.model import Column, ForeignKey, Table
from renga_schema.types import affinity, category

_NUMBERS: Final = {"integer", "decimal", "float"}
_IGNORING_ENGINES: Final = {"myisam", "aria", "memory", "csv", "archive"}


@rule(
    "INT-FK-TARGET-MISSING",
    title="Foreign key to a table or column that does not exist",
    severity="error",
    rationale="The engine refuses the constraint, or, with checks switched off, every later insert fails.",
    fix="Correct the name, or add the table or column that it means.",
    bad=[
        Example("postgres", "CREATE TABLE orders (id int PRIMARY KEY, customer_id int REFERENCES customers (id));"),
        Example(
            "mysql",
            "CREATE TABLE a (id int PRIMARY KEY);\n"
            "CREATE TABLE b (id int PRIMARY KEY, a_id int, FOREIGN KEY (a_id) REFERENCES a (key_id));",
        ),
    ],
    good=[
        Example(
            "postgres",
            "CREATE TABLE customers (id int PRIMARY KEY);\n"
            "CREATE TABLE orders (id int PRIMARY KEY, customer_id int REFERENCES customers (id));",
        )
    ],
)
def target_missing(catalog: Catalog) -> Iterator[Finding]:
    """Yield each foreign key that names a table or a column the schema does not have."""
    for table, key in _foreign_keys(catalog):
        for name in key.columns:
            if not catalog.column(table, name):
                yield Finding(
                    f"{table.ref}.{name}",
                    f"foreign key {_label(key)}of {table.ref} uses the column {name}, which {table.ref} does not have",
                    key.origin or table.origin,
                )
        target = catalog.table(key.target)
        if target is None:
            if not catalog.is_unread(key.target):
                yield Finding(
                    _path(table, key),
                    f"foreign key {_label(key)}of {table.ref} refers to {key.target}, which is not in the schema",
                    key.origin or table.origin,
                )
            continue
        for name in key.referred_columns:
            if not catalog.column(target, name):
                yield Finding(
                    _path(table, key),
                    f"foreign key {_label(key)}of {table.ref} refers to {target.ref}.{name}, which does not exist",
                    key.origin or table.origin,
                )


@rule(
    "INT-FK-TARGET-NOT-UNIQUE",
    title="Foreign key to columns that are not a key",
    severity="error",
    rationale="A reference must find at most one row. PostgreSQL refuses the constraint; SQLite accepts it and then "
    "fails every insert with `foreign key mismatch`.",
    fix="Make the referred columns the primary key or give them a unique constraint, or refer to the key that exists.",
    # MySQL before 8.4 and MariaDB accept any indexed target, and old dumps rely on it.
    dialects={"postgres", "sqlite", "mssql"},
    bad=[
        Example(
            "postgres",
            "CREATE TABLE customers (id int PRIMARY KEY, code text);\n"
            "CREATE TABLE orders (id int PRIMARY KEY, code text REFERENCES customers (code));",
        ),
        Example(
            "sqlite",
            "CREATE TABLE a (x INTEGER NOT NULL);\nCREATE TABLE b (id INTEGER PRIMARY KEY, x INTEGER REFERENCES a);",
        ),
    ],
    good=[
        Example(
            "postgres",
            "CREATE TABLE customers (id int PRIMARY KEY, code text UNIQUE);\n"
            "CREATE TABLE orders (id int PRIMARY KEY, code text REFERENCES customers (code));",
        )
    ],
)
def target_not_unique(catalog: Catalog) -> Iterator[Finding]:
    """Yield each foreign key whose target columns are neither a key nor covered by a unique index."""
    for table, key in _foreign_keys(catalog):
        target = catalog.table(key.target)
        if target is None or key.ignored:
            continue
        referred = catalog.referred_columns(key)
        if referred and not all(catalog.column(target, name) for name in referred):
            continue  # INT-FK-TARGET-MISSING says so
        if not referred:
            reason = f"{target.ref}, which has no primary key"
        elif frozenset(catalog.fold_all(referred)) not in catalog.unique_keys(target):
            reason = f"{target.ref} ({', '.join(referred)}), which is not unique"
        else:
            continue
        yield Finding(
            _path(table, key),
            f"foreign key {_label(key)}of {table.ref} refers to {reason}",
            key.origin or table.origin,
        )


@rule(
    "INT-FK-TARGET-NOT-INDEXED",
    title="Foreign key to columns without an index",
    severity="error",
    rationale="InnoDB looks up each reference in an index of the target that begins with the referred columns, and "
    "refuses the constraint (errno 150) where there is none.",
    fix="Refer to the whole key, in which the columns come first, or give them an index of their own.",
    dialects={"mysql"},
    bad=[
        Example(
            "mysql",
            "CREATE TABLE a (x int, y int, PRIMARY KEY (x, y));\n"
            "CREATE TABLE b (id int PRIMARY KEY, y int, FOREIGN KEY (y) REFERENCES a (y));",
        )
    ],
    good=[
        Example(
            "mysql",
            "CREATE TABLE a (x int, y int, PRIMARY KEY (x, y), KEY (y));\n"
            "CREATE TABLE b (id int PRIMARY KEY, y int, x int, FOREIGN KEY (y) REFERENCES a (y), "
            "FOREIGN KEY (x) REFERENCES a (x));",
        )
    ],
)
def target_not_indexed(catalog: Catalog) -> Iterator[Finding]:
    """Yield each foreign key whose target columns do not begin an index."""
    for table, key in _foreign_keys(catalog):
        target = catalog.table(key.target)
        if target is None or key.ignored or (table.engine or "").lower() in _IGNORING_ENGINES:
            continue
        referred = frozenset(catalog.fold_all(catalog.referred_columns(key)))
        if not all(name in catalog.columns(target) for name in referred):
            continue  # INT-FK-TARGET-MISSING says so
        available = [each.columns for each in catalog.keys(target)]
        available += [tuple(part.column or "" for part in index.parts) for index in target.indexes]
        if not any(frozenset(catalog.fold_all(columns[: len(referred)])) == referred for columns in available):
            yield Finding(
                _path(table, key),
                f"foreign key {_label(key)}of {table.ref} refers to {target.ref} ({', '.join(sorted(referred))}), "
                "with which no index begins",
                key.origin or table.origin,
            )


@rule(
    "INT-FK-TYPE-MISMATCH",
    title="Foreign key between types that cannot be compared",
    severity="error",
    rationale="The engine refuses the constraint: PostgreSQL finds no equality operator, InnoDB wants the same integer "
    "size and sign (errno 150).",
    fix="Give the column the type of the column that it refers to.",
    dialects={"postgres", "mysql", "mssql"},
    bad=[
        Example(
            "postgres",
            "CREATE TABLE customers (id uuid PRIMARY KEY);\n"
            "CREATE TABLE orders (id int PRIMARY KEY, customer_id int REFERENCES customers (id));",
        ),
        Example(
            "mysql",
            "CREATE TABLE a (id int unsigned PRIMARY KEY);\n"
            "CREATE TABLE b (id int PRIMARY KEY, a_id int, FOREIGN KEY (a_id) REFERENCES a (id));",
        ),
    ],
    good=[
        Example(
            "postgres",
            "CREATE TABLE customers (id uuid PRIMARY KEY);\n"
            "CREATE TABLE orders (id int PRIMARY KEY, customer_id uuid REFERENCES customers (id));",
        )
    ],
)
def type_mismatch(catalog: Catalog) -> Iterator[Finding]:
    """Yield each pair of columns that no engine of the dialect would let refer to one another."""
    for pair in _pairs(catalog):
        if not _comparable(pair.own, pair.referred, catalog):
            yield _mismatch(pair, "the engine refuses that")


@rule(
    "INT-FK-TYPE-DIFFERS",
    title="Foreign key between types that differ",
    severity="warning",
    rationale="The engine accepts it, but the narrower side runs out first, and each comparison converts a value.",
    fix="Give both columns the same type.",
    dialects={"postgres", "sqlite"},
    bad=[
        Example(
            "postgres",
            "CREATE TABLE customers (id bigint PRIMARY KEY);\n"
            "CREATE TABLE orders (id int PRIMARY KEY, customer_id int REFERENCES customers (id));",
        ),
        Example(
            "sqlite",
            "CREATE TABLE a (id INTEGER PRIMARY KEY);\n"
            "CREATE TABLE b (id INTEGER PRIMARY KEY, a_id TEXT REFERENCES a (id));",
        ),
    ],
    good=[
        Example(
            "postgres",
            "CREATE TABLE customers (id bigint PRIMARY KEY, name varchar(40) UNIQUE);\n"
            "CREATE TABLE orders (id int PRIMARY KEY, customer_id bigint REFERENCES customers (id), "
            "name text REFERENCES customers (name));",
        ),
        Example(
            "sqlite",
            "CREATE TABLE a (id INTEGER PRIMARY KEY);\n"
            "CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INT REFERENCES a (id));",
        ),
    ],
)
def type_differs(catalog: Catalog) -> Iterator[Finding]:
    """Yield each pair of columns that can refer to one another but hold different ranges of values."""
    for pair in _pairs(catalog):
        own, referred = pair.own, pair.referred
        if catalog.dialect == "sqlite":
            differs = _holds_text(own) != _holds_text(referred)
        else:
            differs = own.type.name != referred.type.name and category(own.type) in _NUMBERS
        if differs and _comparable(own, referred, catalog):
            yield _mismatch(pair, "the two hold different values")


@rule(
    "INT-FK-INLINE-IGNORED",
    title="Inline REFERENCES that MySQL ignores",
    severity="warning",
    rationale="Before version 9.0 MySQL parses `column type REFERENCES table (column)` and drops it without a word: "
    "the constraint that the author wanted does not exist.",
    fix="Write it as a table constraint: FOREIGN KEY (column) REFERENCES table (column).",
    dialects={"mysql"},
    bad=[
        Example(
            "mysql",
            "CREATE TABLE a (id int PRIMARY KEY);\nCREATE TABLE b (id int PRIMARY KEY, a_id int REFERENCES a (id));",
        )
    ],
    good=[
        Example(
            "mysql",
            "CREATE TABLE a (id int PRIMARY KEY);\n"
            "CREATE TABLE b (id int PRIMARY KEY, a_id int, FOREIGN KEY (a_id) REFERENCES a (id));",
        )
    ],
)
def inline_ignored(catalog: Catalog) -> Iterator[Finding]:
    """Yield each foreign key that the reader marked as ignored by its engine."""
    for table, key in _foreign_keys(catalog):
        if key.ignored:
            yield Finding(
                _path(table, key),
                f"the inline reference of {_path(table, key)} to {key.target} has no effect",
                key.origin or table.origin,
            )


class _Pair(NamedTuple):
    table: Table
    key: ForeignKey
    own: Column
    referred: Column
    target: Table


def _foreign_keys(catalog: Catalog) -> Iterator[tuple[Table, ForeignKey]]:
    return ((table, key) for table in catalog.schema.tables for key in table.foreign_keys)


def _pairs(catalog: Catalog) -> Iterator[_Pair]:
    """Each referring column beside the column that it refers to, where both exist and the engine looks at them."""
    for table, key in _foreign_keys(catalog):
        target = catalog.table(key.target)
        if target is None or key.ignored or (table.engine or "").lower() in _IGNORING_ENGINES:
            continue
        for name, referred_name in zip(key.columns, catalog.referred_columns(key), strict=False):
            own, referred = catalog.column(table, name), catalog.column(target, referred_name)
            if own and referred:
                yield _Pair(table, key, own, referred, target)


def _holds_text(column: Column) -> bool:
    """Whether SQLite turns what the column is given into text, so that 1 no longer equals '1'."""
    return affinity(column.type.written or column.type.name) == "text"


def _comparable(own: Column, referred: Column, catalog: Catalog) -> bool:
    if catalog.dialect == "sqlite":
        return True
    if own.type.dimensions != referred.type.dimensions:
        return False
    mine, theirs = category(own.type), category(referred.type)
    if "user" in {mine, theirs}:
        return mine == theirs or catalog.dialect != "postgres" or not _is_enum_against_builtin(own, referred, catalog)
    if catalog.dialect == "mysql" and mine == theirs == "integer":
        return (own.type.name, own.type.unsigned) == (referred.type.name, referred.type.unsigned)
    return mine == theirs or {mine, theirs} <= _NUMBERS


def _is_enum_against_builtin(own: Column, referred: Column, catalog: Catalog) -> bool:
    """An enum compares only with itself, a domain as its base type; other user types get the benefit of the doubt."""
    user = own.type if category(own.type) == "user" else referred.type
    return any(enum.name == user.name for enum in catalog.schema.enums)


def _mismatch(pair: _Pair, consequence: str) -> Finding:
    table, key, own, referred, target = pair
    return Finding(
        f"{table.ref}.{own.name}",
        f"{table.ref}.{own.name} is {own.type} but refers to {target.ref}.{referred.name}, which is {referred.type}; "
        f"{consequence}",
        own.origin or key.origin or table.origin,
        help=f"Make {own.name} {referred.type}.",
    )


def _path(table: Table, key: ForeignKey) -> str:
    return f"{table.ref}.{key.columns[0] if len(key.columns) == 1 else key.name or ','.join(key.columns)}"


def _label(key: ForeignKey) -> str:
    return f"{key.name} " if key.name else ""
