"""Lowering: what a target holds is kept, and what it does not hold is in the ledger."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from corpus import read_once
from renga_schema import Schema, read
from renga_schema.model import Column, Dialect, Enum, Table
from renga_schema.types import category
from renga_schema.writers import write
from renga_schema.writers.lowering import Lowered, lower

Case = Callable[[Dialect], Schema]
Essence = Callable[[Schema], dict[str, Any]]

PAIRS: list[tuple[Dialect, Dialect]] = [
    ("postgres", "mysql"),
    ("postgres", "sqlite"),
    ("mysql", "postgres"),
    ("mysql", "sqlite"),
    ("sqlite", "postgres"),
    ("sqlite", "mysql"),
]


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_what_was_lowered_is_what_is_written(source: Dialect, target: Dialect, case: Case, essence: Essence) -> None:
    """The script of another dialect reads back as the lowered schema, without a complaint."""
    schema = case(source)
    again = read(write(schema, target).text, dialect=target)
    assert not again.diagnostics
    expected, found = essence(lower(schema, target).schema), essence(again.schema)
    for kind, items in expected.items():
        assert _bare(found[kind]) == _bare(items), kind


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_nothing_is_lost_in_silence(source: Dialect, target: Dialect, case: Case) -> None:
    """Every object and every feature of the source is in the lowered schema or in the ledger."""
    schema = case(source)
    assert list(_unaccounted(schema, lower(schema, target))) == []


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "sqlite"])
def test_a_dialect_holds_its_own(dialect: Dialect, case: Case) -> None:
    """A schema of the target's own dialect is not touched."""
    schema = case(dialect)
    assert lower(schema, dialect) == Lowered(schema, ())


def test_every_loss_says_what_and_what_instead(case: Case) -> None:
    """An entry of the ledger names its object, the feature, and what was done instead."""
    for loss in lower(case("postgres"), "sqlite").losses:
        assert loss.object
        assert loss.feature
        assert loss.instead


def test_real_schemas_lose_nothing_in_silence(shared_material: Path) -> None:
    """The account of every real PostgreSQL and MySQL dump is complete in every other dialect."""
    folders: dict[str, Dialect] = {"apps/postgres": "postgres", "apps/mysql": "mysql", "large": "postgres"}
    for folder, dialect in folders.items():
        for path in sorted((shared_material / "corpus" / folder).glob("*.sql")):
            schema = read_once(path, dialect).schema
            for target in ("postgres", "mysql", "sqlite"):
                assert list(_unaccounted(schema, lower(schema, target))) == [], (path.name, target)


def _bare(value: Any) -> Any:
    """Without what the ledger's owner cannot know: expressions, whose spelling the translation changes."""
    if isinstance(value, dict):
        skipped = {"default", "expression", "predicate", "query", "definition", "comment"}
        return {name: _bare(item) for name, item in value.items() if name not in skipped}
    return [_bare(item) for item in value] if isinstance(value, list) else value


def _unaccounted(schema: Schema, lowered: Lowered) -> Iterator[str]:
    """The paths of what is neither in the lowered schema nor named in the ledger."""
    named = {loss.object for loss in lowered.losses}
    tables = {table.origin: table for table in lowered.schema.tables}
    for table in schema.tables:
        path = str(table.ref)
        kept = tables.get(table.origin)
        if kept is None:
            yield from [path] * (path not in named)
            continue
        yield from _unaccounted_in_table(table, kept, named, schema, lowered.schema.enums)
        if _properties(table) != _properties(kept):
            yield from [f"{path} (properties)"] * (path not in named)
    for kind in ("views", "enums", "domains", "composite_types", "sequences", "routines", "others"):
        present = {item.name for item in getattr(lowered.schema, kind)}
        for item in getattr(schema, kind):
            if item.name not in present and not any(name.split("(")[0] == str(item.ref) for name in named):
                yield f"{kind}: {item.ref}"
    for kind in ("triggers", "policies"):
        for item in getattr(schema, kind):
            if item not in getattr(lowered.schema, kind) and f"{item.table}.{item.name}" not in named:
                yield f"{kind}: {item.name}"


def _properties(table: Table) -> tuple[object, ...]:
    # Where MySQL's counting column starts is the column's own matter elsewhere.
    options = {name: value for name, value in table.options.items() if name != "auto_increment"}
    return (
        table.comment,
        table.persistence,
        table.row_security,
        table.partitioning,
        table.inherits,
        table.engine,
        options,
    )


def _unaccounted_in_table(
    table: Table, kept: Table, named: set[str], schema: Schema, enums_of: tuple[Enum, ...]
) -> Iterator[str]:
    path = str(table.ref)
    enums = {enum.name for enum in enums_of}
    types = {item.name: str(item.ref) for item in (*schema.enums, *schema.domains, *schema.composite_types)}
    for column in table.columns:
        now = kept.column(column.name)
        about = {f"{path}.{column.name}", types.get(column.type.name, "")}
        if (now is None or _says(now, enums) != _says(column, enums)) and not about & named:
            yield f"{path}.{column.name}"
    parts = (
        (table.uniques, kept.uniques),
        (table.foreign_keys, kept.foreign_keys),
        (table.checks, kept.checks),
        (table.indexes, kept.indexes),
        (table.exclusions, kept.exclusions),
    )
    for before, after in parts:
        places = {item.origin: item for item in after}
        for item in before:
            label = item.name or ",".join(getattr(item, "columns", ())) or ("check" if before is table.checks else "")
            now_part = places.get(item.origin)
            if (now_part is None or _gist(item) != _gist(now_part)) and f"{path}.{label}" not in named:
                yield f"{path}.{label}"


def _gist(item: Any) -> tuple[object, ...]:
    """What a constraint or index promises, apart from how it spells it."""
    fields = (
        "name",
        "columns",
        "on_delete",
        "on_update",
        "deferrable",
        "unique",
        "include",
        "nulls_not_distinct",
        "comment",
    )
    predicate = getattr(item, "predicate", None)
    parts = [(part.column, part.order, part.length) for part in getattr(item, "parts", ())]
    return (*(getattr(item, field, None) for field in fields), predicate is None, parts)


def _says(column: Column, enums: set[str]) -> tuple[object, ...]:
    """What a column means, apart from how it spells it; a computed or counting column has no default."""
    kind = "enum" if column.type.name in enums else category(column.type)
    return (
        {"bit": "binary"}.get(kind, kind),
        column.type.dimensions,
        column.nullable,
        column.default is None or column.identity is not None,
        column.identity is None,
        column.generated is None,
        column.comment,
        column.collation,
        column.charset,
        column.on_update is None,
    )
