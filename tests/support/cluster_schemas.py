"""Whether a cluster knows every field of an object: Kubernetes' own schemas, and Knative's resource definitions."""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft4Validator, ValidationError
from kubernetes_validate import validate  # type: ignore[import-untyped]

KUBERNETES = "1.34"
"""What Knative 1.22 asks for."""
CRDS = {
    "serving.knative.dev/v1 Service": "serving/service.yaml",
    "eventing.knative.dev/v1 Broker": "eventing/broker.yaml",
    "eventing.knative.dev/v1 Trigger": "eventing/trigger.yaml",
    "sources.knative.dev/v1 SinkBinding": "eventing/sinkbindings.yaml",
}


def fault(document: Mapping[str, Any], definitions: Path) -> str | None:
    """What a cluster would refuse or drop of an object, or None; unknown fields are refused.

    Args:
        document: the object.
        definitions: the folder of Knative's resource definitions.
    """
    kind = f"{document['apiVersion']} {document['kind']}"
    try:
        if kind in CRDS:
            version = document["apiVersion"].rpartition("/")[2]
            Draft4Validator(strict_schema(definitions / CRDS[kind], version)).validate(document)
        else:
            validate(document, KUBERNETES, strict=True)
    except ValidationError as error:
        return f"{kind} {document['metadata']['name']}: {error.json_path}: {error.message}"
    return None


@functools.cache
def strict_schema(path: Path, version: str) -> dict[str, Any]:
    """A version's schema out of a resource definition, closed: the API server would drop unknown fields in silence."""
    definition = yaml.safe_load(path.read_text())
    (schema,) = [each["schema"] for each in definition["spec"]["versions"] if each["name"] == version]
    root: dict[str, Any] = schema["openAPIV3Schema"]
    # The API server knows these three of every object; definitions leave them out.
    root["properties"] |= {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"}}
    _close(root)
    return root


def _close(node: Any) -> None:
    """Refuse unknown fields wherever fields are listed, unless the definition says to keep them."""
    if isinstance(node, list):
        for item in node:
            _close(item)
        return
    if not isinstance(node, dict):
        return
    if node.pop("x-kubernetes-int-or-string", False):
        node.pop("type", None)
    if "properties" in node and not node.get("x-kubernetes-preserve-unknown-fields"):
        node["additionalProperties"] = False
    for child in node.values():
        _close(child)
