"""Cards, and what they make of a request."""

import json
from typing import Any

import numpy as np
import pytest

import inference
from renga_infer.admission import admit
from renga_infer.card import Card, read_card
from renga_infer.errors import InvalidRequestError, ModelRefusedError
from renga_infer.protocol.datatypes import Datatype
from renga_infer.protocol.requests import Request
from renga_infer.protocol.tensors import Tensor

X = {"name": "x", "datatype": "FP64", "shape": [-1, 2]}
Y = {"name": "y", "datatype": "FP64", "shape": [-1]}
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no hash": ({"weights_sha256": "abc"}, "weights_sha256: string should match pattern"),
    "an unknown field": ({"pickle": "model.pkl"}, "pickle: extra inputs are not permitted"),
    "a path as a name": ({"name": "../a"}, "name: string should match pattern"),
    "an unknown datatype": ({"inputs": [X | {"datatype": "BF16"}]}, "inputs.0.datatype: input should be"),
    "no inputs": ({"inputs": []}, "inputs: tuple should have at least 1 item"),
    "two of one name": ({"inputs": [X, X]}, "two of the inputs have one name"),
    "axes without names": ({"inputs": [X | {"shape": [-1, -1]}]}, "has 2 free axes and 0 names"),
    "a batch that is not first": (
        {"inputs": [X | {"shape": [-1, -1], "axes": ["words", "batch"]}]},
        "the axis `batch` of 'x' must be its first",
    ),
    "an output of an axis that no input has": (
        {"outputs": [Y | {"axes": ["words"]}]},
        r"has the axes \['words'\], which no input has",
    ),
    "buckets that fall": ({"batching": {"buckets": {"batch": [8, 4]}}}, "the buckets of 'batch' must rise"),
    "buckets below the limit": ({"batching": {"buckets": {"batch": [8]}}}, "is 8 and max_batch_size is 64"),
    "buckets of no axis": ({"batching": {"buckets": {"words": [8]}}}, r"buckets of \['words'\]"),
    "a batch of what has none": ({"outputs": [Y | {"shape": [1]}]}, "set max_batch_size to 0"),
}


@pytest.mark.parametrize(("changes", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_wrong_card_is_refused(changes: dict[str, Any], reason: str) -> None:
    """A card that contradicts itself is refused with the field that is wrong."""
    described, _ = inference.card_of(inference.affine(1.0), **changes)
    with pytest.raises(ModelRefusedError, match=reason):
        read_card(json.dumps(described).encode())


def card(**changes: Any) -> Card:
    """A card of two columns."""
    return Card.model_validate(inference.card_of(inference.affine(1.0), **changes)[0])


def tensor(shape: list[int], datatype: Datatype = Datatype.FP64, name: str = "x") -> Tensor:
    """A tensor of ones."""
    return Tensor(name, datatype, np.ones(shape, datatype.dtype))


UNFIT: dict[str, tuple[list[Tensor], tuple[str, ...], str]] = {
    "an unknown input": ([tensor([1, 2], name="xx")], (), "has no input 'xx'; did you mean 'x'?"),
    "a missing input": ([], (), "takes the input 'x', and the request has none"),
    "another datatype": ([tensor([1, 2], Datatype.FP32)], (), "is FP32; the model takes FP64"),
    "another width": ([tensor([1, 3])], (), "has the shape [1, 3]; the model takes [-1, 2]"),
    "another number of axes": ([tensor([2])], (), "has the shape [2]; the model takes [-1, 2]"),
    "no rows": ([tensor([0, 2])], (), "has nothing on the axis 'batch'"),
    "too many rows": ([tensor([65, 2])], (), "version 1, takes 64 rows at once, and the request has 65"),
    "an unknown output": ([tensor([1, 2])], ("z",), "has no output 'z'; there is y."),
    "NaN": ([Tensor("x", Datatype.FP64, np.full((1, 2), np.nan))], (), "holds NaN or infinity"),
}


@pytest.mark.parametrize(("inputs", "outputs", "reason"), UNFIT.values(), ids=UNFIT)
def test_a_request_that_does_not_fit_is_refused(inputs: list[Tensor], outputs: tuple[str, ...], reason: str) -> None:
    """The refusal says what the model takes."""
    with pytest.raises(InvalidRequestError) as refusal:
        admit(card(), Request(tuple(inputs), outputs))
    assert reason in str(refusal.value)


def test_a_model_may_take_nan() -> None:
    """Where the card says so, NaN is a value."""
    taken = admit(card(inputs=[X | {"nan": True}]), Request((Tensor("x", Datatype.FP64, np.full((3, 2), np.nan)),)))
    assert (taken.rows, taken.outputs) == (3, ("y",))


def test_free_axes_agree_between_inputs() -> None:
    """Two inputs with one free axis must be as long on it, and within its buckets."""
    words = {"name": "words", "datatype": "INT64", "shape": [-1, -1], "axes": ["batch", "words"]}
    mask = {"name": "mask", "datatype": "BOOL", "shape": [-1, -1], "axes": ["batch", "words"]}
    two = card(inputs=[words, mask], batching={"buckets": {"words": [4, 8]}})
    ints = tensor([2, 5], Datatype.INT64, "words")
    assert admit(two, Request((ints, tensor([2, 5], Datatype.BOOL, "mask")))).sizes == {"batch": 2, "words": 5}
    with pytest.raises(InvalidRequestError, match="has 4 on the axis 'words', and another 5"):
        admit(two, Request((ints, tensor([2, 4], Datatype.BOOL, "mask"))))
    with pytest.raises(InvalidRequestError, match="takes 8 on the axis 'words', and the request has 9"):
        admit(two, Request((tensor([1, 9], Datatype.INT64, "words"), tensor([1, 9], Datatype.BOOL, "mask"))))
