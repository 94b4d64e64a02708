"""The committed AsyncAPI document keeps to the rules of AsyncAPI 3.0 for the objects that it uses."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

FIELDS = {
    "document": {"asyncapi", "info", "defaultContentType", "channels", "operations", "components"},
    "info": {"title", "version", "description"},
    "channel": {"address", "summary", "messages"},
    "operation": {"action", "channel", "summary", "tags", "messages"},
    "message": {"name", "title", "summary", "contentType", "correlationId", "headers", "payload"},
    "components": {"messages", "schemas"},
}
"""The fields that the specification gives to each object, as far as the document uses them."""
COMPONENT_NAME = re.compile(r"[a-zA-Z0-9._-]+")


@pytest.fixture(scope="module")
def document(repository: Path) -> dict[str, Any]:
    """The committed document."""
    loaded: dict[str, Any] = yaml.safe_load((repository / "events" / "asyncapi.yaml").read_text())
    return loaded


def test_objects_have_only_fields_of_the_specification(document: dict[str, Any]) -> None:
    """And the document names the version that they are of."""
    assert document["asyncapi"] == "3.0.0"
    assert document.keys() == FIELDS["document"]
    assert document["info"].keys() == FIELDS["info"]
    assert document["components"].keys() == FIELDS["components"]
    for kind, objects in (
        ("channel", document["channels"]),
        ("operation", document["operations"]),
        ("message", document["components"]["messages"]),
    ):
        for name, each in objects.items():
            assert each.keys() <= FIELDS[kind], name


def test_component_names_are_allowed(document: dict[str, Any]) -> None:
    """Letters, digits, dots, dashes and underscores."""
    names = [name for objects in document["components"].values() for name in objects]
    assert [name for name in names if not COMPONENT_NAME.fullmatch(name)] == []


def test_every_reference_leads_somewhere(repository: Path, document: dict[str, Any]) -> None:
    """Into the document, or to a file beside it."""
    references = list(_references(document))
    assert references
    for reference in references:
        file, _, pointer = reference.partition("#")
        if file:
            assert json.loads((repository / "events" / file).read_text())["$schema"]
        target: Any = document
        for part in pointer.split("/")[1:]:
            target = target[part.replace("~1", "/").replace("~0", "~")]


def test_an_operation_is_about_messages_of_its_channel(document: dict[str, Any]) -> None:
    """It sends or receives, on a channel at the root, messages that are the channel's own."""
    for name, operation in document["operations"].items():
        assert operation["action"] in {"send", "receive"}, name
        channel = operation["channel"]["$ref"]
        assert channel.startswith("#/channels/"), name
        assert all(message["$ref"].startswith(f"{channel}/messages/") for message in operation["messages"]), name


def test_a_correlation_is_found_where_the_headers_have_it(document: dict[str, Any]) -> None:
    """The runtime expression points at a header that the envelope describes."""
    headers = document["components"]["schemas"]["Envelope"]["properties"]
    for message in document["components"]["messages"].values():
        location = message["correlationId"]["location"]
        assert location.removeprefix("$message.header#/") in headers


def test_every_attribute_that_travels_is_described(repository: Path, document: dict[str, Any]) -> None:
    """What the samples carry is in the envelope, and all of them carry what it requires."""
    envelope = document["components"]["schemas"]["Envelope"]
    for path in (repository / "events" / "samples").iterdir():
        attributes = json.loads(path.read_text()).keys() - {"data", "datacontenttype"}
        carried = {f"ce-{name}" for name in attributes}
        assert carried <= envelope["properties"].keys(), path.name
        assert set(envelope["required"]) <= carried, path.name


def _references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [found for item in value for found in _references(item)]
    if not isinstance(value, dict):
        return []
    own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
    return own + [found for child in value.values() for found in _references(child)]
