"""What a caller may say when it asks for a model to be loaded or unloaded, over HTTP as over gRPC."""

from collections.abc import Iterable
from typing import NamedTuple

from renga_infer.errors import InvalidRequestError
from renga_infer.protocol.tensors import Parameters, named
from renga_infer.suggestion import among


class Load(NamedTuple):
    """What is to be loaded."""

    version: str | None
    """None: what the routing names, or else the newest."""
    default: bool
    """Whether requests that name no version are led to it."""


def read_load(parameters: Parameters) -> Load:
    """What the parameters of a load say.

    Raises:
        InvalidRequestError: one is unknown, such as Triton's `config`, or of another type.
    """
    _known(parameters, ("version", "default"))
    default = parameters.get("default", False)
    if not isinstance(default, bool):
        raise InvalidRequestError(f"parameters.default is {named(default)}; it must be true or false.")
    return Load(_version(parameters), default)


def read_unload(parameters: Parameters) -> str | None:
    """The version that the parameters of an unload name; None: all of them.

    Triton's clients always say `unload_dependents`; nothing here depends on another model.

    Raises:
        InvalidRequestError: one is unknown or of another type.
    """
    _known(parameters, ("version", "unload_dependents"))
    return _version(parameters)


def _known(parameters: Parameters, known: Iterable[str]) -> None:
    for name in parameters:
        if name not in known:
            raise InvalidRequestError(f"parameters.{name[:40]} is unknown; {among(name[:40], known)}")


def _version(parameters: Parameters) -> str | None:
    version = parameters.get("version")
    if not isinstance(version, str | None):
        raise InvalidRequestError(f"parameters.version is {named(version)}; it must be a string.")
    return version
