"""What requests and responses have in common: a JSON object, and tensors in it or behind it."""

from collections.abc import Container, Iterable, Mapping
from typing import Any, NamedTuple, cast

from pydantic_core import from_json as parse_json
from pydantic_core import to_json as render_json

from renga_infer.errors import InvalidRequestError
from renga_infer.protocol.binary import from_bytes, to_bytes
from renga_infer.protocol.datatypes import Datatype
from renga_infer.protocol.tensors import Parameters, Tensor, from_json, named, to_json, without_extensions
from renga_infer.suggestion import among

HEADER_LENGTH = "inference-header-content-length"
"""The HTTP header that says how many bytes of JSON come before the tensors."""
MAX_TENSORS = 1024
MAX_NAME = 256
_SIZE = "binary_data_size"
_MAX_SIZE = 2**31 - 1


class Body(NamedTuple):
    """What is sent, and the length of its JSON where tensors follow it."""

    content: bytes
    header_length: int | None


class Opened(NamedTuple):
    """A body taken apart."""

    fields: dict[str, Any]
    tail: memoryview


def header_length_of(text: str | None) -> int | None:
    """What the header says; None where there is none.

    Raises:
        InvalidRequestError: it is no number of bytes.
    """
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise InvalidRequestError(f"{HEADER_LENGTH} is {text[:40]!r}; it must be the number of bytes of the JSON.")
    return int(text)


def open_body(body: bytes, header_length: int | None) -> Opened:
    """The JSON object of a body, and the bytes behind it.

    Raises:
        InvalidRequestError: there is no JSON object of that length.
    """
    view = memoryview(body)
    if header_length is not None and header_length > len(view):
        raise InvalidRequestError(
            f"{HEADER_LENGTH} is {header_length}, and the body has {len(view)} bytes: it was cut, or the header lies."
        )
    end = len(view) if header_length is None else header_length
    try:
        fields = parse_json(bytes(view[:end]) if end < len(view) else body, allow_inf_nan=False)
    except ValueError as error:
        hint = "" if header_length is not None else f" A body with binary data needs the header {HEADER_LENGTH}."
        raise InvalidRequestError(f"The body is no JSON: {error}.{hint}") from None
    if not isinstance(fields, dict):
        raise InvalidRequestError(f"The body is {named(fields)}; it must be a JSON object.")
    return Opened(fields, view[end:])


def read_parameters(value: object, where: str) -> Parameters:
    """The parameters of a request, a response or a tensor.

    Raises:
        InvalidRequestError: they are no object of strings, numbers and booleans.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidRequestError(f"{where} is {named(value)}; it must be an object.")
    for name, parameter in value.items():
        if not isinstance(parameter, str | int | float):
            raise InvalidRequestError(
                f"{where}.{name[:40]} is {named(parameter)}; a parameter is a string, a number or a boolean."
            )
    return value


def read_text(value: object, where: str) -> str:
    """A string that must be there.

    Raises:
        InvalidRequestError: it is not.
    """
    if not isinstance(value, str):
        raise InvalidRequestError(f"{where} is {named(value)}; it must be a string.")
    return value


def read_name(value: object, where: str) -> str:
    """The name of a tensor.

    Raises:
        InvalidRequestError: it is no string, or longer than a name.
    """
    name = read_text(value, where)
    if len(name) > MAX_NAME:
        raise InvalidRequestError(f"{where} has {len(name)} characters; a name has at most {MAX_NAME}.")
    return name


def read_datatype(value: object, place: str) -> Datatype:
    """The datatype of the tensor at a place.

    Raises:
        InvalidRequestError: there is no such.
    """
    text = read_text(value, f"{place}.datatype")
    try:
        return Datatype(text)
    except ValueError:
        raise InvalidRequestError(f"{place}.datatype is {text[:40]!r}; {among(text[:40], Datatype)}") from None


def read_id(fields: Mapping[str, object]) -> str:
    """The id of a request; empty where there is none."""
    return read_text(fields["id"], "id") if fields.get("id") is not None else ""


def read_objects(value: object, where: str) -> list[dict[str, Any]]:
    """An array of objects.

    Raises:
        InvalidRequestError: it is none, or too long.
    """
    if not isinstance(value, list):
        raise InvalidRequestError(f"{where} is {named(value)}; it must be an array.")
    if len(value) > MAX_TENSORS:
        raise InvalidRequestError(f"{where} has {len(value)} entries; at most {MAX_TENSORS} are taken.")
    for at, entry in enumerate(value):
        if not isinstance(entry, dict):
            raise InvalidRequestError(f"{where}[{at}] is {named(entry)}; it must be an object.")
    return cast("list[dict[str, Any]]", value)


def read_tensors(value: object, where: str, tail: memoryview) -> tuple[Tensor, ...]:
    """The tensors of `inputs` or `outputs`; those with a binary size take their bytes from `tail`, in order.

    Raises:
        InvalidRequestError: one of them is wrong, two have one name, or bytes are missing or left over.
    """
    tensors: dict[str, Tensor] = {}
    taken = 0
    for at, entry in enumerate(read_objects(value, where)):
        place = f"{where}[{at}]"
        name = read_name(entry.get("name"), f"{place}.name")
        if name in tensors:
            raise InvalidRequestError(f"{place}.name is {name!r}, as another before it; each tensor is sent once.")
        datatype = read_datatype(entry.get("datatype"), place)
        shape = _shape(entry.get("shape"), place)
        parameters = read_parameters(entry.get("parameters"), f"{place}.parameters")
        without_extensions(parameters, place)
        if _SIZE in parameters:
            size = parameters[_SIZE]
            if "data" in entry:
                raise InvalidRequestError(f"{place} has data and {_SIZE}; it must have one of them.")
            if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= _MAX_SIZE:
                raise InvalidRequestError(f"{place}.parameters.{_SIZE} is {named(size)}; it must be a number of bytes.")
            if taken + size > len(tail):
                raise InvalidRequestError(
                    f"{place} says that it has {size} bytes, and {len(tail) - taken} are left behind the JSON."
                )
            data = from_bytes(tail[taken : taken + size], datatype, shape, place)
            taken += size
        elif "data" in entry:
            data = from_json(entry["data"], datatype, shape, f"{place}.data")
        else:
            raise InvalidRequestError(f"{place} has no data; send `data`, or bytes and `{_SIZE}` in its parameters.")
        tensors[name] = Tensor(name, datatype, data, parameters)
    if taken != len(tail):
        raise InvalidRequestError(f"{len(tail) - taken} bytes are left behind the last tensor of {where}.")
    return tuple(tensors.values())


def write_body(fields: dict[str, Any], where: str, tensors: Iterable[Tensor], binary: Container[str]) -> Body:
    """A body of `fields` and tensors; those whose name is in `binary` follow the JSON as bytes.

    Raises:
        InvalidRequestError: a tensor that JSON cannot hold is not in `binary`.
    """
    entries: list[dict[str, Any]] = []
    tail: list[bytes] = []
    for tensor in tensors:
        entry: dict[str, Any] = {"name": tensor.name, "datatype": tensor.datatype.value, "shape": tensor.shape}
        parameters = {name: value for name, value in tensor.parameters.items() if name != _SIZE}
        if tensor.name in binary:
            tail.append(to_bytes(tensor.data, tensor.datatype))
            parameters[_SIZE] = len(tail[-1])
        else:
            entry["data"] = to_json(tensor)
        if parameters:
            entry["parameters"] = parameters
        entries.append(entry)
    head = render_json({**fields, where: entries})
    return Body(b"".join((head, *tail)), len(head)) if tail else Body(head, None)


def _shape(value: object, place: str) -> list[int]:
    if not isinstance(value, list):
        raise InvalidRequestError(f"{place}.shape is {named(value)}; it must be an array of sizes.")
    for at, size in enumerate(value):
        if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size < 2**31:
            raise InvalidRequestError(f"{place}.shape[{at}] is {named(size)}; a size is an integer from 0 to 2^31 - 1.")
    return value
