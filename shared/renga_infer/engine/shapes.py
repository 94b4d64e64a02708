"""Requests side by side in one batch, padded to the lengths that a card declares, and the way back."""

import itertools
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from renga_infer.admission import Admitted
from renga_infer.card import BATCH, Card, TensorSpec
from renga_infer.errors import ModelFailedError
from renga_infer.protocol.datatypes import Array

Sizes = Mapping[str, int]
_MOST_WARMED = 64


def padded(card: Card, sizes: Sizes) -> dict[str, int]:
    """The lengths that free axes are padded up to: the next bucket, or what they have."""
    buckets = card.batching.buckets
    return {
        axis: buckets[axis][bisect_left(buckets[axis], size)] if axis in buckets else size
        for axis, size in sizes.items()
    }


def likeness(card: Card, sizes: Sizes) -> tuple[int, ...]:
    """What requests of one batch have in common: the lengths of every free axis but the batch."""
    return tuple(size for axis, size in padded(card, sizes).items() if axis != BATCH)


def shape_of(spec: TensorSpec, sizes: Sizes) -> tuple[int, ...]:
    """A specification's shape with its free axes filled in."""
    axes = iter(spec.axes)
    return tuple(sizes[next(axes)] if size == -1 else size for size in spec.shape)


def assemble(card: Card, requests: Sequence[Admitted]) -> tuple[dict[str, Array], dict[str, int]]:
    """The inputs of one call for all requests, and its sizes, padding included."""
    sizes = padded(card, {**requests[0].sizes, BATCH: sum(request.rows for request in requests)})
    inputs: dict[str, Array] = {}
    for spec in card.inputs:
        shape = shape_of(spec, sizes)
        parts = [request.inputs[spec.name] for request in requests]
        if len(parts) == 1 and parts[0].shape == shape:
            inputs[spec.name] = parts[0]
        elif all(part.shape[1:] == shape[1:] for part in parts) and sum(map(len, parts)) == shape[0]:
            inputs[spec.name] = np.concatenate(parts)
        else:
            inputs[spec.name] = _fill(spec, shape, parts)
    return inputs, sizes


def _fill(spec: TensorSpec, shape: tuple[int, ...], parts: Sequence[Array]) -> Array:
    whole = blank(spec, shape)
    row = 0
    for part in parts:
        # Unbatched, there is one part, and axis 0 is an axis like the others.
        rows = slice(row, row + len(part)) if part.ndim else ...
        inner = tuple(slice(size) for size in part.shape[1:])
        whole[(rows, *inner)] = part
        row += len(part) if part.ndim else 0
    return whole


def blank(spec: TensorSpec, shape: tuple[int, ...]) -> Array:
    """Zeros, or empty BYTES."""
    if spec.datatype.dtype.hasobject:
        return np.full(shape, b"", np.object_)
    return np.zeros(shape, spec.datatype.dtype)


def take_apart(
    card: Card, outputs: Mapping[str, Array], sizes: Sizes, requests: Sequence[Admitted]
) -> list[dict[str, Array]]:
    """What each request gets of a call's outputs: its rows, without padding, and the outputs that it wants.

    Raises:
        ModelFailedError: the model gave something else than its card says.
    """
    _keep_word(card, outputs, sizes)
    answers: list[dict[str, Array]] = []
    row = 0
    for request in requests:
        answer: dict[str, Array] = {}
        for spec in card.outputs:
            if spec.name not in request.outputs:
                continue
            cut: list[Any] = [slice(size) for size in shape_of(spec, request.sizes)]
            if spec.batched:
                cut[0] = slice(row, row + request.rows)
            answer[spec.name] = outputs[spec.name][tuple(cut)]
        row += request.rows
        answers.append(answer)
    return answers


def _keep_word(card: Card, outputs: Mapping[str, Array], sizes: Sizes) -> None:
    for spec in card.outputs:
        array = outputs.get(spec.name)
        if array is None:
            raise ModelFailedError(f"The model {card.name!r}, version {card.version}, gave no output {spec.name!r}.")
        shape = shape_of(spec, sizes)
        if array.dtype != spec.datatype.dtype or array.shape != shape:
            raise ModelFailedError(
                f"The model {card.name!r}, version {card.version}, gave {spec.name!r} as {array.dtype} of shape "
                f"{list(array.shape)}; its card says {spec.datatype} of {list(shape)}."
            )


def rehearsals(card: Card) -> Iterator[dict[str, Array]]:
    """Inputs of every shape that the buckets allow, for the warm-up; of an axis without buckets, length 1 and the most.

    At most 64 of them, the smallest first.
    """
    axes = list(dict.fromkeys(axis for spec in card.inputs for axis in spec.axes))
    most = card.batching.max_batch_size
    lengths = [card.batching.buckets.get(axis) or (sorted({1, most or 1}) if axis == BATCH else (1,)) for axis in axes]
    for chosen in itertools.islice(itertools.product(*lengths), _MOST_WARMED):
        sizes = dict(zip(axes, chosen, strict=True))
        yield {spec.name: blank(spec, shape_of(spec, sizes)) for spec in card.inputs}
