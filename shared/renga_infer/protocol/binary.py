"""The binary tensor extension: an array as bytes, little-endian, row after row."""

import struct
from collections.abc import Sequence

import numpy as np

from renga_infer.errors import InvalidRequestError
from renga_infer.protocol.datatypes import Array, Datatype
from renga_infer.protocol.tensors import count_of

_LENGTH = struct.Struct("<I")


def to_bytes(data: Array, datatype: Datatype) -> bytes:
    """The bytes of an array; each element of BYTES has its length before it, in four bytes."""
    if datatype is Datatype.BYTES:
        return b"".join(_LENGTH.pack(len(element)) + element for element in data.ravel())
    return data.astype(datatype.dtype, copy=False).tobytes()


def from_bytes(raw: memoryview, datatype: Datatype, shape: Sequence[int], where: str) -> Array:
    """The array in `raw`, which it does not copy; BYTES are copied.

    Raises:
        InvalidRequestError: the bytes are not as many as the shape says, or are no such elements.
    """
    count = count_of(shape, where)
    if datatype is Datatype.BYTES:
        return _elements(raw, count, where).reshape(shape)
    wanted = count * datatype.dtype.itemsize
    if len(raw) != wanted:
        raise InvalidRequestError(
            f"{where} has {len(raw)} bytes; the shape {list(shape)} of {datatype} has {wanted}. Send as many."
        )
    if datatype is Datatype.BOOL and count and np.frombuffer(raw, np.uint8).max() > 1:
        raise InvalidRequestError(f"{where} has a byte above 1; a BOOL is 0 or 1.")
    return np.frombuffer(raw, datatype.dtype).reshape(shape)


def _elements(raw: memoryview, count: int, where: str) -> Array:
    if count * _LENGTH.size > len(raw):
        raise InvalidRequestError(f"{where} has {len(raw)} bytes, too few for {count} elements of BYTES with lengths.")
    elements: list[bytes] = []
    at = 0
    for index in range(count):
        start = at + _LENGTH.size
        if start > len(raw):
            raise InvalidRequestError(f"{where} ends within the length of element {index} of {count}.")
        (length,) = _LENGTH.unpack_from(raw, at)
        at = start + length
        if at > len(raw):
            raise InvalidRequestError(
                f"{where}: element {index} says that it has {length} bytes, and {len(raw) - start} are left."
            )
        elements.append(bytes(raw[start:at]))
    if at != len(raw):
        raise InvalidRequestError(f"{where} has {len(raw) - at} bytes beyond its {count} elements.")
    array = np.empty(count, np.object_)
    array[:] = elements
    return array
