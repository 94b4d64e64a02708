"""The AsyncAPI document says who sends and receives what."""

from typing import Any

import pytest
import yaml

from renga_dev.wiring.asyncapi import asyncapi
from renga_dev.wiring.discovery import Function
from renga_events.vocabulary import vocabulary


@pytest.fixture
def document(functions: tuple[Function, ...]) -> dict[str, Any]:
    """The document of a project."""
    loaded: dict[str, Any] = yaml.safe_load(asyncapi(functions, vocabulary(), version="1.2.3"))
    return loaded


def test_there_is_a_channel_for_each_type(document: dict[str, Any]) -> None:
    """Its address is the type, and its one message the type's class."""
    assert set(document["channels"]) == set(vocabulary())
    channel = document["channels"]["dev.renga.schema.parsed.v1"]
    assert channel["address"] == "dev.renga.schema.parsed.v1"
    assert channel["messages"] == {"SchemaParsed": {"$ref": "#/components/messages/SchemaParsed"}}


def test_a_function_receives_what_it_consumes_and_sends_what_it_answers(document: dict[str, Any]) -> None:
    """And it sends that an attempt failed, as everything can that may speak."""
    mine = {name: operation["action"] for name, operation in document["operations"].items() if "schema-parse-" in name}
    assert mine == {
        "schema-parse-receives-schema-submitted-v1": "receive",
        "schema-parse-sends-platform-attempt-failed-v1": "send",
        "schema-parse-sends-schema-parsed-v1": "send",
        "schema-parse-sends-schema-rejected-v1": "send",
    }


def test_what_hears_everything_receives_every_type_and_sends_none(document: dict[str, Any]) -> None:
    """The ledger has one operation for each type."""
    mine = [operation for name, operation in document["operations"].items() if name.startswith("platform-ledger-")]
    assert [operation["action"] for operation in mine] == ["receive"] * len(vocabulary())


def test_a_message_refers_to_its_schema(document: dict[str, Any]) -> None:
    """The payload is the committed JSON Schema, not a copy of it."""
    payload = document["components"]["messages"]["SchemaParsed"]["payload"]
    assert payload["schema"] == {"$ref": "schemas/dev.renga.schema.parsed.v1.json"}
    assert document["info"]["version"] == "1.2.3"
