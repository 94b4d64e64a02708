"""One tensor, as an array and as the JSON of the protocol."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np

from renga_infer.errors import InvalidRequestError
from renga_infer.protocol.datatypes import Array, Datatype

Parameter = str | int | float | bool
Parameters = Mapping[str, Parameter]

MAX_AXES = 16
MAX_ELEMENTS = 2**31
"""Of one tensor, sizes of 0 counted as 1: beyond it no array can be made."""
_BINARY = "send it as binary data: `binary_data_size` in its parameters"
_AS_BINARY = "ask for it as binary data: `binary_data` in its parameters"
_JSON_TYPES: dict[Datatype, frozenset[type]] = {
    **dict.fromkeys(Datatype, frozenset({int})),
    **dict.fromkeys((Datatype.FP32, Datatype.FP64), frozenset({int, float})),
    Datatype.BOOL: frozenset({bool}),
    Datatype.BYTES: frozenset({str}),
}
_JSON_NAMES: dict[type, str] = {
    bool: "a boolean",
    int: "an integer",
    float: "a number with a fraction",
    str: "a string",
    list: "an array",
    dict: "an object",
    type(None): "null",
}


@dataclass(frozen=True, slots=True)
class Tensor:
    """A named array; `data` has the dtype of `datatype`."""

    name: str
    datatype: Datatype
    data: Array
    parameters: Parameters = field(default_factory=dict)

    @property
    def shape(self) -> list[int]:
        """The sizes of its axes."""
        return list(self.data.shape)


def named(value: object) -> str:
    """What JSON calls a value, with the value itself where it is short."""
    kind = _JSON_NAMES.get(type(value), "no JSON")
    if value is None or isinstance(value, list | dict):
        return kind
    # An integer of thousands of digits has no repr.
    text = "far from 0" if isinstance(value, int) and abs(value) > 10**20 else repr(value)
    return f"{kind} ({text[:40]})"


def without_extensions(parameters: Parameters, where: str) -> None:
    """Pass what asks for nothing that Triton has and this server has not: silence would be another answer.

    Raises:
        InvalidRequestError: it asks for shared memory or classification.
    """
    for name in ("classification", "shared_memory_region"):
        if name in parameters:
            raise InvalidRequestError(
                f"{where} asks for {name}; this server has neither classification nor shared memory. Send and ask for "
                "the data itself."
            )


def count_of(shape: Sequence[int], where: str) -> int:
    """The elements of a shape.

    Raises:
        InvalidRequestError: it has too many axes or elements.
    """
    if len(shape) > MAX_AXES:
        raise InvalidRequestError(f"{where} has {len(shape)} axes; at most {MAX_AXES} are taken.")
    if math.prod(size or 1 for size in shape) > MAX_ELEMENTS:
        raise InvalidRequestError(f"{where} has more than {MAX_ELEMENTS} elements: send fewer rows at once.")
    return math.prod(shape)


def from_json(data: object, datatype: Datatype, shape: Sequence[int], where: str) -> Array:
    """The array that JSON data, flat or nested, row after row, describes; `where` names the data in messages.

    Raises:
        InvalidRequestError: an element is not of the datatype, or the elements are not as many as the shape says.
    """
    if datatype is Datatype.FP16:
        raise InvalidRequestError(f"{where}: JSON has no form for FP16; {_BINARY}.")
    flat = _flat(data, shape, where)
    if not _JSON_TYPES[datatype].issuperset(map(type, flat)):
        at = next(at for at, value in enumerate(flat) if type(value) not in _JSON_TYPES[datatype])
        wanted = " or ".join(sorted(_JSON_NAMES[kind] for kind in _JSON_TYPES[datatype]))
        raise InvalidRequestError(f"{where}: element {at} is {named(flat[at])}; {datatype} takes {wanted}.")
    if datatype is Datatype.BYTES:
        texts = np.empty(len(flat), np.object_)
        texts[:] = [text.encode() for text in flat]
        return texts.reshape(shape)
    try:
        with np.errstate(over="ignore"):
            array: Array = np.array(flat, datatype.dtype)
    except OverflowError:
        raise _beyond(flat, datatype, where) from None
    if datatype.is_float and not np.isfinite(array).all():
        raise _beyond(flat, datatype, where)
    return array.reshape(shape)


def to_json(tensor: Tensor) -> list[Any]:
    """The elements, flat, row after row.

    Raises:
        InvalidRequestError: JSON cannot hold them: FP16, NaN or infinities, bytes that are no UTF-8.
    """
    name, datatype = tensor.name, tensor.datatype
    elements: list[Any] = tensor.data.ravel().tolist()
    if datatype is Datatype.FP16:
        raise InvalidRequestError(f"JSON has no form for {name!r}, which is FP16; {_AS_BINARY}.")
    if datatype is Datatype.BYTES:
        try:
            return [element.decode() for element in elements]
        except UnicodeDecodeError:
            raise InvalidRequestError(f"{name!r} holds bytes that are no UTF-8; {_AS_BINARY}.") from None
    if datatype.is_float and not np.isfinite(tensor.data).all():
        raise InvalidRequestError(f"{name!r} holds NaN or infinity, which JSON has not; {_AS_BINARY}.")
    return elements


def _flat(data: object, shape: Sequence[int], where: str) -> list[Any]:
    if not isinstance(data, list):
        raise InvalidRequestError(f"{where} is {named(data)}; it must be an array, flat or nested as the shape.")
    count = count_of(shape, where)
    if not (data and isinstance(data[0], list)):
        if len(data) != count:
            raise InvalidRequestError(
                f"{where} has {len(data)} elements; the shape {list(shape)} has {count}. Send as many as it says."
            )
        return data
    level: list[Any] = [data]
    for axis, size in enumerate(shape):
        for part in level:
            if not isinstance(part, list) or len(part) != size:
                found = f"an array of {len(part)}" if isinstance(part, list) else named(part)
                raise InvalidRequestError(
                    f"{where} is nested otherwise than the shape {list(shape)}: on axis {axis} there is {found} where "
                    f"an array of {size} belongs."
                )
        level = list(chain.from_iterable(level))
    return level


def _beyond(flat: Sequence[Any], datatype: Datatype, where: str) -> InvalidRequestError:
    """Which element the datatype has no room for."""
    if datatype.is_float:
        limit = float(np.finfo(datatype.dtype).max)
        least: float = -limit
    else:
        least, limit = (int(getattr(np.iinfo(datatype.dtype), end)) for end in ("min", "max"))
    at = next((at for at, value in enumerate(flat) if not least <= value <= limit), 0)
    return InvalidRequestError(
        f"{where}: element {at} is {named(flat[at])}; {datatype} reaches from {least} to {limit}."
    )
