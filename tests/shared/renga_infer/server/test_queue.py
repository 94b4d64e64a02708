"""A queue that is full, and clients that leave it, over real connections."""

import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import tritonclient.grpc
from tritonclient.utils import InferenceServerException

import inference
import inference_server
from hosts import PATIENCE_S
from inference_server import InferenceServer

INFER = "/v2/models/affine/infer"
BODY = inference.ask([[1, 2]])


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InferenceServer]:
    """A service whose queue holds two requests, for ten seconds."""
    folder = tmp_path_factory.mktemp("queue")
    patient = {"max_queue_size": 2, "max_queue_delay_microseconds": 10_000_000}
    inference.publish(folder / "models", "1", 1.0, batching=patient)
    with inference_server.started(folder / "models", folder / "log", grpc=True) as server:
        server.until_ready()
        yield server


def metric(service: InferenceServer, name: str) -> float:
    """One of the model's numbers."""
    text = service.call("GET", "/metrics").body.decode()
    return float(text.partition(f'\nrenga_infer_{name}{{model="affine",version="1"}} ')[2].partition("\n")[0])


def until(what: Callable[[], bool]) -> None:
    """Wait for something that is bound to come."""
    deadline = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def over_http(service: InferenceServer) -> Callable[[], Any]:
    """Ask, and give what hangs up."""
    client = socket.create_connection(("127.0.0.1", service.port))
    client.sendall(f"POST {INFER} HTTP/1.1\r\nhost: a\r\ncontent-length: {len(BODY)}\r\n\r\n".encode() + BODY)
    return client.close


def test_clients_that_leave_make_room(service: InferenceServer) -> None:
    """A full queue is 429 with Retry-After, RESOURCE_EXHAUSTED over gRPC; whoever hangs up or cancels is dropped."""
    x = tritonclient.grpc.InferInput("x", [1, 2], "FP64")
    x.set_data_from_numpy(np.array([[1.0, 2.0]]))
    with tritonclient.grpc.InferenceServerClient(f"127.0.0.1:{service.grpc_port}") as client:
        hang_up = over_http(service)
        asked = client.async_infer("affine", [x], callback=lambda *_: None)
        until(lambda: metric(service, "queue_length") == 2)
        refused = service.call("POST", INFER, BODY)
        assert refused.status == 429
        assert int(refused.headers["retry-after"]) >= 1
        assert b"2 requests wait for the model 'affine', version 1, and that is its limit" in refused.body
        with pytest.raises(InferenceServerException, match=r"RESOURCE_EXHAUSTED\] 2 requests wait"):
            client.infer("affine", [x])
        hang_up()
        until(lambda: metric(service, "dropped_total") == 1)
        asked.cancel()
        until(lambda: metric(service, "dropped_total") == 2)
        # There is room again, and nobody who left is computed for.
        late = inference.ask([[1, 2]], parameters={"timeout": 1000})
        assert service.call("POST", INFER, late).status == 504
    assert metric(service, "rows_total") == 0
