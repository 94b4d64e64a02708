"""Files of columns as a model's inputs: in order, whole, and refused with their place where they do not fit."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from arro3.core import Array, DataType, fixed_size_list_array, list_array

from columns import FORMATS, write_columns
from renga_infer.protocol.datatypes import Datatype
from renga_infer.rows import RowsRefusedError
from renga_infer.rows.chunks import chunks, portions
from renga_infer.rows.columns import Column, batch, tensor

MATRIX = np.arange(2000.0).reshape(1000, 2)
X = Column("x", Datatype.FP64, (2,))


def lists(lengths: list[int], values: Any) -> Array:
    """A column of lists of these lengths."""
    return list_array(Array.from_numpy(np.cumsum([0, *lengths], dtype="i4")), Array.from_numpy(np.array(values)))


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(("batch_rows", "rows"), [(None, 1000), (7, 64), (64, 7), (1000, 300), (300, 2000)])
def test_chunks_are_the_rows_whatever_the_batches(tmp_path: Path, form: str, batch_rows: int, rows: int) -> None:
    """Each but the last has so many rows, and together they are the column; from any chunk on, likewise."""
    file = write_columns(tmp_path / f"rows.{form}", {"other": np.arange(1000), "x": MATRIX}, batch_rows=batch_rows)
    found = [chunk["x"] for chunk in chunks(file, [X], rows)]
    assert [len(one) for one in found[:-1]] == [rows] * (len(found) - 1)
    np.testing.assert_array_equal(np.concatenate(found), MATRIX)
    later = [chunk["x"] for chunk in chunks(file, [X], rows, skip=1)]
    assert len(later) == len(found) - 1
    np.testing.assert_array_equal(np.concatenate([found[0], *later]), MATRIX)


@pytest.mark.parametrize(
    ("most_rows", "most_bytes", "ends"),
    [
        (0, 201, [6]),
        (4, 201, [4, 6]),
        (0, 47, [2, 4, 5, 6]),
        (0, 63, [3, 5, 6]),
        (0, 31, [1, 2, 3, 4, 5, 6]),
        (1, 201, [1, 2, 3, 4, 5, 6]),
    ],
)
def test_a_portion_has_no_more_than_a_request_may(most_rows: int, most_bytes: int, ends: list[int]) -> None:
    """Rows of whatever size go together as far as both bounds allow; one that is too large by itself goes alone."""
    chunk = {"x": np.zeros((6, 2)), "text": np.array([b"t" * size for size in (0, 0, 0, 15, 0, 90)], np.object_)}
    found = list(portions(chunk, 0, most_rows=most_rows, most_bytes=most_bytes))
    assert [part.stop for part in found] == ends
    assert [part.start for part in found] == [0, *ends[:-1]]
    assert list(portions(chunk, 6, most_rows=most_rows, most_bytes=most_bytes)) == []


@pytest.mark.parametrize("datatype", Datatype)
@pytest.mark.parametrize("shape", [(6,), (3, 2), (2, 3, 2)])
def test_every_datatype_goes_and_comes_back(datatype: Datatype, shape: tuple[int, ...]) -> None:
    """An array of any type and shape is a column, and the column is that array."""
    flat = [b"", b"\xff\0", b"c"] * 4 if datatype is Datatype.BYTES else np.arange(12) % 2
    array = np.array(flat, datatype.dtype)[: int(np.prod(shape))].reshape(shape)
    made = batch({"y": array}, {"k": "v"})
    assert made.schema.metadata_str == {"k": "v"}
    back = tensor(Column("y", datatype, (-1,) * (len(shape) - 1)), made["y"], 0)
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    assert back.tolist() == array.tolist()


@pytest.mark.parametrize(
    ("column", "values"),
    [
        (Column("x", Datatype.BYTES, ()), Array(["a", "é", ""], type=DataType.utf8())),
        (Column("x", Datatype.BYTES, ()), Array(["a", "é", ""], type=DataType.large_utf8())),
        (Column("x", Datatype.BYTES, ()), Array(["a", "é", ""], type=DataType.string_view())),
        (Column("x", Datatype.BYTES, ()), Array([b"a", b"\xc3\xa9", b""], type=DataType.large_binary())),
        (Column("x", Datatype.BYTES, ()), Array([b"a", b"\xc3\xa9", b""], type=DataType.binary_view())),
    ],
)
def test_text_is_bytes(column: Column, values: Array) -> None:
    """All of Arrow's types of text and bytes are BYTES, text as UTF-8."""
    assert tensor(column, values, 0).tolist() == [b"a", "é".encode(), b""]


def test_lists_of_any_length_where_the_axis_is_free() -> None:
    """A free axis is as long as the lists are, nested or not."""
    free = Column("x", Datatype.INT64, (-1,))
    assert tensor(free, lists([3, 3], np.arange(6)), 0).tolist() == [[0, 1, 2], [3, 4, 5]]
    nested = fixed_size_list_array(lists([3] * 4, np.arange(12)), 2)
    assert tensor(Column("x", Datatype.INT64, (2, -1)), nested, 0).shape == (2, 2, 3)
    assert tensor(free, lists([3, 3, 3], np.arange(9)).slice(1, 2), 0).tolist() == [[3, 4, 5], [6, 7, 8]]


@pytest.mark.parametrize(
    ("column", "values", "sentence"),
    [
        (X, MATRIX.astype("f4"), "The column 'x' is float32; the model takes FP64, which is float64: cast it."),
        (X, np.zeros((4, 3)), "A row of the column 'x' has the shape [3]; the model takes [2]; -1 is free."),
        (X, np.zeros(4), "has the shape []; the model takes [2]"),
        (Column("x", Datatype.FP64, ()), np.zeros((4, 2)), "has the shape [2]; the model takes []"),
        (Column("x", Datatype.BYTES, ()), np.zeros(4), "is float64; the model takes BYTES, which is binary or utf8"),
        (
            Column("x", Datatype.INT64, ()),
            Array([1, 2], type=DataType.int64()).cast(DataType.timestamp("s")),
            "is timestamp(s); the model takes INT64",
        ),
        (Column("x", Datatype.INT64, ()), Array([1, None], type=DataType.int64()), "lacks a value in the rows 0 to 1"),
        (Column("x", Datatype.INT64, (-1,)), lists([2, 2, 3], np.arange(7)), "has lists of 2 and, in row 2, of 3"),
        (Column("x", Datatype.INT64, (-1,)), lists([0, 0], np.arange(0)), "has empty lists in the rows 0 to 1"),
        (Column("y", Datatype.INT64, ()), np.arange(4), "no column 'y', which is an input of the model; there is x"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, column: Column, values: Any, sentence: str) -> None:
    """The refusal names the column, what it is, what it should be, and where it is otherwise."""
    file = write_columns(tmp_path / "rows.arrow", {"x": values})
    with pytest.raises(RowsRefusedError) as refused:
        list(chunks(file, [column], 100))
    assert sentence in str(refused.value)


def test_a_row_is_named_by_its_number_in_the_file(tmp_path: Path) -> None:
    """Rows are counted from 0 through all chunks, and only those asked about together must be alike."""
    file = write_columns(tmp_path / "rows.arrow", {"x": lists([2, 2, 3, 3, 3, 4], np.arange(17))})
    found = chunks(file, [Column("x", Datatype.INT64, (-1,))], 2)
    assert [next(found)["x"].shape, next(found)["x"].shape] == [(2, 2), (2, 3)]
    with pytest.raises(RowsRefusedError, match=r"lists of 3 and, in row 5, of 4: .* here 4 to 5"):
        next(found)


def test_two_columns_of_one_name(tmp_path: Path) -> None:
    """Which of them is meant, nobody knows."""
    import arro3.core
    from arro3.io import write_ipc

    one = Array.from_numpy(np.arange(3))
    write_ipc(arro3.core.Table.from_arrays([one, one], names=["x", "x"]), tmp_path / "rows.arrow")
    with pytest.raises(RowsRefusedError, match="2 columns 'x'"):
        list(chunks(tmp_path / "rows.arrow", [Column("x", Datatype.INT64, ())], 10))
