"""YAML as Kubernetes reads it."""

import re
from dataclasses import dataclass
from typing import Any

import yaml

from renga_dev.manifests._fields import Fault, InvalidManifests

_TAG = "tag:yaml.org,2002:"
_NOT_OURS = {f"{_TAG}timestamp", f"{_TAG}int", f"{_TAG}float"}


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document and where it came from."""

    source: str
    value: Any


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # libyaml's, where it is built in
    """Plain values only; no dates, and no base-60 numbers such as 10:30, which PyYAML would make of texts."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _NOT_OURS]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    f"{_TAG}int", re.compile(r"[-+]?(?:0|[1-9][0-9]*|0x[0-9a-fA-F]+|0[0-7]+)\Z"), list("-+0123456789")
)
_Loader.add_implicit_resolver(
    f"{_TAG}float",
    re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?\Z"),
    list("-+.0123456789"),
)


def parse(text: str, source: str) -> list[Document]:
    """The documents of a YAML stream; empty ones are left out.

    Raises:
        InvalidManifests: it is no YAML.
    """
    try:
        values = list(yaml.load_all(text, Loader=_Loader))
    except yaml.YAMLError as error:
        raise InvalidManifests([Fault(source, "YAML", ".", " ".join(str(error).split()))]) from None
    return [Document(source, value) for value in values if value is not None]
