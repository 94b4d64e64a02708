"""What the service reads from its environment, once, before it listens."""

import os
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

_PREFIX = "RENGA_INFER_"
_PLAIN = {"host", "port"}
"""Those whose variables have no prefix: a container's contract."""


class SettingsError(ValueError):
    """A variable is wrong; the message names it, its value and what it takes."""


class InferenceSettings(BaseModel):
    """Each field is read from `RENGA_INFER_<FIELD>`, `host` and `port` from `HOST` and `PORT`."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    host: str = "0.0.0.0"  # noqa: S104 - in a container the port is the contract
    """The address to listen on."""
    port: int = Field(8080, ge=0, le=65535)
    """The port of HTTP."""
    grpc_port: int = Field(0, ge=0, le=65535)
    """The port of gRPC; 0: no gRPC."""
    models: str = str(Path(__file__).with_name("models"))
    """A folder of models, or the URL of a bucket (gs://, s3://, az://); by default the models that come with Renga."""
    cache: Path = Path("/tmp/renga/models")  # noqa: S108 - the one place a container may always write
    """Where what a bucket holds is kept on disk."""
    cache_bytes: int = Field(10 * 1024**3, ge=0)
    """What the cache may take on disk; beyond it the least recently used that nobody has in memory go. 0: no limit."""
    memory_bytes: int = Field(0, ge=0)
    """What the weights of all models in memory may take together; beyond it the least recently used go. 0: no limit."""
    timeout_s: float = Field(30.0, gt=0)
    """How long a request may take that brings no deadline, in seconds."""
    drain_s: float = Field(30.0, ge=0)
    """How long accepted requests may take after SIGTERM, in seconds."""
    max_request_bytes: int = Field(64 * 1024 * 1024, gt=0)
    """The largest body."""
    cpus: str = Field("", pattern=r"^(\d+(,\d+)*)?$")
    """The CPUs that models compute on, `0,1`; empty: all."""
    strict_readiness: bool = True
    """Whether the server is ready only while every model is, as the protocol says; false: once all were tried."""
    control: bool = True
    """Whether callers may load, unload and route."""

    @classmethod
    def from_environment(cls) -> Self:
        """Read every variable.

        Raises:
            SettingsError: one of them is wrong.
        """
        given = {name: os.environ[cls.variable(name)] for name in cls.model_fields if cls.variable(name) in os.environ}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            faults = [
                f"{cls.variable(str(fault['loc'][0]))}={str(fault['input'])[:60]!r}: {fault['msg'].lower()}"
                for fault in error.errors(include_url=False)
            ]
            raise SettingsError(f"The settings cannot be read from the environment: {'; '.join(faults)}.") from None

    @classmethod
    def variable(cls, field: str) -> str:
        """The environment variable of a field."""
        return field.upper() if field in _PLAIN else f"{_PREFIX}{field.upper()}"

    @property
    def cpu_numbers(self) -> tuple[int, ...]:
        """`cpus` as numbers."""
        return tuple(int(number) for number in self.cpus.split(",") if number)
