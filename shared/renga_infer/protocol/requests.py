"""An inference request: from bytes for the server, to bytes for the client."""

from collections.abc import Container
from dataclasses import dataclass, field
from typing import Any

from renga_infer.errors import InvalidRequestError
from renga_infer.protocol.bodies import (
    Body,
    open_body,
    read_id,
    read_name,
    read_objects,
    read_parameters,
    read_tensors,
    write_body,
)
from renga_infer.protocol.tensors import Parameters, Tensor, named, without_extensions

TIMEOUT = "timeout"
"""The parameter of a request that holds its deadline, in microseconds from its arrival, as Triton has it."""
_BINARY = "binary_data"
_ALL_BINARY = "binary_data_output"


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be computed, whichever model is asked."""

    inputs: tuple[Tensor, ...]
    outputs: tuple[str, ...] = ()
    """The outputs that are wanted; empty: all of them."""
    binary: frozenset[str] = frozenset()
    """Those of them that are wanted as bytes."""
    all_binary: bool = False
    """Whether those that are not named are wanted as bytes."""
    id: str = ""
    parameters: Parameters = field(default_factory=dict)

    @property
    def timeout_s(self) -> float | None:
        """How long the sender waits, in seconds; None where it does not say.

        Raises:
            InvalidRequestError: it says something else.
        """
        value = self.parameters.get(TIMEOUT)
        if value is None:
            return None
        if isinstance(value, bool | str) or not 0 <= value < 10**12:
            raise InvalidRequestError(f"parameters.{TIMEOUT} is {named(value)}; it must be microseconds, 0 for none.")
        return value / 1_000_000 or None

    def wants_binary(self, output: str) -> bool:
        """Whether an output goes back as bytes."""
        return output in self.binary or (self.all_binary and output not in self.outputs)


def read_request(body: bytes, header_length: int | None = None) -> Request:
    """The request in a body; `header_length` is what its header says: see `bodies.header_length_of`.

    Raises:
        InvalidRequestError: it is none; the message names the field, its value and what to do.
    """
    fields, tail = open_body(body, header_length)
    if "inputs" not in fields:
        raise InvalidRequestError("The request has no inputs; send at least one.")
    parameters = read_parameters(fields.get("parameters"), "parameters")
    outputs, binary = _outputs(fields.get("outputs"), all_binary=_flag(parameters, _ALL_BINARY, "parameters"))
    inputs = read_tensors(fields["inputs"], "inputs", tail)
    if not inputs:
        raise InvalidRequestError("The request has no inputs; send at least one.")
    all_binary = bool(parameters.get(_ALL_BINARY))
    return Request(inputs, outputs, binary, all_binary, read_id(fields), parameters)


def write_request(request: Request, binary: Container[str]) -> Body:
    """The body of a request; inputs whose name is in `binary` go as bytes.

    Raises:
        InvalidRequestError: an input that JSON cannot hold is not in `binary`.
    """
    fields: dict[str, Any] = {"id": request.id} if request.id else {}
    parameters = dict(request.parameters)
    if request.all_binary:
        parameters[_ALL_BINARY] = True
    if parameters:
        fields["parameters"] = parameters
    if request.outputs:
        fields["outputs"] = [
            {"name": name, "parameters": {_BINARY: request.wants_binary(name)}} for name in request.outputs
        ]
    return write_body(fields, "inputs", request.inputs, binary)


def _outputs(value: object, *, all_binary: bool) -> tuple[tuple[str, ...], frozenset[str]]:
    if value is None:
        return (), frozenset()
    names: list[str] = []
    binary: set[str] = set()
    for at, entry in enumerate(read_objects(value, "outputs")):
        place = f"outputs[{at}]"
        name = read_name(entry.get("name"), f"{place}.name")
        if name in names:
            raise InvalidRequestError(f"{place}.name is {name!r}, as another before it; each output is asked for once.")
        names.append(name)
        parameters = read_parameters(entry.get("parameters"), f"{place}.parameters")
        without_extensions(parameters, place)
        # What an output says of itself wins over what the request says of all.
        if _flag(parameters, _BINARY, f"{place}.parameters") or (all_binary and _BINARY not in parameters):
            binary.add(name)
    return tuple(names), frozenset(binary)


def _flag(parameters: Parameters, name: str, where: str) -> bool:
    value = parameters.get(name, False)
    if not isinstance(value, bool):
        raise InvalidRequestError(f"{where}.{name} is {named(value)}; it must be true or false.")
    return value
