"""The protocol over gRPC, around the same registry; it is there with the extra `infer-grpc`."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import grpc
import grpc.aio
import numpy as np

from renga_infer.errors import (
    DeadlineExceededError,
    InferenceError,
    InvalidRequestError,
    UnavailableError,
    UnknownModelError,
)
from renga_infer.protocol.binary import from_bytes, to_bytes
from renga_infer.protocol.bodies import read_datatype
from renga_infer.protocol.datatypes import Array, Datatype
from renga_infer.protocol.requests import TIMEOUT, Request
from renga_infer.protocol.tensors import Parameter, Tensor, count_of, without_extensions
from renga_infer.server import metadata
from renga_infer.server.app import InferenceApp
from renga_infer.server.changes import read_load, read_unload
from renga_infer.server.messages import CLASSES, SERVICE

_CODES = {
    400: grpc.StatusCode.INVALID_ARGUMENT,
    404: grpc.StatusCode.NOT_FOUND,
    429: grpc.StatusCode.RESOURCE_EXHAUSTED,
    500: grpc.StatusCode.INTERNAL,
    503: grpc.StatusCode.UNAVAILABLE,
    504: grpc.StatusCode.DEADLINE_EXCEEDED,
}
_CONTENTS = {
    Datatype.BOOL: "bool_contents",
    **dict.fromkeys((Datatype.INT8, Datatype.INT16, Datatype.INT32), "int_contents"),
    Datatype.INT64: "int64_contents",
    **dict.fromkeys((Datatype.UINT8, Datatype.UINT16, Datatype.UINT32), "uint_contents"),
    Datatype.UINT64: "uint64_contents",
    Datatype.FP32: "fp32_contents",
    Datatype.FP64: "fp64_contents",
    Datatype.BYTES: "bytes_contents",
}
_Handler = Callable[[Any, Any], Awaitable[Any]]


async def start(app: InferenceApp, host: str, port: int, *, max_request_bytes: int) -> grpc.aio.Server:
    """Listen; requests are answered until the server that this gives is stopped.

    Raises:
        OSError: the port is taken.
    """
    server = grpc.aio.server(options=[("grpc.max_receive_message_length", max_request_bytes), ("grpc.so_reuseport", 0)])
    service = _Service(app)
    handlers: dict[str, _Handler] = {
        "ServerLive": service.server_live,
        "ServerReady": service.server_ready,
        "ModelReady": service.model_ready,
        "ServerMetadata": service.server_metadata,
        "ModelMetadata": service.model_metadata,
        "ModelInfer": service.model_infer,
        "RepositoryIndex": service.repository_index,
        "RepositoryModelLoad": service.repository_model_load,
        "RepositoryModelUnload": service.repository_model_unload,
        "ModelStatistics": service.model_statistics,
    }
    server.add_generic_rpc_handlers(
        (
            grpc.method_handlers_generic_handler(
                SERVICE, {name: _method(name, handler, app) for name, handler in handlers.items()}
            ),
        )
    )
    try:
        server.add_insecure_port(f"{f'[{host}]' if ':' in host else host}:{port}")
    except RuntimeError as error:
        raise OSError(f"gRPC port {port}: {error}") from None
    await server.start()
    return server


def _method(name: str, handler: _Handler, app: InferenceApp) -> Any:
    async def answer(message: Any, context: Any) -> Any:
        try:
            return await handler(message, context)
        except Exception as error:  # noqa: BLE001 - see `refusal`
            said = _said(app.refusal(error, f"gRPC {name}"))
        return await context.abort(*said)

    return grpc.unary_unary_rpc_method_handler(
        answer,
        request_deserializer=CLASSES[f"{name}Request"].FromString,
        response_serializer=CLASSES[f"{name}Response"].SerializeToString,
    )


def _said(error: InferenceError) -> tuple[grpc.StatusCode, str]:
    return _CODES[error.status], str(error)


class _Service:
    def __init__(self, app: InferenceApp) -> None:
        self._app = app
        self._registry = app.registry

    async def server_live(self, message: Any, context: Any) -> Any:
        return CLASSES["ServerLiveResponse"](live=True)

    async def server_ready(self, message: Any, context: Any) -> Any:
        return CLASSES["ServerReadyResponse"](ready=self._app.why_not_ready() is None)

    async def model_ready(self, message: Any, context: Any) -> Any:
        try:
            found = self._registry.find(message.name, message.version or None)
        except (UnknownModelError, UnavailableError):
            return CLASSES["ModelReadyResponse"](ready=False)
        return CLASSES["ModelReadyResponse"](ready=found.batcher is not None or found.on_demand)

    async def server_metadata(self, message: Any, context: Any) -> Any:
        return CLASSES["ServerMetadataResponse"](**metadata.server_metadata())

    async def model_metadata(self, message: Any, context: Any) -> Any:
        card = await self._registry.card(message.name, message.version or None)
        return CLASSES["ModelMetadataResponse"](**metadata.model_metadata(self._registry, card))

    async def model_infer(self, message: Any, context: Any) -> Any:
        raw = bool(message.raw_input_contents)
        request = Request(
            _inputs(message),
            _outputs(message),
            id=message.id,
            parameters=_within_deadline(_parameters(message.parameters), context.time_remaining()),
        )
        response = await self._registry.infer(message.model_name, message.model_version or None, request)
        answer = CLASSES["ModelInferResponse"](
            model_name=response.model_name, model_version=response.model_version, id=response.id
        )
        raw = raw or any(tensor.datatype is Datatype.FP16 for tensor in response.outputs)
        for tensor in response.outputs:
            entry = answer.outputs.add(name=tensor.name, datatype=tensor.datatype.value, shape=tensor.shape)
            if raw:
                answer.raw_output_contents.append(to_bytes(tensor.data, tensor.datatype))
            else:
                getattr(entry.contents, _CONTENTS[tensor.datatype]).extend(tensor.data.ravel().tolist())
        return answer

    async def repository_index(self, message: Any, context: Any) -> Any:
        return CLASSES["RepositoryIndexResponse"](models=metadata.index(self._registry, ready_only=message.ready))

    async def repository_model_load(self, message: Any, context: Any) -> Any:
        self._app.controlled()
        wanted = read_load(_parameters(message.parameters))
        await self._registry.load(message.model_name, wanted.version, default=wanted.default)
        return CLASSES["RepositoryModelLoadResponse"]()

    async def repository_model_unload(self, message: Any, context: Any) -> Any:
        self._app.controlled()
        await self._registry.unload(message.model_name, read_unload(_parameters(message.parameters)))
        return CLASSES["RepositoryModelUnloadResponse"]()

    async def model_statistics(self, message: Any, context: Any) -> Any:
        found = metadata.statistics(self._registry, message.name or None, message.version or None)
        return CLASSES["ModelStatisticsResponse"](**found)


def _within_deadline(parameters: Mapping[str, Parameter], remaining_s: float | None) -> dict[str, Parameter]:
    """The parameters with the call's own deadline, where that is the earlier one."""
    given = dict(parameters)
    asked_s = Request((), parameters=given).timeout_s
    if remaining_s is not None and remaining_s < (asked_s or float("inf")):
        if remaining_s <= 0:
            raise DeadlineExceededError("The call's deadline is over.")
        given[TIMEOUT] = max(1, int(remaining_s * 1_000_000)) if remaining_s < 1_000_000 else 0
    return given


def _parameters(messages: Mapping[str, Any]) -> dict[str, Parameter]:
    found: dict[str, Parameter] = {}
    for name, message in messages.items():
        choice = message.WhichOneof("parameter_choice")
        if choice is None or choice == "bytes_param":
            raise InvalidRequestError(f"The parameter {name[:40]!r} has no value that the server reads.")
        found[name] = getattr(message, choice)
    return found


def _outputs(message: Any) -> tuple[str, ...]:
    names: list[str] = []
    for at, entry in enumerate(message.outputs):
        if entry.name in names:
            raise InvalidRequestError(f"outputs[{at}].name is {entry.name[:80]!r}, as another before it; ask once.")
        without_extensions(_parameters(entry.parameters), f"outputs[{at}]")
        names.append(entry.name)
    return tuple(names)


def _inputs(message: Any) -> tuple[Tensor, ...]:
    raw = message.raw_input_contents
    if raw and len(raw) != len(message.inputs):
        raise InvalidRequestError(
            f"raw_input_contents has {len(raw)} entries for {len(message.inputs)} inputs; it must have one for each."
        )
    tensors: dict[str, Tensor] = {}
    for at, entry in enumerate(message.inputs):
        where = f"inputs[{at}]"
        if entry.name in tensors:
            raise InvalidRequestError(f"{where}.name is {entry.name[:80]!r}, as another before it; send each once.")
        without_extensions(_parameters(entry.parameters), where)
        datatype = read_datatype(entry.datatype, where)
        shape = list(entry.shape)
        if any(not 0 <= size < 2**31 for size in shape):
            raise InvalidRequestError(f"{where}.shape is {shape[:16]}; a size is from 0 to 2^31 - 1.")
        if raw:
            data = from_bytes(memoryview(raw[at]), datatype, shape, where)
        else:
            data = _contents(entry.contents, datatype, shape, where)
        tensors[entry.name] = Tensor(entry.name, datatype, data)
    if not tensors:
        raise InvalidRequestError("The request has no inputs; send at least one.")
    return tuple(tensors.values())


def _contents(contents: Any, datatype: Datatype, shape: list[int], where: str) -> Array:
    if datatype not in _CONTENTS:
        raise InvalidRequestError(f"{where} is {datatype}, which goes in raw_input_contents alone.")
    values = getattr(contents, _CONTENTS[datatype])
    count = count_of(shape, where)
    if len(values) != count:
        raise InvalidRequestError(
            f"{where}.contents.{_CONTENTS[datatype]} has {len(values)} elements; the shape {shape} has {count}."
        )
    if datatype is Datatype.BYTES:
        array = np.empty(count, np.object_)
        array[:] = list(values)
        return array.reshape(shape)
    try:
        # As a list: numpy would take the container for an array of wider numbers, and cut them to size in silence.
        return np.array(list(values), datatype.dtype).reshape(shape)
    except OverflowError as error:
        raise InvalidRequestError(f"{where}.contents: {error}.") from None
