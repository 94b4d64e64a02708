"""What goes back: an inference response, or an error."""

from collections.abc import Container
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import to_json

from renga_infer.errors import InferenceError
from renga_infer.protocol.bodies import Body, open_body, read_id, read_parameters, read_tensors, read_text, write_body
from renga_infer.protocol.tensors import Parameters, Tensor


@dataclass(frozen=True, slots=True)
class Response:
    """What a version of a model answered."""

    model_name: str
    model_version: str
    outputs: tuple[Tensor, ...]
    id: str = ""
    parameters: Parameters = field(default_factory=dict)


def write_response(response: Response, binary: Container[str]) -> Body:
    """The body of a response; outputs whose name is in `binary` go as bytes.

    Raises:
        InvalidRequestError: an output that JSON cannot hold is not in `binary`.
    """
    fields: dict[str, Any] = {"model_name": response.model_name, "model_version": response.model_version}
    if response.id:
        fields["id"] = response.id
    if response.parameters:
        fields["parameters"] = dict(response.parameters)
    return write_body(fields, "outputs", response.outputs, binary)


def read_response(body: bytes, header_length: int | None = None) -> Response:
    """The response in a body; `header_length` is what its header says.

    Raises:
        InvalidRequestError: it is none.
    """
    fields, tail = open_body(body, header_length)
    return Response(
        read_text(fields.get("model_name"), "model_name"),
        read_text(fields.get("model_version"), "model_version"),
        read_tensors(fields.get("outputs"), "outputs", tail),
        read_id(fields),
        read_parameters(fields.get("parameters"), "parameters"),
    )


def write_error(error: InferenceError) -> bytes:
    """The body of every refusal."""
    return to_json({"error": str(error)})
