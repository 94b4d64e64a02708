"""Keys and the shape of tables."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from renga_schema.catalog import Catalog
from renga_schema.lint.rule import Example, Finding, rule
from renga_schema.model import Column

_NUMBERED: Final = re.compile(r"(?P<stem>.*?[a-z])_?(?P<number>[1-9]\d?)", re.IGNORECASE)
_FEWEST_IN_A_ROW: Final = 3


@rule(
    "DSN-NO-PK",
    title="Table without a primary key",
    severity="warning",
    rationale="A row that cannot be named cannot be corrected or deleted alone; logical replication, most ORMs and "
    "every tool for online schema changes need a key.",
    fix="Add a primary key.",
    bad=[
        Example("postgres", "CREATE TABLE log (at timestamptz, line text);"),
        Example("mysql", "CREATE TABLE log (at datetime, line text);"),
    ],
    good=[
        Example("postgres", "CREATE TABLE log (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, line text);"),
        Example(
            "postgres",
            "CREATE TABLE log (id bigint, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);\n"
            "CREATE TABLE log_2026 PARTITION OF log FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');",
        ),
        Example("sqlite", "CREATE VIRTUAL TABLE page USING fts5(title, body);"),
    ],
)
def no_primary_key(catalog: Catalog) -> Iterator[Finding]:
    """Yield each table of its own without a primary key: no partition, no temporary and no virtual table."""
    for table in catalog.schema.tables:
        if table.primary_key or table.partition_of or table.module or table.persistence == "temporary":
            continue
        candidate = next(
            (unique for unique in table.uniques if _never_null(catalog.columns(table), unique.columns)), None
        )
        yield Finding(
            str(table.ref),
            f"table {table.ref} has no primary key",
            table.origin,
            help=f"Make its unique key ({', '.join(candidate.columns)}) the primary key." if candidate else None,
        )


@rule(
    "DSN-INCREMENTING-COLS",
    title="Columns that count up",
    severity="warning",
    rationale="phone1, phone2, phone3 set a limit to how many there can be, and each query has to look in all of them.",
    fix="Move them to a table of their own, one row each.",
    bad=[Example("postgres", "CREATE TABLE person (id int PRIMARY KEY, phone1 text, phone2 text, phone3 text);")],
    good=[
        Example("postgres", "CREATE TABLE person (id int PRIMARY KEY, address1 text, address2 text);"),
        Example("postgres", "CREATE TABLE digest (id int PRIMARY KEY, sha1 text, sha256 text, crc32 int);"),
    ],
)
def incrementing_columns(catalog: Catalog) -> Iterator[Finding]:
    """Yield each run of at least three columns of one stem and one type, numbered without a gap from 1."""
    for table in catalog.schema.tables:
        runs: dict[tuple[str, str], dict[int, Column]] = defaultdict(dict)
        for column in table.columns:
            if match := _NUMBERED.fullmatch(column.name):
                runs[match["stem"], str(column.type)].setdefault(int(match["number"]), column)
        for run in runs.values():
            count = next(number for number in range(1, len(run) + 2) if number not in run) - 1
            if count >= _FEWEST_IN_A_ROW:
                yield Finding(
                    f"{table.ref}.{run[1].name}",
                    f"table {table.ref} repeats one column {count} times, {run[1].name} to {run[count].name}",
                    run[1].origin or table.origin,
                )


def _never_null(columns: dict[str, Column], names: tuple[str, ...]) -> bool:
    return all(name in columns and not columns[name].nullable for name in names)
