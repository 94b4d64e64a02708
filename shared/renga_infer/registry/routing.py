"""Which version answers a request that names none."""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from renga_infer.card import Name
from renga_infer.errors import InvalidRequestError
from renga_infer.protocol.requests import Request


class Routing(BaseModel):
    """A model's `routing.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    default: Name
    """The version that answers."""
    split: dict[Name, Annotated[float, Field(gt=0, le=1e9)]] = {}
    """Versions by weight, instead of the default; a sender always gets the same one, by its key."""
    sticky: str = "tenant"
    """The parameter of a request that holds the key; without it the key is the request's id, and then the default
    answers."""
    shadow: Name | None = None
    """A version that computes as well; its answers are compared and thrown away."""

    @model_validator(mode="after")
    def _shadow_is_another(self) -> Self:
        if self.shadow is not None and self.shadow in self.versions(shadow=False):
            raise ValueError(f"the version {self.shadow!r} answers already, so it cannot be the shadow")
        return self

    def versions(self, *, shadow: bool = True) -> list[str]:
        """Every version that this may lead to."""
        answering = list(self.split) or [self.default]
        return [*dict.fromkeys([self.default, *answering]), *([self.shadow] if shadow and self.shadow else [])]

    def choose(self, name: str, request: Request) -> str:
        """The version that answers a request for the model `name`."""
        if not self.split:
            return self.default
        key = request.parameters.get(self.sticky, request.id)
        if key == "":
            return self.default
        digest = blake2b(f"{name}\0{key}".encode(), digest_size=8).digest()
        point = int.from_bytes(digest) / 2**64 * sum(self.split.values())
        for version, weight in self.split.items():
            point -= weight
            if point < 0:
                return version
        return next(reversed(self.split))


def read_routing(content: bytes, known: Iterable[str]) -> Routing:
    """The routing in the content of `routing.json`, or in the body of a request.

    Raises:
        InvalidRequestError: it is none, or names a version that is not known.
    """
    try:
        routing = Routing.model_validate_json(content)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False)[0]
        field = ".".join(str(step) for step in fault["loc"]) or "the routing"
        raise InvalidRequestError(f"{field}: {fault['msg'].lower()}.") from None
    versions = set(known)
    for version in routing.versions():
        if version not in versions:
            raise InvalidRequestError(f"The routing names version {version!r}; there is {', '.join(sorted(versions))}.")
    return routing
