"""The protocol over gRPC, under NVIDIA's client and by hand."""

from collections.abc import Callable, Iterator
from typing import Any

import grpc
import numpy as np
import pytest
import tritonclient.grpc
from tritonclient.utils import InferenceServerException

from hosts import free_port
from inference_server import InferenceServer
from renga_infer.server import rpc
from renga_infer.server.app import InferenceApp
from renga_infer.server.messages import CLASSES, SERVICE

ROWS = np.array([[1.0, 2.0], [3.0, 4.0]])
Call = Callable[..., Any]


@pytest.fixture
def client(inference_service: InferenceServer) -> Iterator[Any]:
    """A client of the service."""
    with tritonclient.grpc.InferenceServerClient(f"127.0.0.1:{inference_service.grpc_port}") as made:
        yield made


@pytest.fixture
def call(inference_service: InferenceServer) -> Iterator[Call]:
    """Calls a method with a message."""
    with grpc.insecure_channel(f"127.0.0.1:{inference_service.grpc_port}") as channel:

        def made(method: str, timeout: float | None = 60, **fields: Any) -> Any:
            ask = channel.unary_unary(
                f"/{SERVICE}/{method}",
                request_serializer=CLASSES[f"{method}Request"].SerializeToString,
                response_deserializer=CLASSES[f"{method}Response"].FromString,
            )
            return ask(CLASSES[f"{method}Request"](**fields), timeout=timeout)

        yield made


def x(rows: Any = ROWS, datatype: str = "FP64") -> Any:
    """The input of `affine`."""
    given = tritonclient.grpc.InferInput("x", list(rows.shape), datatype)
    given.set_data_from_numpy(rows)
    return given


def test_health_and_metadata(client: Any) -> None:
    """Live, ready, ready by model and version; inputs and outputs as they are."""
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("affine", "1")
    assert not client.is_model_ready("affine", "9")
    assert not client.is_model_ready("afine")
    assert "binary_tensor_data" in client.get_server_metadata(as_json=True)["extensions"]
    model = client.get_model_metadata("affine", "1", as_json=True)
    assert (model["name"], model["versions"], model["platform"]) == ("affine", ["1", "2"], "renga_linear")
    assert model["inputs"] == [{"name": "x", "datatype": "FP64", "shape": ["-1", "2"]}]


def test_inference(client: Any) -> None:
    """With the id and the version that answered; an explicit version wins."""
    for version, expected in (("", [6, 14]), ("1", [3, 7])):
        wanted = [tritonclient.grpc.InferRequestedOutput("y")]
        result = client.infer("affine", [x()], version, wanted, request_id="42")
        np.testing.assert_array_equal(result.as_numpy("y"), expected)
        response = result.get_response()
        assert (response.id, response.model_name, response.model_version) == ("42", "affine", version or "2")


def test_typed_contents_are_answered_in_kind(call: Call) -> None:
    """A client without raw bytes gets none back."""
    entry = CLASSES["ModelInferRequest.InferInputTensor"](name="x", datatype="FP64", shape=[1, 2])
    entry.contents.fp64_contents.extend([3, 4])
    answer = call("ModelInfer", model_name="affine", inputs=[entry])
    assert list(answer.outputs[0].contents.fp64_contents) == [14]
    assert not answer.raw_output_contents


def test_the_repository(client: Any) -> None:
    """Index, unload and load."""
    client.load_model("affine")
    client.infer("affine", [x()], "1")
    assert {line.version: line.state for line in client.get_model_repository_index().models} == {
        "1": "READY",
        "2": "READY",
    }
    client.unload_model("affine")
    assert not client.is_model_ready("affine")
    client.load_model("affine")
    assert client.is_model_ready("affine")


def test_statistics(client: Any) -> None:
    """Of a version, of a model, of all; they are those that HTTP tells of."""
    client.infer("affine", [x()], "1")
    client.infer("affine", [x(np.ones((7, 2)))], "1")
    (one,) = client.get_inference_statistics("affine", "1").model_stats
    assert (one.name, one.version) == ("affine", "1")
    assert one.inference_count >= 9
    assert one.inference_stats.success.count >= 2
    assert one.inference_stats.compute_infer.ns > 0
    assert one.last_inference > 1_700_000_000_000
    sizes = {size.batch_size: size for size in one.batch_stats}
    assert sizes[7].compute_infer.count == sizes[7].compute_input.count == sizes[7].compute_output.count >= 1
    assert len(client.get_inference_statistics("affine").model_stats) == 2
    assert len(client.get_inference_statistics().model_stats) == 2
    with pytest.raises(InferenceServerException, match=r"NOT_FOUND\] There is no model 'afine'; did you mean"):
        client.get_inference_statistics("afine")


def test_a_load_of_what_is_sent_with_it_is_refused(client: Any) -> None:
    """Models come from the store alone, and their cards say how they are served: neither is overridden in silence."""
    with pytest.raises(InferenceServerException, match=r"INVALID_ARGUMENT\] parameters.config is unknown"):
        client.load_model("affine", config="{}")
    with pytest.raises(InferenceServerException, match=r"INVALID_ARGUMENT\]"):
        client.load_model("affine", config="{}", files={"file:1/model.onnx": b"x"})


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown model": ({"model_name": "afine"}, r"\[StatusCode.NOT_FOUND\] There is no model 'afine'; did you mean"),
    "an unknown version": ({"model_version": "9"}, r"\[StatusCode.NOT_FOUND\] .*has no version '9'; there is 1, 2"),
    "another shape": ({"inputs": [x(np.zeros((1, 3)))]}, r"INVALID_ARGUMENT\] .*has the shape \[1, 3\]"),
    "an unknown output": (
        {"outputs": [tritonclient.grpc.InferRequestedOutput("z")]},
        r"INVALID_ARGUMENT\] .*has no output 'z'",
    ),
    "a classification": (
        {"outputs": [tritonclient.grpc.InferRequestedOutput("y", class_count=2)]},
        r"INVALID_ARGUMENT\] outputs\[0\] asks for classification",
    ),
    "no time": ({"timeout": 1}, r"DEADLINE_EXCEEDED\] .*had no answer in time"),
}


@pytest.mark.parametrize(("changes", "reason"), REFUSED.values(), ids=REFUSED)
def test_refusals_reach_the_client(changes: dict[str, Any], reason: str, client: Any) -> None:
    """Each with the status of gRPC that it is, and the server's sentence."""
    with pytest.raises(InferenceServerException, match=reason):
        client.infer(**({"model_name": "affine", "inputs": [x()]} | changes))


def entry(**fields: Any) -> Any:
    """An input as a message."""
    contents = fields.pop("contents", {})
    made = CLASSES["ModelInferRequest.InferInputTensor"](
        **({"name": "x", "datatype": "FP64", "shape": [1, 2]} | fields)
    )
    for name, values in contents.items():
        getattr(made.contents, name).extend(values)
    return made


RIGHT = [entry(contents={"fp64_contents": [3, 4]})]
MALFORMED: dict[str, tuple[dict[str, Any], str]] = {
    "no inputs": ({}, "The request has no inputs"),
    "no data": ({"inputs": [entry()]}, "fp64_contents has 0 elements"),
    "too many raw": ({"inputs": [entry()], "raw_input_contents": [bytes(16)] * 2}, "has 2 entries for 1 inputs"),
    "cut": ({"inputs": [entry()], "raw_input_contents": [bytes(15)]}, "has 15 bytes; the shape"),
    "twice": ({"inputs": [entry()] * 2, "raw_input_contents": [bytes(16)] * 2}, "as another before it"),
    "an unknown datatype": ({"inputs": [entry(datatype="FP23")]}, "did you mean 'FP32'"),
    "a negative size": ({"inputs": [entry(shape=[-1, 2])]}, "a size is from 0"),
    "a huge shape": ({"inputs": [entry(shape=[2**31 - 1, 2**31 - 1])]}, "more than 2147483648 elements"),
    "FP16 in contents": ({"inputs": [entry(datatype="FP16")]}, "goes in raw_input_contents alone"),
    "beyond INT8": (
        {"inputs": [entry(datatype="INT8", contents={"int_contents": [1, 300]})]},
        "300 out of bounds for int8",
    ),
    "an output twice": (
        {"inputs": RIGHT, "outputs": [CLASSES["ModelInferRequest.InferRequestedOutputTensor"](name="y")] * 2},
        "outputs[1].name is 'y', as another before it",
    ),
    "shared memory": (
        {"inputs": [entry(parameters={"shared_memory_region": CLASSES["InferParameter"](string_param="r")})]},
        "inputs[0] asks for shared_memory_region",
    ),
    "an empty parameter": ({"inputs": RIGHT, "parameters": {"a": CLASSES["InferParameter"]()}}, "has no value"),
    "a wrong timeout": (
        {"inputs": RIGHT, "parameters": {"timeout": CLASSES["InferParameter"](string_param="a")}},
        "microseconds",
    ),
    "too large": ({"inputs": [entry()], "raw_input_contents": [bytes(65 * 2**20)]}, "larger than max"),
}


@pytest.mark.parametrize(("fields", "reason"), MALFORMED.values(), ids=MALFORMED)
def test_malformed_messages_are_refused(fields: dict[str, Any], reason: str, call: Call) -> None:
    """The refusal is the sender's fault and says why."""
    with pytest.raises(grpc.RpcError) as refusal:
        call("ModelInfer", model_name="affine", **fields)
    assert refusal.value.code() in {grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.RESOURCE_EXHAUSTED}
    assert reason in refusal.value.details()


def test_a_fault_of_ours_is_logged_and_told_to_nobody(
    running: Callable[..., None], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A bug is INTERNAL with one sentence; the log has the traceback."""
    monkeypatch.setattr("renga_infer.server.metadata.server_metadata", lambda: 1 / 0)

    async def test(app: InferenceApp) -> None:
        port = free_port()
        server = await rpc.start(app, "127.0.0.1", port, max_request_bytes=1000)
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            ask = channel.unary_unary(f"/{SERVICE}/ServerMetadata")
            with pytest.raises(grpc.aio.AioRpcError) as refusal:
                await ask(b"")
        await server.stop(None)
        assert (refusal.value.code(), refusal.value.details()) == (
            grpc.StatusCode.INTERNAL,
            "The server failed on this request; its log says why.",
        )
        assert app.refused == {500: 1}, "what /metrics tells of"

    running(test)
    assert "ZeroDivisionError" in caplog.text
