"""Files of columns, as somebody else writes and reads them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from arro3.core import Array, Table, fixed_size_list_array
from arro3.io import read_ipc, read_ipc_stream, read_parquet, write_ipc, write_ipc_stream, write_parquet

Arrays = Mapping[str, Any]
_READERS = {"parquet": read_parquet, "arrow": read_ipc, "arrows": read_ipc_stream}
FORMATS = tuple(_READERS)
"""By the ending of a file's name."""


def column(values: Any) -> Array:
    """An array as a column: with a second axis, of lists; what is a column already stays as it is."""
    if not isinstance(values, np.ndarray):
        made: Array = values
        return made
    if values.ndim == 1:
        return Array.from_numpy(values)
    return fixed_size_list_array(Array.from_numpy(np.ascontiguousarray(values).reshape(-1)), values.shape[1])


def write_columns(file: Path, columns: Arrays, *, batch_rows: int | None = None) -> Path:
    """Write arrays or columns as the file's ending says, in batches of so many rows."""
    table = Table.from_arrays([column(one) for one in columns.values()], names=list(columns))
    if batch_rows is not None:
        table = table.rechunk(max_chunksize=batch_rows)
    match file.suffix:
        case ".parquet":
            write_parquet(table, file, max_row_group_size=batch_rows)
        case ".arrow":
            write_ipc(table, file)
        case ".arrows":
            write_ipc_stream(table, file)
    return file


def read_table(file: Path) -> Table:
    """All of a file, by its ending."""
    return _READERS[file.suffix[1:]](file).read_all()


def values(table: Table, name: str) -> Any:
    """A column without lists as an array."""
    return np.concatenate([np.asarray(chunk) for chunk in table[name].chunks])
