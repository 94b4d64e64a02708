"""The golden set: requests with the answers that a version must give wherever it runs.

`golden.json` is `{"cases": [{"inputs": [...], "outputs": [...]}]}`, with the tensors as the protocol has them in JSON.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic_core import to_json

from renga_infer.admission import Admitted, admit
from renga_infer.card import Card, Tolerance
from renga_infer.engine.shapes import assemble, take_apart
from renga_infer.errors import InferenceError, InvalidRequestError, ModelRefusedError
from renga_infer.protocol.bodies import open_body, read_objects, read_tensors
from renga_infer.protocol.datatypes import Array
from renga_infer.protocol.requests import Request
from renga_infer.protocol.tensors import Tensor
from renga_infer.protocol.tensors import to_json as tensor_to_json
from renga_infer.runtimes import Model


@dataclass(frozen=True, slots=True)
class Case:
    """One request and its answer."""

    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]


def read_golden(content: bytes) -> list[Case]:
    """The cases of a golden set.

    Raises:
        ModelRefusedError: it is none, or it is empty.
    """
    nothing = memoryview(b"")
    try:
        fields, _ = open_body(content, None)
        entries = read_objects(fields.get("cases"), "cases")
        cases = [
            Case(
                read_tensors(entry.get("inputs"), f"cases[{at}].inputs", nothing),
                read_tensors(entry.get("outputs"), f"cases[{at}].outputs", nothing),
            )
            for at, entry in enumerate(entries)
        ]
    except InvalidRequestError as error:
        raise ModelRefusedError(f"golden.json: {error}") from None
    if not cases:
        raise ModelRefusedError("golden.json has no cases: nothing would show that this model answers as it should.")
    return cases


def write_golden(cases: Sequence[Case]) -> bytes:
    """The content of `golden.json`.

    Raises:
        InvalidRequestError: a tensor holds what JSON has not.
    """
    return to_json({"cases": [{"inputs": _plain(case.inputs), "outputs": _plain(case.outputs)} for case in cases]})


def _plain(tensors: Sequence[Tensor]) -> list[dict[str, Any]]:
    return [
        {"name": tensor.name, "datatype": tensor.datatype.value, "shape": tensor.shape, "data": tensor_to_json(tensor)}
        for tensor in tensors
    ]


def check(card: Card, model: Model, cases: Sequence[Case]) -> None:
    """Have the model answer every case.

    Raises:
        ModelRefusedError: an answer is beyond the card's tolerance, or there is none.
    """
    for at, case in enumerate(cases):
        try:
            answer = answer_alone(card, model, admit(card, Request(case.inputs)))
        except InferenceError as error:
            raise ModelRefusedError(f"golden.json: cases[{at}]: {error}") from None
        golden = {tensor.name: tensor.data for tensor in case.outputs}
        if golden.keys() != answer.keys():
            raise ModelRefusedError(f"golden.json: cases[{at}] has the outputs {sorted(golden)}, not {sorted(answer)}.")
        for name, wanted in golden.items():
            difference = beyond(card.tolerance, answer[name], wanted)
            if difference is not None:
                raise ModelRefusedError(f"golden.json: cases[{at}]: {name!r} is off by {difference:.3g}.")


def answer_alone(card: Card, model: Model, request: Admitted) -> Mapping[str, Array]:
    """One request, computed by itself with the padding that its card declares.

    Raises:
        InferenceError: the model does not take it.
        ModelRefusedError: the model failed.
    """
    inputs, sizes = assemble(card, [request])
    try:
        outputs = model.compute(inputs)
    except Exception as error:  # noqa: BLE001 - a model that fails on its own example is refused, whatever it raises
        raise ModelRefusedError(f"it failed with {type(error).__name__}: {error}"[:500]) from None
    return take_apart(card, outputs, sizes, [request])[0]


def beyond(tolerance: Tolerance, found: Array, wanted: Array) -> float | None:
    """The largest difference, where it is beyond the tolerance; infinite where the two cannot be compared."""
    difference = largest_difference(found, wanted)
    if difference == 0:
        return None
    if np.isinf(difference) or not np.issubdtype(wanted.dtype, np.floating):
        return difference
    allowed = np.allclose(found, wanted, rtol=tolerance.relative, atol=tolerance.absolute, equal_nan=True)
    return None if allowed else difference


def largest_difference(found: Array, wanted: Array) -> float:
    """Of numbers, the largest absolute difference; of others 0 or infinity."""
    if found.shape != wanted.shape or found.dtype != wanted.dtype:
        return float("inf")
    if np.array_equal(found, wanted):
        return 0.0
    if wanted.dtype.kind not in "iuf":
        return float("inf")
    differences = np.abs(found.astype(np.float64) - wanted.astype(np.float64))
    same = (found == wanted) | (np.isnan(found) & np.isnan(wanted) if wanted.dtype.kind == "f" else False)
    differences[same] = 0
    largest = float(differences.max())
    return float("inf") if np.isnan(largest) else largest
