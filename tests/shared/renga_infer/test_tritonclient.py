"""NVIDIA's client, which is not ours, finds what its documentation promises."""

import asyncio
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import tritonclient.http
import tritonclient.http.aio
from tritonclient.utils import InferenceServerException

from inference_server import InferenceServer

ROWS = np.array([[1.0, 2.0], [3.0, 4.0]])


@pytest.fixture
def client(inference_service: InferenceServer) -> Iterator[Any]:
    """A client of the service."""
    with tritonclient.http.InferenceServerClient(f"127.0.0.1:{inference_service.port}") as made:
        yield made


def x(*, binary: bool, rows: Any = ROWS, datatype: str = "FP64") -> Any:
    """The input of `affine`."""
    given = tritonclient.http.InferInput("x", list(rows.shape), datatype)
    given.set_data_from_numpy(rows, binary_data=binary)
    return given


def test_health_and_metadata(client: Any) -> None:
    """Live, ready, ready by model and version; inputs and outputs as they are."""
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("affine")
    assert client.is_model_ready("affine", "1")
    assert not client.is_model_ready("affine", "9")
    assert "binary_tensor_data" in client.get_server_metadata()["extensions"]
    model = client.get_model_metadata("affine", "1")
    assert (model["name"], model["versions"], model["platform"]) == ("affine", ["1", "2"], "renga_linear")
    assert model["inputs"] == [{"name": "x", "datatype": "FP64", "shape": [-1, 2]}]


@pytest.mark.parametrize("out", [True, False], ids=["bytes out", "JSON out"])
@pytest.mark.parametrize("into", [True, False], ids=["bytes in", "JSON in"])
def test_inference(into: bool, out: bool, client: Any) -> None:
    """Binary and JSON, each way, with the id and the version that answered."""
    wanted = [tritonclient.http.InferRequestedOutput("y", binary_data=out)]
    for version, expected in (("", [6, 14]), ("1", [3, 7])):
        result = client.infer("affine", [x(binary=into)], version, wanted, request_id="42")
        np.testing.assert_array_equal(result.as_numpy("y"), expected)
        response = result.get_response()
        assert (response["id"], response["model_name"], response["model_version"]) == ("42", "affine", version or "2")
        assert ("data" in response["outputs"][0]) == (not out)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_compressed_requests(encoding: str, client: Any) -> None:
    """A body may be compressed, bytes behind its JSON too; a compressed answer that is asked for may come plain."""
    result = client.infer(
        "affine", [x(binary=True)], request_compression_algorithm=encoding, response_compression_algorithm=encoding
    )
    np.testing.assert_array_equal(result.as_numpy("y"), [6, 14])


def test_outputs_that_are_not_named_are_all(client: Any) -> None:
    """Without outputs the client asks for all of them as bytes."""
    np.testing.assert_array_equal(client.infer("affine", [x(binary=True)]).as_numpy("y"), [6, 14])


def test_concurrent_requests(client: Any) -> None:
    """Requests that are on their way together get their own answers."""
    with tritonclient.http.InferenceServerClient(
        client._client_stub.host + f":{client._client_stub.port}", concurrency=8
    ) as many:
        asked = [many.async_infer("affine", [x(binary=True, rows=ROWS * factor)]) for factor in range(40)]
        for factor, one in enumerate(asked):
            np.testing.assert_array_equal(one.get_result().as_numpy("y"), np.array([6, 14]) * factor)


REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "an unknown model": ({}, {"model_name": "afine"}, "There is no model 'afine'; did you mean 'affine'"),
    "an unknown version": ({}, {"model_version": "9"}, "has no version '9'; there is 1, 2"),
    "another shape": ({"rows": np.zeros((1, 3))}, {}, r"has the shape \[1, 3\]"),
    "another datatype": ({"rows": ROWS.astype("float32"), "datatype": "FP32"}, {}, "is FP32; the model takes FP64"),
    "an unknown output": ({}, {"outputs": [tritonclient.http.InferRequestedOutput("z")]}, "has no output 'z'"),
    "no time": ({}, {"timeout": 1}, "had no answer in time"),
}  # fmt: skip


@pytest.mark.parametrize(("given", "asked", "reason"), REFUSED.values(), ids=REFUSED)
def test_refusals_reach_the_client(given: dict[str, Any], asked: dict[str, Any], reason: str, client: Any) -> None:
    """The client raises with the server's sentence."""
    with pytest.raises(InferenceServerException, match=reason):
        client.infer(**({"model_name": "affine", "inputs": [x(binary=True, **given)]} | asked))


def test_the_repository_and_its_statistics(client: Any) -> None:
    """Index, load, unload, statistics by the client's own calls."""
    client.load_model("affine")
    client.infer("affine", [x(binary=True)], "1")
    lines = {(line["name"], line["version"]): line["state"] for line in client.get_model_repository_index()}
    assert lines == {("affine", "1"): "READY", ("affine", "2"): "READY"}
    stats = client.get_inference_statistics("affine", "1")["model_stats"]
    assert stats[0]["inference_stats"]["success"]["count"] >= 1
    client.unload_model("affine")
    assert not client.is_model_ready("affine")
    with pytest.raises(InferenceServerException, match="No version of the model 'affine' is loaded"):
        client.infer("affine", [x(binary=True)])
    client.load_model("affine")
    assert client.is_model_ready("affine")


def test_the_asynchronous_client(inference_service: InferenceServer) -> None:
    """The same over asyncio."""

    async def run() -> None:
        async with tritonclient.http.aio.InferenceServerClient(f"127.0.0.1:{inference_service.port}") as client:
            results = await asyncio.gather(
                *(client.infer("affine", [x(binary=True, rows=ROWS * factor)]) for factor in range(20))
            )
            for factor, result in enumerate(results):
                np.testing.assert_array_equal(result.as_numpy("y"), np.array([6, 14]) * factor)

    asyncio.run(run())
