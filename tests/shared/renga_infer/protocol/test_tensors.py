"""Tensors as JSON and as bytes."""

from typing import Any

import numpy as np
import pytest

from renga_infer.errors import InvalidRequestError
from renga_infer.protocol.binary import from_bytes, to_bytes
from renga_infer.protocol.datatypes import Datatype, datatype_of
from renga_infer.protocol.tensors import Tensor, from_json, to_json

ENDS: dict[Datatype, list[Any]] = {
    **{kind: [np.iinfo(kind.dtype).min, np.iinfo(kind.dtype).max] for kind in Datatype if kind.dtype.kind in "iu"},
    **{kind: [float(np.finfo(kind.dtype).min), -0.0, float(np.finfo(kind.dtype).tiny)] for kind in Datatype
       if kind.is_float},
    Datatype.BOOL: [True, False],
    Datatype.BYTES: [b"", "連歌".encode(), b"a\x00b"],
}  # fmt: skip


def tensor(datatype: Datatype, elements: list[Any]) -> Tensor:
    """A tensor of one axis."""
    data = np.empty(len(elements), datatype.dtype)
    data[:] = elements
    return Tensor("x", datatype, data)


@pytest.mark.parametrize("datatype", sorted(set(Datatype) - {Datatype.FP16}))
def test_the_ends_of_every_datatype_survive_json(datatype: Datatype) -> None:
    """The least and the largest value of a datatype come back from JSON as they went in."""
    given = tensor(datatype, ENDS[datatype])
    found = from_json(to_json(given), datatype, given.shape, "x")
    assert datatype_of(found) is datatype
    np.testing.assert_array_equal(found, given.data)


@pytest.mark.parametrize("datatype", sorted(Datatype))
def test_the_ends_of_every_datatype_survive_bytes(datatype: Datatype) -> None:
    """Every datatype has a binary form, little-endian; BYTES with their lengths before them."""
    given = tensor(datatype, ENDS[datatype])
    raw = to_bytes(given.data, datatype)
    found = from_bytes(memoryview(raw), datatype, given.shape, "x")
    assert datatype_of(found) is datatype
    np.testing.assert_array_equal(found, given.data)


def test_bytes_are_little_endian_whatever_the_array_is() -> None:
    """An array of the other byte order goes out as the protocol has it."""
    assert to_bytes(np.array([1, 256], ">i2"), Datatype.INT16) == b"\x01\x00\x00\x01"
    assert to_bytes(np.array([b"ab", b""], object), Datatype.BYTES) == b"\x02\x00\x00\x00ab\x00\x00\x00\x00"


def test_nested_and_flat_are_the_same() -> None:
    """Data nested as the shape is the same array as its elements row after row."""
    nested = from_json([[[1, 2, 3]], [[4, 5, 6]]], Datatype.INT32, [2, 1, 3], "x")
    np.testing.assert_array_equal(nested, from_json([1, 2, 3, 4, 5, 6], Datatype.INT32, [2, 1, 3], "x"))
    assert from_json([], Datatype.FP32, [0, 3], "x").shape == (0, 3)
    assert from_json([[], []], Datatype.FP32, [2, 0], "x").shape == (2, 0)


WRONG_JSON: dict[str, tuple[Any, Datatype, list[int], str]] = {
    "too few": ([1, 2], Datatype.INT32, [3], "x has 2 elements; the shape [3] has 3"),
    "too many": ([1, 2], Datatype.INT32, [], "x has 2 elements; the shape [] has 1"),
    "no array": (7, Datatype.INT32, [1], "x is an integer (7); it must be an array"),
    "ragged": ([[1, 2], [3]], Datatype.INT32, [2, 2], "on axis 1 there is an array of 1 where an array of 2 belongs"),
    "too shallow": ([[1, 2]], Datatype.INT32, [1, 2, 1], "on axis 2 there is an integer (1) where an array of 1"),
    "too deep": ([[[1]]], Datatype.INT32, [1, 1], "element 0 is an array; INT32 takes an integer"),
    "half nested": ([1, [2]], Datatype.INT32, [2], "element 1 is an array"),
    "a fraction": ([1, 1.5], Datatype.INT8, [2], "element 1 is a number with a fraction (1.5); INT8 takes an integer"),
    "a boolean as a number": ([True], Datatype.FP32, [1], "element 0 is a boolean (True); FP32 takes a number"),
    "a number as a boolean": ([1], Datatype.BOOL, [1], "element 0 is an integer (1); BOOL takes a boolean"),
    "null": ([None], Datatype.FP64, [1], "element 0 is null"),
    "a number as text": (["1"], Datatype.INT64, [1], "element 0 is a string ('1')"),
    "text as a number": ([1], Datatype.BYTES, [1], "element 0 is an integer (1); BYTES takes a string"),
    "beyond INT8": ([0, 128], Datatype.INT8, [2], "element 1 is an integer (128); INT8 reaches from -128 to 127"),
    "below 0": ([-1], Datatype.UINT64, [1], "UINT64 reaches from 0 to 18446744073709551615"),
    "a huge integer": ([10**400], Datatype.FP64, [1], "element 0 is an integer (far from 0); FP64 reaches"),
    "beyond FP32": ([0, 1e39], Datatype.FP32, [2], "element 1 is a number with a fraction (1e+39); FP32 reaches"),
    "half precision": ([1.0], Datatype.FP16, [1], "JSON has no form for FP16; send it as binary data"),
    "too many axes": ([], Datatype.FP32, [1] * 17, "x has 17 axes; at most 16"),
    "too many elements": ([], Datatype.FP32, [2**20, 2**20], "x has more than 2147483648 elements"),
    "too many beside none": ([], Datatype.FP32, [0, 2**20, 2**20], "x has more than 2147483648 elements"),
}


@pytest.mark.parametrize(("data", "datatype", "shape", "reason"), WRONG_JSON.values(), ids=WRONG_JSON)
def test_wrong_json_is_refused(data: Any, datatype: Datatype, shape: list[int], reason: str) -> None:
    """JSON data that is no such array is refused with the element that is wrong and what belongs there."""
    with pytest.raises(InvalidRequestError) as refusal:
        from_json(data, datatype, shape, "x")
    assert reason in str(refusal.value)


WRONG_BYTES: dict[str, tuple[bytes, Datatype, list[int], str]] = {
    "cut": (bytes(7), Datatype.FP32, [2], "x has 7 bytes; the shape [2] of FP32 has 8"),
    "too long": (bytes(9), Datatype.INT64, [1], "x has 9 bytes; the shape [1] of INT64 has 8"),
    "no boolean": (b"\x00\x02", Datatype.BOOL, [2], "a byte above 1"),
    "no length": (b"\x01\x00", Datatype.BYTES, [1], "2 bytes, too few for 1 elements"),
    "an element cut": (b"\x04\x00\x00\x00abc", Datatype.BYTES, [1], "says that it has 4 bytes, and 3 are left"),
    "a length cut": (b"\x03\x00\x00\x00abc\x01", Datatype.BYTES, [2], "ends within the length of element 1 of 2"),
    "a lying length": (b"\xff\xff\xff\xff", Datatype.BYTES, [1], "says that it has 4294967295 bytes, and 0 are left"),
    "elements left": (b"\x01\x00\x00\x00ab", Datatype.BYTES, [1], "1 bytes beyond its 1 elements"),
    "more elements than bytes": (b"", Datatype.BYTES, [2**31], "too few for 2147483648 elements"),
}


@pytest.mark.parametrize(("raw", "datatype", "shape", "reason"), WRONG_BYTES.values(), ids=WRONG_BYTES)
def test_wrong_bytes_are_refused(raw: bytes, datatype: Datatype, shape: list[int], reason: str) -> None:
    """Bytes that are no such array are refused with how many there are and how many belong there."""
    with pytest.raises(InvalidRequestError) as refusal:
        from_bytes(memoryview(raw), datatype, shape, "x")
    assert reason in str(refusal.value)


UNSPEAKABLE: dict[str, tuple[Datatype, list[Any], str]] = {
    "NaN": (Datatype.FP32, [float("nan")], "NaN or infinity"),
    "infinity": (Datatype.FP64, [float("inf")], "NaN or infinity"),
    "half precision": (Datatype.FP16, [1.0], "FP16"),
    "no text": (Datatype.BYTES, [b"\xff"], "no UTF-8"),
}


@pytest.mark.parametrize(("datatype", "elements", "reason"), UNSPEAKABLE.values(), ids=UNSPEAKABLE)
def test_what_json_has_no_form_for_is_to_be_asked_for_as_bytes(
    datatype: Datatype, elements: list[Any], reason: str
) -> None:
    """An answer that JSON cannot hold is an error that says how to get it, never another value."""
    with pytest.raises(InvalidRequestError, match=f"{reason}.*ask for it as binary data"):
        to_json(tensor(datatype, elements))


def test_an_array_that_the_protocol_does_not_know() -> None:
    """A complex array has no datatype, and says so."""
    with pytest.raises(TypeError, match="no datatype for complex128"):
        datatype_of(np.zeros(1, complex))
