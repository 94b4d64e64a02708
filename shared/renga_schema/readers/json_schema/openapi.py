"""OpenAPI and Swagger documents: where they keep what describes objects."""

from renga_schema.readers.json_schema.document import Node


def is_api(root: Node) -> bool:
    """Whether a document describes an API."""
    return any((node := root.get(key)) is not None and node.value is not None for key in ("openapi", "swagger"))


def definitions(root: Node) -> list[tuple[str, Node]]:
    """The named schemas of an API: `components.schemas`, or in Swagger 2 `definitions`."""
    components = root.get("components")
    schemas = components.get("schemas") if components else None
    found = schemas or root.get("definitions")
    return list(found.value.items()) if found is not None and isinstance(found.value, dict) else []
