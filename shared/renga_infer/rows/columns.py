"""Between a column of Arrow and a tensor of the protocol: a list is an axis, and nothing is converted in silence."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from renga_infer.protocol.datatypes import Array, Datatype
from renga_infer.rows.errors import RowsRefusedError

if TYPE_CHECKING:
    from arro3.core import Array as Values
    from arro3.core import DataType, RecordBatch


class Column(NamedTuple):
    """An input of a model, as one column holds it."""

    name: str
    datatype: Datatype
    shape: tuple[int, ...]
    """Of one row, so without the batch; -1 is a free axis."""


def tensor(column: Column, values: "Values", first: int) -> Array:
    """A column's values as an array [rows, ...].

    Args:
        column: what the model takes.
        values: what there is, at least one row.
        first: the number of its first row, for errors.

    Raises:
        RowsRefusedError: the type, the number or the length of lists is another, or a value is missing.
    """
    from arro3.core import DataType, list_flatten

    shape = [len(values)]
    while True:
        if values.null_count:
            raise RowsRefusedError(f"The column {column.name!r} lacks a value {_where(shape, first)}.")
        of_lists = values.type.list_size or DataType.is_list(values.type) or DataType.is_large_list(values.type)
        if not of_lists:
            break
        shape.append(values.type.list_size or _length(column, values, shape, first))
        values = list_flatten(values)
    if len(shape) - 1 != len(column.shape) or any(
        want not in {-1, have} for want, have in zip(column.shape, shape[1:], strict=True)
    ):
        raise RowsRefusedError(
            f"A row of the column {column.name!r} has the shape {shape[1:]}; the model takes {list(column.shape)}; "
            "-1 is free. A list is an axis."
        )
    return _leaves(column, values).reshape(shape)


def batch(tensors: Mapping[str, Array], metadata: Mapping[str, str]) -> "RecordBatch":
    """Arrays [rows, ...] as columns; each further axis is a list of fixed size.

    Args:
        tensors: by the name of the column.
        metadata: goes into the schema.
    """
    from arro3.core import RecordBatch

    made = RecordBatch.from_arrays([_values(one) for one in tensors.values()], names=list(tensors))
    return made.with_schema(made.schema.with_metadata(dict(metadata)))


def _where(shape: Sequence[int], first: int) -> str:
    return f"in the rows {first} to {first + shape[0] - 1}"


def _length(column: Column, values: "Values", shape: Sequence[int], first: int) -> int:
    """The one length that all lists have."""
    from arro3.core import list_offsets

    lengths = np.diff(list_offsets(values).to_numpy())
    other = np.flatnonzero(lengths != lengths[0])
    if len(other):
        row = first + int(other[0]) // (len(values) // shape[0])
        raise RowsRefusedError(
            f"The column {column.name!r} has lists of {lengths[0]} and, in row {row}, of {lengths[other[0]]}: all rows "
            f"that are asked about together, here {first} to {first + shape[0] - 1}, must have as many."
        )
    if lengths[0] == 0:
        raise RowsRefusedError(f"The column {column.name!r} has empty lists {_where(shape, first)}.")
    return int(lengths[0])


def _leaves(column: Column, values: "Values") -> Array:
    from arro3.core import DataType

    if DataType.is_dictionary(values.type) and values.type.value_type is not None:
        values = values.cast(values.type.value_type)
    if column.datatype is Datatype.BYTES and _is_bytes(values.type):
        found = values.to_numpy()
        if any(test(values.type) for test in _texts()):
            return np.array([text.encode() for text in found], np.object_)
        return np.array(found, np.object_)
    if _datatypes().get(values.type) is not column.datatype:
        given = repr(values.type).removeprefix("arro3.core.DataType<").rstrip("\n>").lower()
        wanted = "binary or utf8" if column.datatype is Datatype.BYTES else column.datatype.dtype.name
        raise RowsRefusedError(
            f"The column {column.name!r} is {given}; the model takes {column.datatype}, which is {wanted}: cast it."
        )
    return values.to_numpy()


def _texts() -> "Sequence[Callable[[DataType], bool]]":
    from arro3.core import DataType

    return (DataType.is_unicode, DataType.is_large_unicode, DataType.is_string_view)


def _is_bytes(kind: "DataType") -> bool:
    from arro3.core import DataType

    tests = (DataType.is_binary, DataType.is_large_binary, DataType.is_binary_view, *_texts())
    return any(test(kind) for test in tests)


@cache
def _datatypes() -> "Mapping[DataType, Datatype]":
    from arro3.core import DataType

    names = {
        **{Datatype(f"{sign}INT{bits}"): f"{sign.lower()}int{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64)},
        **{Datatype(f"FP{bits}"): f"float{bits}" for bits in (16, 32, 64)},
        Datatype.BOOL: "bool",
    }
    return {getattr(DataType, name)(): datatype for datatype, name in names.items()}


def _values(array: Array) -> "Values":
    from arro3.core import Array as Values
    from arro3.core import DataType, fixed_size_list_array

    flat = np.ascontiguousarray(array).reshape(-1)
    made = Values(flat.tolist(), type=DataType.binary()) if flat.dtype.hasobject else Values.from_numpy(flat)
    for length in reversed(array.shape[1:]):
        made = fixed_size_list_array(made, length)
    return made
