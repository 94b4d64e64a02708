"""Schemas as the model `links` sees them: the only place that knows both the schema toolkit and the models.

The design holds nothing that a foreign key leaves behind; what is declared is kept apart.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, get_args

from renga_infer.links import Column, Design, Link, Table
from renga_infer.links.training.corpus import Example
from renga_schema import Dialect, Schema, Unreadable, model, read

_ENDINGS: Final = (".sql", ".ddl", ".prisma", ".dbml", ".yaml", ".yml", ".xml")
_PLAIN: Final = frozenset((*get_args(Dialect), "schema", "structure", "create", "mariadb", "pg", "init", "dump"))
"""File names that do not say what the schema is of: the folder does."""


def design_of(schema: Schema) -> Design:
    """The tables of a schema with their columns and keys; partitions are left to their table."""
    bases = {domain.name: domain.type for domain in schema.domains}
    return Design(tuple(_table(table, bases) for table in schema.tables if table.partition_of is None))


def links_of(schema: Schema) -> tuple[tuple[Link, ...], tuple[tuple[Link, ...], ...]]:
    """The declared foreign keys: those of one column, and those of several."""
    tables = {_qualified(table): table for table in schema.tables if table.partition_of is None}
    by_name = {table.name.lower(): name for name, table in tables.items()}
    single: set[Link] = set()
    composite: list[tuple[Link, ...]] = []
    for name, table in tables.items():
        for key in table.foreign_keys:
            written = str(key.target)
            target = written if written in tables else by_name.get(key.target.name.lower())
            if target is None:
                continue
            primary = tables[target].primary_key
            referred = key.referred_columns or (primary.columns if primary else ())
            links = tuple(
                Link(name, column, target, other) for column, other in zip(key.columns, referred, strict=False)
            )
            if len(referred) != len(key.columns) or not all(_both_there(tables, link) for link in links):
                continue
            if len(links) == 1:
                single.add(links[0])
            else:
                composite.append(links)
    return tuple(sorted(single)), tuple(sorted(composite))


def examples(folder: Path) -> Iterator[Example | str]:
    """Every schema below a folder, in the order of its path; instead of one that cannot be read, a sentence why.

    A schema is called by its file, or by its folder where the file is called `postgres.sql` or `schema.sql`.
    """
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in _ENDINGS and path.is_file()):
        try:
            schema = read(path.read_bytes(), file=path.name).schema
        except Unreadable as error:
            yield f"{path.relative_to(folder)}: {error}"
            continue
        if schema.tables:
            name = path.parent.name if path.stem.lower() in _PLAIN else path.stem
            yield Example(name, design_of(schema), *links_of(schema))


def _table(table: model.Table, bases: dict[str, model.DataType]) -> Table:
    indexes = [
        tuple(part.column for part in index.parts if part.column)
        for index in table.indexes
        if index.unique and index.predicate is None and all(part.column for part in index.parts)
    ]
    return Table(
        table.name,
        tuple(_column(column, bases) for column in table.columns),
        table.primary_key.columns if table.primary_key else (),
        (*(unique.columns for unique in table.uniques), *indexes),
        table.namespace or "",
        table.comment or "",
    )


def _column(column: model.Column, bases: dict[str, model.DataType]) -> Column:
    type_ = bases.get(column.type.name, column.type)
    numbers = [argument for argument in type_.arguments if isinstance(argument, int)]
    return Column(
        column.name,
        type_.name,
        length=numbers[0] if numbers else None,
        scale=numbers[1] if len(numbers) > 1 else 0,
        unsigned=type_.unsigned,
        nullable=column.nullable,
        counted=column.identity is not None,
        array=column.type.dimensions > 0,
        comment=column.comment or "",
    )


def _qualified(table: model.Table) -> str:
    return f"{table.namespace}.{table.name}" if table.namespace else table.name


def _both_there(tables: dict[str, model.Table], link: Link) -> bool:
    return tables[link.table].column(link.column) is not None and tables[link.target].column(link.key) is not None
