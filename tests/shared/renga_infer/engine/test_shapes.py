"""Batches from requests, and requests from batches."""

from typing import Any

import numpy as np

import inference
from renga_infer.admission import admit
from renga_infer.card import Card
from renga_infer.engine.shapes import assemble, rehearsals, take_apart
from renga_infer.protocol.datatypes import Datatype
from renga_infer.protocol.requests import Request
from renga_infer.protocol.tensors import Tensor

WORDS = {"name": "words", "datatype": "BYTES", "shape": [-1, -1], "axes": ["batch", "length"]}
LENGTHS = {"name": "lengths", "datatype": "INT64", "shape": [-1]}


def card(**fields: Any) -> Card:
    """A card for what is not computed here."""
    return Card.model_validate(inference.card_of(inference.affine(1.0), **fields)[0])


def words(*rows: list[bytes]) -> Request:
    """A request of words, with the length of each row."""
    data = np.array(rows, object)
    lengths = np.full(len(rows), data.shape[1])
    return Request((Tensor("words", Datatype.BYTES, data), Tensor("lengths", Datatype.INT64, lengths)))


def test_every_input_is_padded_and_every_output_cut() -> None:
    """BYTES are padded with nothing, numbers with 0; outputs lose the padding of both axes."""
    two = card(
        inputs=[WORDS, LENGTHS],
        outputs=[WORDS | {"name": "upper"}, LENGTHS | {"name": "double"}],
        batching={"max_batch_size": 4, "buckets": {"batch": [1, 4], "length": [1, 3]}},
    )
    requests = [admit(two, words([b"a", b"b"])), admit(two, words([b"c", b"d"], [b"e", b"f"]))]
    inputs, sizes = assemble(two, requests)
    assert sizes == {"batch": 4, "length": 3}
    assert inputs["words"].tolist() == [[b"a", b"b", b""], [b"c", b"d", b""], [b"e", b"f", b""], [b"", b"", b""]]
    assert inputs["lengths"].tolist() == [2, 2, 2, 0]
    upper = np.array([[word.upper() for word in row] for row in inputs["words"].tolist()], object)
    answers = take_apart(two, {"upper": upper, "double": inputs["lengths"] * 2}, sizes, requests)
    assert [answer["upper"].tolist() for answer in answers] == [[[b"A", b"B"]], [[b"C", b"D"], [b"E", b"F"]]]
    assert [answer["double"].tolist() for answer in answers] == [[4], [4, 4]]


def test_a_model_without_a_batch_axis_takes_one_request_at_a_time() -> None:
    """Its shapes are what they are, an axis of any length and a scalar among them."""
    alone = card(
        inputs=[
            {"name": "signal", "datatype": "FP32", "shape": [-1], "axes": ["time"]},
            {"name": "scale", "datatype": "FP32", "shape": []},
        ],
        outputs=[{"name": "scaled", "datatype": "FP32", "shape": [-1], "axes": ["time"]}],
        batching={"max_batch_size": 0, "buckets": {"time": [4, 8]}},
    )
    signal, scale = np.arange(5, dtype="float32"), np.array(2, "float32")
    request = admit(alone, Request((Tensor("signal", Datatype.FP32, signal), Tensor("scale", Datatype.FP32, scale))))
    inputs, sizes = assemble(alone, [request])
    assert inputs["signal"].tolist() == [0, 1, 2, 3, 4, 0, 0, 0]
    assert inputs["scale"].tolist() == 2
    (answer,) = take_apart(alone, {"scaled": inputs["signal"] * inputs["scale"]}, sizes, [request])
    assert answer["scaled"].tolist() == [0, 2, 4, 6, 8]


def test_the_warm_up_has_every_declared_shape() -> None:
    """Each bucket of each axis with each of the others; without buckets one row and the most."""
    two = card(
        inputs=[WORDS, LENGTHS],
        outputs=[LENGTHS | {"name": "double"}],
        batching={"max_batch_size": 4, "buckets": {"batch": [1, 4], "length": [1, 3]}},
    )
    assert [inputs["words"].shape for inputs in rehearsals(two)] == [(1, 1), (1, 3), (4, 1), (4, 3)]
    plain = card(batching={"max_batch_size": 16})
    assert [inputs["x"].shape for inputs in rehearsals(plain)] == [(1, 2), (16, 2)]
    endless = card(batching={"max_batch_size": 200, "buckets": {"batch": list(range(1, 201))}})
    assert len(list(rehearsals(endless))) == 64
