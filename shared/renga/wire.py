"""CloudEvents over HTTP: binary, structured and batched mode to events and back; data bytes are left alone.

After the CloudEvents 1.0.2 HTTP binding and JSON format; 0.3 is read and written too, as Knative does.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, cast
from urllib.parse import quote, unquote

from pydantic_core import from_json, to_json

from renga_events.envelope import AttributeValue, Envelope

STRUCTURED = "application/cloudevents+json"
BATCHED = "application/cloudevents-batch+json"

_REQUIRED = ("specversion", "id", "source", "type")
_CORE = ("id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "specversion")
_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PARAMETER = rf"{_WORD}[ \t]*=[ \t]*(?:{_WORD}|\"(?:[^\"\\\r\n]|\\[^\r\n])*\")[ \t]*"
_MEDIA_TYPE = re.compile(rf"{_WORD}(?:/{_WORD})?[ \t]*(?:;[ \t]*(?:{_PARAMETER})?)*")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_PRINTABLE = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"%')
_PLAIN = re.compile(f"[{re.escape(_PRINTABLE)}]*")


class NotAnEvent(ValueError):  # noqa: N818 - a sentence about the input
    """A request that claims to be a CloudEvent and is none; the message says why."""


class WireEvent(NamedTuple):
    """An event as it travels."""

    envelope: Envelope
    data: bytes | None = None


def is_json(content_type: str | None) -> bool:
    """Whether a media type is JSON; an event without one is, by the JSON format."""
    return content_type is None or content_type.partition(";")[0].strip().lower().endswith(("/json", "+json"))


def is_event(headers: Mapping[str, str]) -> bool:
    """Whether a request claims to be one CloudEvent; header names are in lower case."""
    return "ce-specversion" in headers or _media_type(headers) == STRUCTURED or "ce-type" in headers


def decode(headers: Mapping[str, str], body: bytes) -> WireEvent:
    """Read the one event of a request or an answer; header names are in lower case.

    Raises:
        NotAnEvent: it is none, or breaks the specification.
    """
    media_type = _media_type(headers)
    if media_type == STRUCTURED:
        return _from_object(_parse(body), "The structured event")
    if media_type == BATCHED:
        raise NotAnEvent("A batch was sent where one event is expected: send its events one by one.")
    if not is_event(headers):
        raise NotAnEvent("The request has no ce-specversion header and no content type application/cloudevents+json.")
    attributes: dict[str, AttributeValue] = {}
    for name, value in headers.items():
        if name.startswith("ce-"):
            text = value if value.isascii() else _utf8(value)
            attributes[name[3:]] = unquote(text) if "%" in text else text
    if content_type := headers.get("content-type"):
        attributes["datacontenttype"] = content_type
    return WireEvent(_envelope(attributes, "The binary event"), body or None)


def decode_batch(body: bytes) -> list[WireEvent]:
    """Read a JSON batch.

    Raises:
        NotAnEvent: it is no array of events.
    """
    items = _parse(body)
    if not isinstance(items, list):
        raise NotAnEvent("A batch of events is a JSON array.")
    return [_from_object(item, f"Event {number} of the batch") for number, item in enumerate(items, start=1)]


def encode_binary(event: WireEvent) -> tuple[list[tuple[str, str]], bytes]:
    """Headers and body of binary mode; attribute values are percent-encoded as the binding asks."""
    envelope = event.envelope
    headers = []
    for name, value in _versioned(envelope).items():
        if name == "datacontenttype":
            headers.append(("content-type", str(value)))
        elif name != "datacontentencoding":  # Of 0.3's JSON; here the bytes are what they are.
            headers.append((f"ce-{name}", _header_value(value)))
    return headers, event.data or b""


def encode_structured(event: WireEvent) -> bytes:
    """The event as one JSON object."""
    return to_json(_to_object(event))


def encode_batch(events: Iterable[WireEvent]) -> bytes:
    """The events as one JSON array."""
    return to_json([_to_object(event) for event in events])


def _media_type(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _header_value(value: AttributeValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return text if _PLAIN.fullmatch(text) else quote(text, safe=_PRINTABLE)


def _utf8(value: str) -> str:
    """A header's value as it was meant: who does not percent-encode, as the Go SDK and Pub/Sub, sends UTF-8."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


def _parse(body: bytes) -> Any:
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise NotAnEvent(f"The body is not JSON, though its content type says so: {error}.") from None


def _from_object(value: Any, what: str) -> WireEvent:
    if not isinstance(value, dict):
        raise NotAnEvent(f"{what} is not a JSON object.")
    attributes: dict[str, AttributeValue] = {}
    for name, item in value.items():
        if name in {"data", "data_base64"} or item is None:
            continue
        if not isinstance(item, str | int):
            raise NotAnEvent(f"{what} has the attribute {name!r} with a value that is no string, integer or boolean.")
        if isinstance(item, int) and not -(2**31) <= item < 2**31:
            raise NotAnEvent(f"{what} has the attribute {name!r} with {item}, and an integer has 32 bits.")
        attributes[name] = item
    envelope = _envelope(attributes, what)
    if "data_base64" in value or envelope.extension("datacontentencoding") == "base64":
        return WireEvent(envelope, _unbase64(value.get("data_base64", value.get("data")), what))
    if "data" not in value:
        return WireEvent(envelope)
    data = value["data"]
    if not is_json(envelope.datacontenttype):
        if not isinstance(data, str):
            raise NotAnEvent(f"{what} has data that is no text, though it is {envelope.datacontenttype}.")
        return WireEvent(envelope, data.encode())
    return WireEvent(envelope, to_json(data))


def _unbase64(text: Any, what: str) -> bytes:
    import base64
    import binascii

    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise NotAnEvent(f"{what} has data that is not base64, though it says so.") from None


def _envelope(attributes: dict[str, AttributeValue], what: str) -> Envelope:
    """The envelope of these attributes, which it takes over; every fault is named at once."""
    core = cast("dict[str, str]", {name: attributes.pop(name) for name in _CORE if name in attributes})
    faults = _faults_of(core) + _faults_of_names(attributes)
    if faults:
        raise NotAnEvent(f"{what} is not valid: {'; '.join(faults[:5])}.")
    if core["specversion"] == "0.3" and "schemaurl" in attributes:
        core["dataschema"] = str(attributes.pop("schemaurl"))
    return Envelope(**core, extensions=attributes)


def _faults_of(core: Mapping[str, Any]) -> list[str]:
    faults = [f"no {name}" for name in _REQUIRED if name not in core]
    faults += [f"{name} is not text" for name, value in core.items() if not isinstance(value, str)]
    if faults:
        return faults
    faults += [f"{name} is empty" for name in _REQUIRED if not core[name].strip()]
    if core["source"].startswith(":"):
        faults.append(f"source {core['source'][:40]!r} is no URI reference")
    if core["specversion"] not in {"1.0", "0.3"}:
        faults.append(f"specversion {core['specversion']!r} is neither 1.0 nor 0.3")
    content_type = core.get("datacontenttype")
    if content_type is not None and not _is_media_type(content_type):
        # The one attribute that becomes a header as it is: it must not end the line.
        faults.append(f"datacontenttype {content_type[:40]!r} is no media type")
    if core["specversion"] == "1.0" and "dataschema" in core and not _ABSOLUTE.match(core["dataschema"]):
        faults.append(f"dataschema {core['dataschema'][:40]!r} is no absolute URI")
    if "time" in core and not _is_rfc3339(core["time"]):
        faults.append(f"time {core['time'][:40]!r} is not RFC 3339")
    return faults


def _faults_of_names(extensions: Mapping[str, Any]) -> list[str]:
    return [
        f"attribute name {name[:40]!r} is not lower-case alphanumeric"
        for name in extensions
        if not (name.isascii() and name.isalnum() and name == name.lower())
    ]


@lru_cache(256)
def _is_media_type(text: str) -> bool:
    return _MEDIA_TYPE.fullmatch(text) is not None


def _is_rfc3339(text: str) -> bool:
    """Python reads all of ISO 8601; RFC 3339 is the part with every field written out and a zone."""
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        return False
    return moment.tzinfo is not None and "".join(text[at : at + 1] for at in (4, 7, 10, 13, 16)).upper() == "--T::"


def _versioned(envelope: Envelope) -> dict[str, AttributeValue]:
    attributes = envelope.attributes()
    if envelope.specversion == "0.3" and "dataschema" in attributes:
        attributes["schemaurl"] = attributes.pop("dataschema")
    return attributes


def _to_object(event: WireEvent) -> dict[str, Any]:
    result: dict[str, Any] = _versioned(event.envelope)
    result.pop("datacontentencoding", None)
    if event.data is None:
        return result
    content_type = event.envelope.datacontenttype
    if is_json(content_type):
        try:
            return result | {"data": from_json(event.data)}
        except ValueError:
            pass  # Bytes that are not what their type says still travel whole, as base64.
    elif content_type is not None and content_type.startswith("text/"):
        try:
            return result | {"data": event.data.decode()}
        except UnicodeDecodeError:
            pass
    import base64

    return result | {"data_base64": base64.b64encode(event.data).decode()}
