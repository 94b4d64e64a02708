"""The 13 datatypes of the protocol, and what numpy calls them."""

from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Datatype(StrEnum):
    """The protocol's names. A tensor of BYTES is an array of objects, each `bytes`."""

    BOOL = "BOOL"
    UINT8 = "UINT8"
    UINT16 = "UINT16"
    UINT32 = "UINT32"
    UINT64 = "UINT64"
    INT8 = "INT8"
    INT16 = "INT16"
    INT32 = "INT32"
    INT64 = "INT64"
    FP16 = "FP16"
    FP32 = "FP32"
    FP64 = "FP64"
    BYTES = "BYTES"

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype in memory; little-endian, as on the wire."""
        return _DTYPES[self]

    @property
    def is_float(self) -> bool:
        """Whether it can hold NaN."""
        return self in {Datatype.FP16, Datatype.FP32, Datatype.FP64}


_DTYPES: dict[Datatype, np.dtype[Any]] = {
    Datatype.BOOL: np.dtype(np.bool_),
    Datatype.UINT8: np.dtype("u1"),
    Datatype.UINT16: np.dtype("<u2"),
    Datatype.UINT32: np.dtype("<u4"),
    Datatype.UINT64: np.dtype("<u8"),
    Datatype.INT8: np.dtype("i1"),
    Datatype.INT16: np.dtype("<i2"),
    Datatype.INT32: np.dtype("<i4"),
    Datatype.INT64: np.dtype("<i8"),
    Datatype.FP16: np.dtype("<f2"),
    Datatype.FP32: np.dtype("<f4"),
    Datatype.FP64: np.dtype("<f8"),
    Datatype.BYTES: np.dtype(np.object_),
}
_DATATYPES = {dtype: datatype for datatype, dtype in _DTYPES.items()}


def datatype_of(array: Array) -> Datatype:
    """The protocol's name of an array's dtype.

    Raises:
        TypeError: the protocol has no such type.
    """
    found = _DATATYPES.get(array.dtype)
    if found is None:
        raise TypeError(f"The protocol has no datatype for {array.dtype}: convert the array first.")
    return found
