"""A file of columns as chunks of a fixed number of rows, whatever batches it was written in."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from renga_infer.protocol.datatypes import Array
from renga_infer.rows.columns import Column, tensor
from renga_infer.rows.errors import RowsRefusedError
from renga_infer.rows.formats import Format, reader
from renga_infer.suggestion import among

if TYPE_CHECKING:
    from arro3.core import RecordBatch, Schema

Chunk = dict[str, Array]
"""The model's inputs by name, each [rows, ...]."""


def chunks(file: Path, columns: Sequence[Column], rows: int, *, skip: int = 0) -> Iterator[Chunk]:
    """The rows of a file in order, so many at a time; the last chunk may have fewer.

    It holds one chunk and one of the file's own batches.

    Args:
        file: Parquet or Arrow.
        columns: the model's inputs; what else the file has is passed over.
        rows: of a chunk.
        skip: chunks at the beginning that are not wanted.

    Raises:
        RowsRefusedError: a column is not there, or is not what the model takes.
        Exception: the file is damaged: see `checking`.
    """
    batches = reader(file, Format.of(file), rows)
    _have(batches.schema, columns)
    first = 0
    """The number of the row that comes next."""
    parts: list[RecordBatch] = []
    missing = rows
    for whole in batches:
        at = 0
        while at < whole.num_rows:
            part = whole.slice(at, min(missing, whole.num_rows - at))
            at += part.num_rows
            missing -= part.num_rows
            parts.append(part)
            if not missing:
                if first >= skip * rows:
                    yield _chunk(parts, columns, first)
                first, parts, missing = first + rows, [], rows
    if parts and first >= skip * rows:
        yield _chunk(parts, columns, first)


def portions(chunk: Chunk, begin: int, *, most_rows: int, most_bytes: int) -> Iterator[slice]:
    """The rows of a chunk from one on, in order, as many at a time as one request may have.

    Args:
        chunk: whose.
        begin: the first of them.
        most_rows: at a time; 0: any number.
        most_bytes: at a time, nearly as they are on the wire; one row may have more.
    """
    sizes = [sum(of_row) for of_row in zip(*map(_row_sizes, chunk.values()), strict=True)]
    first, size = begin, 0
    for row in range(begin, len(sizes)):
        if row > first and (row - first == most_rows or size + sizes[row] > most_bytes):
            yield slice(first, row)
            first, size = row, 0
        size += sizes[row]
    if first < len(sizes):
        yield slice(first, len(sizes))


def _row_sizes(array: Array) -> Iterable[int]:
    """Bytes of each row."""
    if array.dtype.hasobject:
        return [sum(map(len, row)) for row in array.reshape(len(array), -1)]
    return itertools.repeat(array[:1].nbytes, len(array))


def _have(schema: "Schema", columns: Sequence[Column]) -> None:
    names = schema.names
    for column in columns:
        if (count := names.count(column.name)) > 1:
            raise RowsRefusedError(f"The rows have {count} columns {column.name!r}; the model takes one.")
        if not count:
            raise RowsRefusedError(
                f"The rows have no column {column.name!r}, which is an input of the model; {among(column.name, names)}"
            )


def _chunk(parts: "Sequence[RecordBatch]", columns: Sequence[Column], first: int) -> Chunk:
    found: dict[str, list[Array]] = {column.name: [] for column in columns}
    at = first
    for part in parts:
        for column in columns:
            found[column.name].append(tensor(column, part[column.name], at))
        at += part.num_rows
    return {name: _together(name, arrays, first, at) for name, arrays in found.items()}


def _together(name: str, arrays: Sequence[Array], first: int, end: int) -> Array:
    if len(arrays) == 1:
        return arrays[0]
    shapes = sorted({array.shape[1:] for array in arrays})
    if len(shapes) > 1:
        raise RowsRefusedError(
            f"The column {name!r} has rows of the shapes {', '.join(str(list(shape)) for shape in shapes)}: all rows "
            f"that are asked about together, here {first} to {end - 1}, must have the same."
        )
    return np.concatenate(arrays)
