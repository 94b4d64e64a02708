"""Whether a request is one that a model's card allows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from renga_infer.card import BATCH, Card, TensorSpec
from renga_infer.errors import InvalidRequestError
from renga_infer.protocol.datatypes import Array
from renga_infer.protocol.requests import Request
from renga_infer.protocol.tensors import Tensor
from renga_infer.suggestion import among


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request that fits its model."""

    inputs: Mapping[str, Array]
    """Every input of the card, by name."""
    sizes: Mapping[str, int]
    """The length of each free axis, by its name."""
    outputs: tuple[str, ...]
    """The names of those that are wanted."""

    @property
    def rows(self) -> int:
        """How many rows of a batch it takes."""
        return self.sizes.get(BATCH, 1)


def admit(card: Card, request: Request) -> Admitted:
    """The request as the model takes it.

    Raises:
        InvalidRequestError: an input or output is unknown, missing, or not as the card says.
    """
    given = {tensor.name: tensor for tensor in request.inputs}
    known = {spec.name for spec in card.inputs}
    for name in given:
        if name not in known:
            raise InvalidRequestError(f"{_of(card)} has no input {name!r}; {among(name, known)}")
    sizes: dict[str, int] = {}
    inputs: dict[str, Array] = {}
    for spec in card.inputs:
        tensor = given.get(spec.name)
        if tensor is None:
            raise InvalidRequestError(f"{_of(card)} takes the input {spec.name!r}, and the request has none; send it.")
        _measure(spec, tensor, sizes)
        inputs[spec.name] = tensor.data
    _within(card, sizes)
    return Admitted(inputs, sizes, _wanted(card, request.outputs))


def _of(card: Card) -> str:
    return f"The model {card.name!r}, version {card.version},"


def _measure(spec: TensorSpec, tensor: Tensor, sizes: dict[str, int]) -> None:
    """Compare a tensor with its specification, and learn the lengths of its free axes."""
    if tensor.datatype is not spec.datatype:
        raise InvalidRequestError(
            f"The input {spec.name!r} is {tensor.datatype}; the model takes {spec.datatype}. Convert it."
        )
    shape = tensor.data.shape
    if len(shape) != len(spec.shape) or any(
        want not in {-1, have} for want, have in zip(spec.shape, shape, strict=True)
    ):
        raise InvalidRequestError(
            f"The input {spec.name!r} has the shape {list(shape)}; the model takes {list(spec.shape)}; -1 is free."
        )
    free = (have for want, have in zip(spec.shape, shape, strict=True) if want == -1)
    for axis, size in zip(spec.axes, free, strict=True):
        if sizes.setdefault(axis, size) != size:
            raise InvalidRequestError(
                f"The input {spec.name!r} has {size} on the axis {axis!r}, and another {sizes[axis]}; send as many."
            )
        if size == 0:
            raise InvalidRequestError(f"The input {spec.name!r} has nothing on the axis {axis!r}; send at least one.")
    if spec.datatype.is_float and not spec.nan and not np.isfinite(tensor.data).all():
        raise InvalidRequestError(
            f"The input {spec.name!r} holds NaN or infinity, which the model does not take; leave such rows out."
        )


def _within(card: Card, sizes: Mapping[str, int]) -> None:
    rows, most = sizes.get(BATCH, 1), card.batching.max_batch_size
    if most and rows > most:
        raise InvalidRequestError(
            f"{_of(card)} takes {most} rows at once, and the request has {rows}: send it in parts."
        )
    for axis, lengths in card.batching.buckets.items():
        if sizes[axis] > lengths[-1]:
            raise InvalidRequestError(
                f"{_of(card)} takes {lengths[-1]} on the axis {axis!r}, and the request has {sizes[axis]}: send less."
            )


def _wanted(card: Card, names: Sequence[str]) -> tuple[str, ...]:
    known = [spec.name for spec in card.outputs]
    for name in names:
        if name not in known:
            raise InvalidRequestError(f"{_of(card)} has no output {name!r}; {among(name, known)}")
    return tuple(names or known)
