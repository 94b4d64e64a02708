"""What schemas declare, for the model `links` to learn from: a design without its foreign keys, and those apart."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, get_args

from renga_infer.links import Link
from renga_infer.links.training.corpus import Example
from renga_infer.schemas import design_of
from renga_schema import Dialect, Schema, Unreadable, model, read

_ENDINGS: Final = (".sql", ".ddl", ".prisma", ".dbml", ".yaml", ".yml", ".xml")
_PLAIN: Final = frozenset((*get_args(Dialect), "schema", "structure", "create", "mariadb", "pg", "init", "dump"))
"""File names that do not say what the schema is of: the folder does."""


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


def _qualified(table: model.Table) -> str:
    return f"{table.namespace}.{table.name}" if table.namespace else table.name


def _both_there(tables: dict[str, model.Table], link: Link) -> bool:
    return tables[link.table].column(link.column) is not None and tables[link.target].column(link.key) is not None
