"""The service as a process."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tritonclient.grpc
from tritonclient.utils import InferenceServerException

import inference
import inference_server
from hosts import PATIENCE_S
from renga_infer.registry.package import write_version

INFER = "/v2/models/affine/infer"
LEVELS = 20_000


def refusal(client: Any) -> str:
    """The status of a call to a server that stops; none is answered.

    Those that are on their way when it begins to are CANCELLED, by gRPC itself: github.com/grpc/grpc/issues/41785.
    """
    status = "StatusCode.CANCELLED"
    while status == "StatusCode.CANCELLED":
        with pytest.raises(InferenceServerException) as refused:
            client.is_server_live()
        status = refused.value.status()
    return status


def test_sigterm_finishes_what_was_accepted(own_models: Path, tmp_path: Path) -> None:
    """Requests in a queue are answered after SIGTERM and no new ones taken; half a request is not waited for."""
    inference.publish(own_models, "2", 2.0, batching={"max_queue_delay_microseconds": 6_000_000})
    with (
        inference_server.started(own_models, tmp_path / "log", grpc=True) as server,
        ThreadPoolExecutor(9) as pool,
    ):
        server.until_ready()
        asked = [pool.submit(server.call, "POST", INFER, inference.ask([[1, value]])) for value in range(8)]
        x = tritonclient.grpc.InferInput("x", [1, 2], "FP64")
        x.set_data_from_numpy(np.array([[1.0, 8.0]]))
        client = tritonclient.grpc.InferenceServerClient(f"127.0.0.1:{server.grpc_port}")
        asked_by_grpc = pool.submit(client.infer, "affine", [x])
        while 'renga_infer_queue_length{model="affine",version="2"} 9.0' not in (
            server.call("GET", "/metrics").body.decode()
        ):
            time.sleep(0.01)
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE_S) as half:
            head = f"POST {INFER} HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 9\r\n\r\n"
            half.sendall(head.encode())
            # It is there, and its body is waited for.
            assert half.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
            half.sendall(b"{")
            server.process.send_signal(signal.SIGTERM)
            assert half.recv(12) == b"HTTP/1.1 503"
        assert refusal(client) == "StatusCode.UNAVAILABLE"
        assert [json.loads(one.result().body)["outputs"][0]["data"] for one in asked] == [
            [2 + 2 * value] for value in range(8)
        ]
        assert asked_by_grpc.result().as_numpy("y").tolist() == [18]
        client.close()
        assert server.process.wait(PATIENCE_S) == 0


def endless(models: Path) -> None:
    """Publish `endless`, trees that take a positive number down, one level after another, for minutes."""
    weights = {
        "feature": np.zeros(LEVELS, "int32"),
        "threshold": np.zeros(LEVELS),
        "default_left": np.ones(LEVELS, "bool"),
        "left": np.full(LEVELS, -1, "int32"),
        "right": np.append(np.arange(1, LEVELS), -1).astype("int32"),
        "value": np.ones(1),
        "root": np.zeros(LEVELS, "int32"),
        "output": np.zeros(LEVELS, "int32"),
        "base": np.zeros(1),
    }
    x = [{"name": "x", "datatype": "FP64", "shape": [-1, 1]}]
    card = inference.described(name="endless", runtime="gbdt", inputs=x)
    write_version(models, card, weights, [{"x": np.array([[-1.0]])}])


def test_sigterm_waits_for_no_model_that_computes_for_nobody(own_models: Path, tmp_path: Path) -> None:
    """Once the last request has its answer, here that it was too late, a model that goes on is left, and named."""
    endless(own_models)
    with inference_server.started(own_models, tmp_path / "log") as server:
        server.until_ready()
        late = server.call(
            "POST", "/v2/models/endless/infer", inference.ask([[1.0]] * 64, parameters={"timeout": 50_000})
        )
        assert late.status == 504
        assert server.stop() == 0
        assert "a model did not end in 1 s: endless version 1." in server.log.read_text()


def test_sigterm_waits_for_no_model_that_is_being_loaded(own_models: Path, tmp_path: Path) -> None:
    """Weights that do not come, here from a pipe that nobody writes into, keep the service from starting alone."""
    weights = own_models / "affine" / "1" / "model.safetensors"
    weights.unlink()
    os.mkfifo(weights)
    with inference_server.started(own_models, tmp_path / "log") as server:
        states: list[str] = []
        while states != ["LOADING"]:
            assert server.process.poll() is None
            with contextlib.suppress(OSError):
                states = [line["state"] for line in server.json("POST", "/v2/repository/index")]
            time.sleep(0.02)
        assert server.stop() == 0
        assert "a model did not end in 1 s: one that was being loaded." in server.log.read_text()


@pytest.mark.parametrize(
    ("env", "reason"),
    [
        ({"PORT": "http"}, "PORT='http': input should be a valid integer"),
        ({"RENGA_INFER_MODELS": "/nowhere"}, "There is no folder of models at /nowhere: set RENGA_INFER_MODELS"),
        ({"RENGA_INFER_CPUS": "all", "RENGA_INFER_TIMEOUT_S": "0"}, "RENGA_INFER_TIMEOUT_S='0': input should be gr"),
    ],
)
def test_a_wrong_setting_ends_it_at_once(env: dict[str, str], reason: str, own_models: Path) -> None:
    """The process ends with status 1 and names the variable, its value and what it takes."""
    settings = {"HOST": "127.0.0.1", "PORT": "0", "RENGA_INFER_MODELS": str(own_models)}
    done = subprocess.run(
        [sys.executable, "-m", "renga_infer"],
        env={**os.environ, **settings, **env},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert (done.returncode, reason in done.stderr) == (1, True), done.stderr


def test_a_taken_port_ends_it_at_once(own_models: Path) -> None:
    """The process says which variable to set."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = {"HOST": "127.0.0.1", "PORT": str(taken.getsockname()[1]), "RENGA_INFER_MODELS": str(own_models)}
        done = subprocess.run(
            [sys.executable, "-m", "renga_infer"],
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
    assert (done.returncode, "Set PORT to a free port" in done.stderr) == (1, True), done.stderr


def test_nothing_imports_torch_but_its_runtime() -> None:
    """Every other module is imported without torch, and the protocol without a server or a client."""
    program = """
import pkgutil, sys
sys.modules["torch"] = None
import renga_infer.protocol.requests, renga_infer.protocol.responses
heavy = {"uvicorn", "aiohttp", "grpc", "safetensors", "prometheus_client", "renga", "renga_events", "renga_dev"}
print(sorted(heavy & set(sys.modules)))
import renga_infer
torchs = {f"renga_infer.runtimes.{name}" for name in ("modules", "networks", "tensors", "gpu")}
for module in pkgutil.walk_packages(renga_infer.__path__, "renga_infer."):
    if module.name not in torchs | {"renga_infer.__main__"} and not module.name.startswith("renga_infer.links"):
        __import__(module.name)
print(sorted({"renga", "renga_events", "renga_dev"} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=PATIENCE_S
    )
    assert done.stdout == "[]\n[]\n", done.stdout + done.stderr
