"""The AsyncAPI 3.0 document: a channel for each event type, and what each function sends and receives."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from renga_dev.wiring._yaml import as_yaml
from renga_dev.wiring.discovery import Function
from renga_dev.wiring.vocabulary import short_name
from renga_events.base import Event

JSON = "application/json"
SCHEMA_FORMAT = "application/schema+json;version=draft-2020-12"

_TEXT = {"type": "string"}
# The envelope, for all types alike, as HTTP headers of binary mode; other transports have names of their own.
_ENVELOPE = {
    "ce-specversion": {"const": "1.0"},
    "ce-id": _TEXT | {"description": "With the source: the event's identity. Deliveries repeat; this does not."},
    "ce-type": _TEXT | {"description": "The message's name."},
    "ce-source": _TEXT | {"format": "uri-reference", "description": "`/functions/schema/parse`."},
    "ce-subject": _TEXT | {"description": "The aggregate that the event is about."},
    "ce-time": _TEXT | {"format": "date-time"},
    "ce-correlationid": _TEXT | {"description": "The run: the id of the event that began it."},
    "ce-causationid": _TEXT | {"description": "The id of the event that this one answers."},
    "ce-partitionkey": _TEXT | {"description": "Events of one key may be kept in order."},
    "ce-traceparent": _TEXT | {"description": "W3C Trace Context."},
    "ce-tracestate": _TEXT,
    "ce-rengaattempt": _TEXT | {"description": "Which attempt of its function this answer is of, from 1."},
    "ce-rengastart": _TEXT | {"enum": ["cold", "warm"], "description": "Whether its function had to be started."},
    "ce-rengaduration": _TEXT | {"description": "How long the handler took, in milliseconds."},
    "ce-replayof": _TEXT | {"description": "Of an event that is sent again: the dead letter that it was kept as."},
    "ce-rengareplays": _TEXT | {"description": "Which replay of it this is, from 1."},
    "ce-dataref": _TEXT | {"description": "Where the data lies that was too large to travel."},
}
_REQUIRED = ["ce-specversion", "ce-id", "ce-source", "ce-type"]

Document = dict[str, Any]


def asyncapi(functions: Iterable[Function], types: Mapping[str, type[Event]], *, version: str) -> str:
    """The document as YAML; messages refer to the files in `schemas/` beside it."""
    functions = tuple(functions)
    operations: Document = {}
    for function in functions:
        heard = tuple(types) if function.hears_everything else function.consumes
        for ce_type in heard:
            operations[_operation_id(function, "receives", ce_type)] = _operation(
                function, "receive", ce_type, types[ce_type]
            )
        for ce_type in function.says:
            operations[_operation_id(function, "sends", ce_type)] = _operation(
                function, "send", ce_type, types[ce_type]
            )
    document = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Renga",
            "version": version,
            "description": "CloudEvents 1.0 between small functions. Delivery is at least once and unordered.",
        },
        "defaultContentType": JSON,
        "channels": {ce_type: _channel(ce_type, cls) for ce_type, cls in types.items()},
        "operations": dict(sorted(operations.items())),
        "components": {
            "messages": {cls.__name__: _message(ce_type, cls) for ce_type, cls in types.items()},
            "schemas": {"Envelope": {"type": "object", "properties": _ENVELOPE, "required": _REQUIRED}},
        },
    }
    return as_yaml([document], origin="renga_events and the annotations of the functions")


def _channel(ce_type: str, cls: type[Event]) -> Document:
    return {
        "address": ce_type,
        "summary": _summary(cls),
        "messages": {cls.__name__: {"$ref": f"#/components/messages/{cls.__name__}"}},
    }


def _message(ce_type: str, cls: type[Event]) -> Document:
    return {
        "name": ce_type,
        "title": cls.__name__,
        "summary": _summary(cls),
        "contentType": JSON,
        "correlationId": {"location": "$message.header#/ce-correlationid"},
        "headers": {"$ref": "#/components/schemas/Envelope"},
        "payload": {"schemaFormat": SCHEMA_FORMAT, "schema": {"$ref": f"schemas/{ce_type}.json"}},
    }


def _operation(function: Function, action: str, ce_type: str, cls: type[Event]) -> Document:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{ce_type}"},
        "summary": function.summary,
        "tags": [{"name": function.name}],
        "messages": [{"$ref": f"#/channels/{ce_type}/messages/{cls.__name__}"}],
    }


def _operation_id(function: Function, verb: str, ce_type: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", f"{function.name} {verb} {short_name(ce_type)}")


def _summary(cls: type[Event]) -> str:
    return (cls.__doc__ or "").strip().partition("\n\n")[0].replace("\n", " ")
