"""Files of others, read to their end in a process of their own."""

import asyncio
import random
from pathlib import Path

import numpy as np
import pytest
from arro3.core import Array, DataType, Table
from arro3.io import write_ipc, write_parquet

from columns import FORMATS, write_columns
from renga_infer.protocol.datatypes import Datatype
from renga_infer.rows import RowsRefusedError
from renga_infer.rows.checking import CheckStoppedError, Limits, checked
from renga_infer.rows.columns import Column

X = Column("x", Datatype.FP64, (2,))
LIMITS = Limits(rows=1000)
MIB = 1024 * 1024


def check(file: Path, *, column: Column = X, limits: Limits = LIMITS, timeout_s: float = 60) -> int:
    """How many rows it has."""
    return asyncio.run(checked(file, [column], 64, limits, timeout_s=timeout_s))


def test_rows_are_counted_up_to_the_limit(tmp_path: Path) -> None:
    """As many as are allowed are counted; one more, or none, is refused, and what does not fit with its own reason."""
    assert check(write_columns(tmp_path / "a.arrow", {"x": np.zeros((1000, 2))})) == 1000
    for rows, sentence in ((1001, "more than 1000 rows: send them in parts"), (0, "There are no rows")):
        with pytest.raises(RowsRefusedError, match=sentence):
            check(write_columns(tmp_path / "b.arrow", {"x": np.zeros((rows, 2))}))
    with pytest.raises(RowsRefusedError, match="no column 'x'"):
        check(write_columns(tmp_path / "c.arrow", {"y": np.zeros((3, 2))}))


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_a_small_file_that_stands_for_much(tmp_path: Path, form: str) -> None:
    """What does not fit into the memory ends that process alone, and the refusal says how much there was."""
    column, limits = Column("x", Datatype.BYTES, ()), Limits(rows=10, memory_bytes=64 * MIB)
    file = tmp_path / f"rows.{form}"
    table = Table.from_arrays([Array([bytes(96 * MIB)], type=DataType.binary())], names=["x"])
    if form == "arrow":
        write_ipc(table, file, compression="zstd")
    else:
        write_parquet(table, file, compression="zstd(1)", dictionary_enabled=False)
    assert file.stat().st_size < MIB
    with pytest.raises(RowsRefusedError, match=f"cannot be read within {64 * MIB} bytes of memory"):
        check(file, column=column, limits=limits)


@pytest.mark.parametrize("form", FORMATS)
def test_damaged_files(tmp_path: Path, form: str) -> None:
    """Whatever bytes are wrong or missing: it is read, or refused with a reason; nothing else happens."""
    chance = random.Random(form)  # noqa: S311 - damage, no secret
    whole = write_columns(tmp_path / f"rows.{form}", {"x": np.arange(400.0).reshape(200, 2)}).read_bytes()
    refused = 0
    for number in range(4):
        damaged = bytearray(whole)
        if number == 0:
            del damaged[len(whole) // 2 :]
        for _ in range(number):
            damaged[chance.choice((chance.randrange(8, 200), -chance.randrange(1, 200)))] = chance.randrange(256)
        file = tmp_path / "damaged"
        file.write_bytes(damaged)
        try:
            assert 0 < check(file) <= 1000
        except RowsRefusedError:
            refused += 1
    assert refused


def test_no_time(tmp_path: Path) -> None:
    """A check that is not over in time says nothing about the file."""
    with pytest.raises(CheckStoppedError, match=r"within 0\.0001 s"):
        check(write_columns(tmp_path / "a.arrow", {"x": np.zeros((1000, 2))}), timeout_s=0.0001)
