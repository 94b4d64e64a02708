"""A schema as the model `links` sees it.

Nothing here imports the schema toolkit: a schema is whatever has these fields, as `renga_schema.Schema` does.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from renga_infer.links.design import Column, Design, Table


class _Named(Protocol):
    @property
    def name(self) -> str: ...


class _OfColumns(Protocol):
    @property
    def columns(self) -> Sequence[str]: ...


class _Type(_Named, Protocol):
    @property
    def arguments(self) -> Sequence[int | str]: ...
    @property
    def dimensions(self) -> int: ...
    @property
    def unsigned(self) -> bool: ...


class _Column(_Named, Protocol):
    @property
    def type(self) -> _Type: ...
    @property
    def nullable(self) -> bool: ...
    @property
    def identity(self) -> object | None: ...
    @property
    def comment(self) -> str | None: ...


class _Part(Protocol):
    @property
    def column(self) -> str | None: ...


class _Index(Protocol):
    @property
    def unique(self) -> bool: ...
    @property
    def predicate(self) -> object | None: ...
    @property
    def parts(self) -> Sequence[_Part]: ...


class _Table(_Named, Protocol):
    @property
    def namespace(self) -> str | None: ...
    @property
    def columns(self) -> Sequence[_Column]: ...
    @property
    def primary_key(self) -> _OfColumns | None: ...
    @property
    def uniques(self) -> Sequence[_OfColumns]: ...
    @property
    def foreign_keys(self) -> Sequence[_OfColumns]: ...
    @property
    def indexes(self) -> Sequence[_Index]: ...
    @property
    def partition_of(self) -> object | None: ...
    @property
    def comment(self) -> str | None: ...


class _Domain(_Named, Protocol):
    @property
    def type(self) -> _Type: ...


class SchemaLike(Protocol):
    """Tables and domains; `renga_schema.Schema` is one."""

    @property
    def tables(self) -> Sequence[_Table]:
        """All of them, partitions too."""
        ...

    @property
    def domains(self) -> Sequence[_Domain]:
        """What types of columns may stand for."""
        ...


def design_of(schema: SchemaLike) -> Design:
    """The tables of a schema with their columns and keys; partitions are left to their table."""
    bases = {domain.name: domain.type for domain in schema.domains}
    return Design(tuple(_table(table, bases) for table in schema.tables if table.partition_of is None))


def declared_columns(schema: SchemaLike) -> frozenset[tuple[str, str]]:
    """The columns that take part in a declared foreign key, each with its table's qualified name."""
    return frozenset(
        (_qualified(table), column) for table in schema.tables for key in table.foreign_keys for column in key.columns
    )


def _table(table: _Table, bases: Mapping[str, _Type]) -> Table:
    indexes = [
        tuple(part.column for part in index.parts if part.column)
        for index in table.indexes
        if index.unique and index.predicate is None and all(part.column for part in index.parts)
    ]
    return Table(
        table.name,
        tuple(_column(column, bases) for column in table.columns),
        tuple(table.primary_key.columns) if table.primary_key else (),
        (*(tuple(unique.columns) for unique in table.uniques), *indexes),
        table.namespace or "",
        table.comment or "",
    )


def _column(column: _Column, bases: Mapping[str, _Type]) -> Column:
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


def _qualified(table: _Table) -> str:
    return f"{table.namespace}.{table.name}" if table.namespace else table.name
