"""Asks a service with the clients of kserve, and prints what they found as JSON: `client.py URL GRPC_ADDRESS`."""

import asyncio
import json
import logging
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import httpx
import numpy as np
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest, RESTConfig
from kserve.protocol.infer_type import RequestedOutput

Found = dict[str, Any]
Infer = Callable[..., Awaitable[Any]]
ROWS = np.array([[1.0, 2.0], [3.0, 4.0]])


def x(rows: Any = ROWS, datatype: str = "FP64", *, binary: bool = False) -> Any:
    """The input of `affine`."""
    given = InferInput("x", list(rows.shape), datatype)
    given.set_data_from_numpy(rows, binary_data=binary)
    return given


def told(response: Any) -> Found:
    """What a response says."""
    y = response.outputs[0]
    return {
        "id": response.id,
        "model": [response.model_name, response.model_version],
        "y": [y.name, y.datatype, y.shape, y.as_numpy().tolist()],
    }


async def ways(infer: Infer, requests: dict[str, Any]) -> Found:
    """Each request's answer, or its refusal: the status and the sentence."""
    found: Found = {}
    for case, request in requests.items():
        try:
            found[case] = told(await infer(request))
        except httpx.HTTPStatusError as error:
            found[case] = [error.response.status_code, str(error)]
        except grpc.aio.AioRpcError as error:
            found[case] = [error.code().name, error.details()]
    return found


def requests(**fields: Any) -> dict[str, Any]:
    """What both clients send."""

    def ask(*inputs: Any, model: str = "affine", **more: Any) -> Any:
        return InferRequest(model, [*inputs], request_id="42", **{**fields, **more})

    return {
        "plain": ask(x()),
        "bytes in": ask(x(binary=True)),
        "named": ask(x(), request_outputs=[RequestedOutput("y")]),
        "an unknown output": ask(x(), request_outputs=[RequestedOutput("z")]),
        "an unknown input": ask(InferInput("z", [1, 1], "FP64", [1.0])),
        "another shape": ask(x(np.zeros((1, 3)))),
        "another datatype": ask(x(ROWS.astype("float32"), "FP32")),
        "no time": ask(x(), parameters={"timeout": 1}),
        "an unknown model": ask(x(), model="afine"),
    }


async def over_rest(url: str) -> Found:
    """The behaviours of `InferenceRESTClient`."""
    client = InferenceRESTClient(RESTConfig(protocol="v2"))
    headers: dict[str, str] = {}

    async def infer(request: Any) -> Any:
        return await client.infer(url, request, model_name=request.model_name, response_headers=headers)

    found: Found = {
        "live": await client.is_server_live(url),
        "ready": await client.is_server_ready(url),
        "models": [await client.is_model_ready(url, name) for name in ("affine", "afine")],
    }
    wanted = [RequestedOutput("y", {"binary_data": True})]
    as_bytes = {
        "bytes out": InferRequest("affine", [x()], "42", request_outputs=wanted),
        "all bytes": InferRequest("affine", [x(binary=True)], "42", parameters={"binary_data_output": True}),
    }
    found["bytes"] = {}
    for case, request in as_bytes.items():
        headers.clear()
        found["bytes"][case] = [told(await infer(request)), headers["content-type"]]
    found["infer"] = await ways(infer, requests())
    await client.close()
    return found


async def over_grpc(address: str) -> Found:
    """The behaviours of `InferenceGRPCClient`."""
    async with InferenceGRPCClient(address) as client:
        return {
            "live": await client.is_server_live(),
            "ready": await client.is_server_ready(),
            "models": [await client.is_model_ready(name) for name in ("affine", "afine")],
            "infer": await ways(client.infer, requests()),
            "version 1": (await ways(client.infer, requests(model_version="1")))["plain"],
        }


async def main(url: str, address: str) -> Found:
    """What both found."""
    return {"rest": await over_rest(url), "grpc": await over_grpc(address)}


if __name__ == "__main__":
    logging.disable()
    sys.stdout.write(json.dumps(asyncio.run(main(*sys.argv[1:]))))
