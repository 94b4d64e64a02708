"""One Service of an overlay, with a table of who gets which share of its requests."""

import json
from collections.abc import Mapping
from typing import Any

from renga_dev.manifests import parse


class NoTable(ValueError):  # noqa: N818 - says what is the case
    """A Service cannot be given shares."""


def manifest(rendered: str, service: str, shares: Mapping[str, int]) -> str:
    """What is applied of a Service, as JSON.

    Args:
        rendered: what `kubectl kustomize` said of the overlay.
        service: its name.
        shares: percent of each revision, in the order of the table; none: everything goes to the newest that is ready,
            which is what Knative does with a Service that has no table.

    Raises:
        NoTable: the overlay has no such Service, or gives it a table itself.
        InvalidManifests: that is no YAML.
    """
    found = _service(rendered, service)
    if "traffic" in found["spec"]:
        raise NoTable(f"The overlay says itself who gets the requests of {service}: take its `traffic` out.")
    if shares:
        table = [{"revisionName": name, "percent": percent} for name, percent in shares.items() if percent]
        found["spec"]["traffic"] = table
    return json.dumps(found, indent=1) + "\n"


def _service(rendered: str, name: str) -> dict[str, Any]:
    for document in parse(rendered, "kubectl kustomize"):
        match document.value:
            case {
                "apiVersion": "serving.knative.dev/v1",
                "kind": "Service",
                "metadata": {"name": found},
                "spec": dict(),
            }:
                if found == name:
                    value: dict[str, Any] = document.value
                    return value
    raise NoTable(f"The overlay has no Service {name}.")
