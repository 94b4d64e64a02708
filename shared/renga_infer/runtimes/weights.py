"""Arrays from `model.safetensors`, checked by name, type and number of axes."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import safetensors
from safetensors.numpy import load_file

from renga_infer.errors import ModelRefusedError
from renga_infer.protocol.datatypes import Array

Wanted = Mapping[str, tuple[str, int]]
"""By the name of an array, its dtype as numpy says it and its number of axes."""


def read_weights(path: Path, wanted: Wanted, optional: Wanted | None = None) -> dict[str, Array]:
    """The arrays of a file: all that are wanted, those optional ones that are there, and no others.

    Raises:
        ModelRefusedError: the file is no safetensors, or an array is absent, unknown, or of another type or form.
    """
    try:
        found = load_file(path)
    except (safetensors.SafetensorError, OSError) as error:
        raise ModelRefusedError(f"model.safetensors cannot be read: {error}.") from None
    known = {**wanted, **(optional or {})}
    for name in wanted:
        if name not in found:
            raise ModelRefusedError(f"model.safetensors has no array {name!r}; it has {', '.join(sorted(found))}.")
    for name, array in found.items():
        if name not in known:
            raise ModelRefusedError(f"model.safetensors has an array {name!r} that the runtime does not know.")
        dtype, axes = known[name]
        if array.dtype != np.dtype(dtype) or array.ndim != axes:
            raise ModelRefusedError(
                f"model.safetensors: {name!r} is {array.dtype} with {array.ndim} axes, not {dtype} with {axes}."
            )
    return found


def memory_of(arrays: Mapping[str, Array]) -> int:
    """Their bytes, together."""
    return sum(array.nbytes for array in arrays.values())
