"""Requests and responses as bodies."""

import json
from typing import Any

import numpy as np
import pytest

from renga_infer.errors import InvalidRequestError, UnknownModelError
from renga_infer.protocol.bodies import header_length_of
from renga_infer.protocol.datatypes import Datatype
from renga_infer.protocol.requests import Request, read_request, write_request
from renga_infer.protocol.responses import Response, read_response, write_error, write_response
from renga_infer.protocol.tensors import Tensor

X = Tensor("x", Datatype.FP32, np.arange(6, dtype="float32").reshape(3, 2))
WORDS = Tensor("words", Datatype.BYTES, np.array([b"a", b"\xff"], object), {"language": "ja"})


def body(**changes: Any) -> bytes:
    """The JSON of a small request, changed."""
    tensor = {"name": "x", "datatype": "FP32", "shape": [2], "data": [1, 2]}
    return json.dumps({"inputs": [tensor | changes.pop("tensor", {})], **changes}).encode()


@pytest.mark.parametrize("binary", [{"words"}, {"x", "words"}])
def test_a_request_comes_back_as_it_went(binary: set[str]) -> None:
    """Inputs as JSON, as bytes or mixed; the outputs that are wanted and how; id and parameters."""
    given = Request(
        (X, WORDS),
        ("p", "q"),
        frozenset({"q"}),
        id="42",
        parameters={"tenant": "a", "timeout": 1_500_000, "ratio": 0.5, "dry": True},
    )
    content, length = write_request(given, binary)
    found = read_request(content, length)
    assert (found.outputs, found.binary, found.id, found.parameters) == (
        given.outputs,
        given.binary,
        given.id,
        given.parameters,
    )
    assert found.timeout_s == 1.5
    assert [found.wants_binary(name) for name in ("p", "q", "r")] == [False, True, False]
    for there, here in zip(found.inputs, given.inputs, strict=True):
        assert (there.name, there.datatype, there.shape) == (here.name, here.datatype, here.shape)
        np.testing.assert_array_equal(there.data, here.data)
    assert found.inputs[1].parameters["language"] == "ja"


def test_a_request_of_json_alone_needs_no_header() -> None:
    """Without binary inputs the body is JSON and nothing else."""
    content, length = write_request(Request((X,), all_binary=True), ())
    assert length is None
    assert json.loads(content)["parameters"] == {"binary_data_output": True}
    assert read_request(content).wants_binary("anything")


def test_an_output_wins_over_the_request() -> None:
    """`binary_data` of an output wins over `binary_data_output` of the request, both ways."""
    outputs = [{"name": "p", "parameters": {"binary_data": False}}, {"name": "q"}]
    found = read_request(body(outputs=outputs, parameters={"binary_data_output": True}))
    assert [found.wants_binary(name) for name in ("p", "q")] == [False, True]


@pytest.mark.parametrize("binary", [(), ("x",)])
def test_a_response_comes_back_as_it_went(binary: tuple[str, ...]) -> None:
    """A response names the model and the version that computed it, and echoes the id."""
    given = Response("links", "3", (X,), "42", {"shadowed": True})
    content, length = write_response(given, binary)
    assert (length is None) == (not binary)
    found = read_response(content, length)
    assert (found.model_name, found.model_version, found.id, found.parameters) == ("links", "3", "42", given.parameters)
    np.testing.assert_array_equal(found.outputs[0].data, X.data)


def test_an_error_is_one_sentence() -> None:
    """Every refusal is an object with the one field `error`."""
    assert json.loads(write_error(UnknownModelError("There is no model 'a'."))) == {"error": "There is no model 'a'."}


WRONG: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "The body is no JSON"),
    "no JSON": (b"{", "The body is no JSON"),
    "no UTF-8": (b'{"inputs": "\xff"}', "The body is no JSON"),
    "half a pair of surrogates": (rb'{"inputs": "\ud800"}', "The body is no JSON"),
    "bottomless": (b'{"inputs":' + b"[" * 100_000, "The body is no JSON"),
    "NaN": (body(tensor={"data": [1, float("nan")]}), "The body is no JSON"),
    "infinity": (body(tensor={"data": [1, float("-inf")]}), "The body is no JSON"),
    "beyond every number": (body().replace(b"[1, 2]", b"[1, 1e999]"), "FP32 reaches from"),
    "an array": (b"[]", "The body is an array; it must be a JSON object"),
    "no inputs": (b"{}", "The request has no inputs; send at least one"),
    "empty inputs": (b'{"inputs": []}', "The request has no inputs; send at least one"),
    "inputs that are none": (b'{"inputs": 7}', "inputs is an integer (7); it must be an array"),
    "an input that is none": (b'{"inputs": [[]]}', "inputs[0] is an array; it must be an object"),
    "no name": (b'{"inputs": [{}]}', "inputs[0].name is null; it must be a string"),
    "a long name": (body(tensor={"name": "x" * 257}), "inputs[0].name has 257 characters"),
    "no datatype": (body(tensor={"datatype": None}), "inputs[0].datatype is null; it must be a string"),
    "an unknown datatype": (body(tensor={"datatype": "FP23"}), "'FP23'; did you mean 'FP32'?"),
    "no shape": (body(tensor={"shape": None}), "inputs[0].shape is null; it must be an array of sizes"),
    "a negative size": (body(tensor={"shape": [-1]}), "inputs[0].shape[0] is an integer (-1); a size is"),
    "a size that is none": (body(tensor={"shape": [2, True]}), "inputs[0].shape[1] is a boolean (True)"),
    "a huge size": (body(tensor={"shape": [10**30]}), "inputs[0].shape[0] is an integer (far from 0)"),
    "no data": (body(tensor={"shape": [2], "data": None}), "inputs[0].data is null"),
    "no bytes": (body(tensor={"parameters": {"binary_data_size": 8}}), "has data and binary_data_size"),
    "an id that is none": (body(id=7), "id is an integer (7); it must be a string"),
    "parameters that are none": (body(parameters=[]), "parameters is an array; it must be an object"),
    "a parameter that is none": (body(parameters={"a": None}), "parameters.a is null; a parameter is a string"),
    "a flag that is none": (body(parameters={"binary_data_output": 1}), "must be true or false"),
    "outputs that are none": (body(outputs={}), "outputs is an object; it must be an array"),
    "an output without a name": (body(outputs=[{}]), "outputs[0].name is null"),
    "an output twice": (body(outputs=[{"name": "p"}, {"name": "p"}]), "outputs[1].name is 'p', as another before it"),
    "a classification": (body(outputs=[{"name": "p", "parameters": {"classification": 3}}]), "asks for classification"),
    "shared memory": (body(tensor={"parameters": {"shared_memory_region": "r"}}), "shared memory"),
    "too many inputs": (b'{"inputs": [' + b"{}," * 1024 + b"{}]}", "inputs has 1025 entries; at most 1024"),
}


@pytest.mark.parametrize(("content", "reason"), WRONG.values(), ids=WRONG)
def test_a_wrong_body_is_refused(content: bytes, reason: str) -> None:
    """The refusal names the field, the value and what to do."""
    with pytest.raises(InvalidRequestError) as refusal:
        read_request(content)
    assert reason in str(refusal.value)
    assert len(str(refusal.value)) < 500


def test_an_input_is_sent_once() -> None:
    """Two inputs of one name are refused: which one was meant cannot be known."""
    twice = json.dumps({"inputs": [json.loads(body())["inputs"][0]] * 2}).encode()
    with pytest.raises(InvalidRequestError, match="'x', as another before it"):
        read_request(twice)


LYING: dict[str, tuple[Any, int, str]] = {
    "more than there are": (8, 4, "says that it has 8 bytes, and 4 are left"),
    "fewer than there are": (8, 12, "4 bytes are left behind the last tensor"),
    "fewer than the shape": (4, 4, "has 4 bytes; the shape [2] of FP32 has 8"),
    "below nothing": (-8, 8, "must be a number of bytes"),
    "no number": ("8", 8, "must be a number of bytes"),
    "a boolean": (True, 1, "must be a number of bytes"),
    "a huge number": (2**70, 8, "must be a number of bytes"),
}


@pytest.mark.parametrize(("size", "sent", "reason"), LYING.values(), ids=LYING)
def test_a_lying_size_is_refused(size: Any, sent: int, reason: str) -> None:
    """A `binary_data_size` that is not that of the bytes behind the JSON is refused."""
    tensor = {"name": "x", "datatype": "FP32", "shape": [2], "parameters": {"binary_data_size": size}}
    head = json.dumps({"inputs": [tensor]}).encode()
    with pytest.raises(InvalidRequestError) as refusal:
        read_request(head + bytes(sent), len(head))
    assert reason in str(refusal.value)


def test_the_header_must_be_true() -> None:
    """A header length beyond the body, or that is no number, is refused; without it bytes behind JSON are a fault."""
    with pytest.raises(InvalidRequestError, match="it was cut, or the header lies"):
        read_request(body(), 10_000)
    for text in ("", "-1", "1e3", "٣", "9" * 40):
        with pytest.raises(InvalidRequestError, match="must be the number of bytes"):
            header_length_of(text)
    assert (header_length_of(None), header_length_of("12")) == (None, 12)
    with pytest.raises(InvalidRequestError, match="needs the header inference-header-content-length"):
        read_request(body() + b"\x00\x00")


@pytest.mark.parametrize("timeout", [True, "1", -1, 10**30])
def test_a_deadline_is_microseconds(timeout: Any) -> None:
    """A deadline that is no time is refused."""
    with pytest.raises(InvalidRequestError, match=r"parameters.timeout is .*; it must be microseconds"):
        _ = read_request(body(parameters={"timeout": timeout})).timeout_s
    assert read_request(body(parameters={"timeout": 0})).timeout_s is None
