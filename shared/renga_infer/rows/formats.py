"""The formats that a file of columns may have: how each is told apart, read batch by batch, and written."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from renga_infer.rows.errors import RowsRefusedError

if TYPE_CHECKING:
    from arro3.core import RecordBatchReader

_MAGIC_BYTES = 6


class Format(StrEnum):
    """By the usual ending of its name."""

    PARQUET = "parquet"
    ARROW = "arrow"
    """Arrow's IPC as a file, which is also Feather 2."""
    ARROWS = "arrows"
    """Arrow's IPC as a stream."""

    @classmethod
    def of(cls, file: Path) -> "Format":
        """What a file is by its first bytes.

        Raises:
            RowsRefusedError: it is none of them.
        """
        with file.open("rb") as source:
            magic = source.read(_MAGIC_BYTES)
        if magic.startswith(b"PAR1"):
            return cls.PARQUET
        if magic == b"ARROW1":
            return cls.ARROW
        # The length of the first message follows the marker; before Arrow 0.15 there was none.
        if magic.startswith(b"\xff\xff\xff\xff"):
            return cls.ARROWS
        raise RowsRefusedError(f"The rows are neither Parquet nor Arrow: they begin with {magic!r}.")


def reader(file: Path, form: Format, rows: int) -> "RecordBatchReader":
    """The record batches of a file, one at a time; of Parquet at most `rows` rows each.

    Raises:
        Exception: the file is damaged; what it is depends on the damage: see `checking`.
    """
    from arro3.io import read_ipc, read_ipc_stream, read_parquet

    match form:
        case Format.PARQUET:
            return read_parquet(file, batch_size=rows)
        case Format.ARROW:
            return read_ipc(file)
        case Format.ARROWS:
            return read_ipc_stream(file)


def write(batches: "RecordBatchReader", file: Path, form: Format) -> None:
    """Write batches as they come."""
    from arro3.io import write_ipc, write_ipc_stream, write_parquet

    match form:
        case Format.PARQUET:
            write_parquet(batches, file, compression="zstd(3)")
        case Format.ARROW:
            write_ipc(batches, file)
        case Format.ARROWS:
            write_ipc_stream(batches, file)
