"""CloudEvents over HTTP, both ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renga import wire
from renga.wire import NotAnEvent, WireEvent
from renga_events import Envelope

BINARY = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/s", "ce-type": "t"}
attribute_text = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn")), min_size=1, max_size=30)
visible_text = attribute_text.filter(lambda text: bool(text.strip()))


def events() -> st.SearchStrategy[WireEvent]:
    """Any valid event with JSON data or none."""
    envelopes = st.builds(
        Envelope,
        id=visible_text,
        source=visible_text.filter(lambda text: not text.startswith(":")),
        type=visible_text,
        subject=st.none() | attribute_text,
        time=st.none() | st.just("2026-11-21T03:44:00.123456789Z"),
        datacontenttype=st.just("application/json"),
        extensions=st.dictionaries(st.from_regex(r"x[a-z0-9]{1,10}", fullmatch=True), attribute_text, max_size=3),
    )
    return st.builds(WireEvent, envelopes, st.none() | st.just(b'{"a":[1,"\xc3\xa9"]}'))


@given(events())
def test_binary_mode_round_trips(event: WireEvent) -> None:
    """What is written in binary mode is read back unchanged, whatever characters the attributes hold."""
    headers, body = wire.encode_binary(event)
    assert all(value.isascii() and value.isprintable() for _, value in headers)
    assert wire.decode(dict(headers), body) == event


@given(events())
def test_structured_mode_round_trips(event: WireEvent) -> None:
    """What is written in structured mode is read back unchanged."""
    assert wire.decode({"content-type": wire.STRUCTURED}, wire.encode_structured(event)) == event


def test_batches_round_trip() -> None:
    """A batch holds its events in order; anything else in its place is refused."""
    batch = [WireEvent(Envelope(id=str(number), source="/s", type="t"), b"1") for number in range(3)]
    assert wire.decode_batch(wire.encode_batch(batch)) == batch
    with pytest.raises(NotAnEvent, match="JSON array"):
        wire.decode_batch(b"{}")
    with pytest.raises(NotAnEvent, match="Event 2 of the batch is not a JSON object"):
        wire.decode_batch(b'[{"specversion":"1.0","id":"1","source":"/","type":"t"}, 3]')


def test_headers_of_utf8() -> None:
    """A sender that does not percent-encode, as the Go SDK, is understood all the same."""
    subject = "Grüße".encode().decode("latin-1")
    headers = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/s", "ce-type": "t", "ce-subject": subject}
    assert wire.decode(headers, b"").envelope.subject == "Grüße"


@pytest.mark.parametrize("value", ["application/json", 'text/plain; charset="utf-8"; a=b', "a/b;", "json"])
def test_media_types(value: str) -> None:
    """A media type may have parameters, quoted or not."""
    headers = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/s", "ce-type": "t", "content-type": value}
    assert wire.decode(headers, b"{}").envelope.datacontenttype == value


@pytest.mark.parametrize(
    ("attribute", "value", "fault"),
    [
        ("content-type", "no media type", "datacontenttype"),
        ("content-type", "text/plain; charset", "datacontenttype"),
        ("content-type", "a/b" + "; " * 10_000 + "=", "datacontenttype"),
        ("ce-dataschema", "schemas/1", "no absolute URI"),
        ("ce-source", ":x", "no URI reference"),
        ("ce-id", " ", "id is empty"),
        ("ce-time", "2024-05-06 07:08:09Z", "RFC 3339"),
    ],
)
def test_attributes_are_checked(attribute: str, value: str, fault: str) -> None:
    """An attribute that breaks the specification is named."""
    headers = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/s", "ce-type": "t", attribute: value}
    with pytest.raises(NotAnEvent, match=fault):
        wire.decode(headers, b"{}")


@pytest.mark.parametrize(
    ("part", "fault"),
    [
        ('"number":5000000000', "32 bits"),
        ('"datacontenttype":"text/plain","data":{"n":1}', "no text"),
    ],
)
def test_structured_values_are_checked(part: str, fault: str) -> None:
    """An integer has 32 bits, and text is a string."""
    body = f'{{"specversion":"1.0","id":"1","source":"/s","type":"t",{part}}}'.encode()
    with pytest.raises(NotAnEvent, match=fault):
        wire.decode({"content-type": wire.STRUCTURED}, body)


def test_the_encoding_of_data_stays_in_json() -> None:
    """What 0.3 sent as base64 travels as bytes in binary mode, and nobody is told to decode it again."""
    attributes = b'"specversion":"0.3","id":"1","source":"/s","type":"t","datacontenttype":"image/png"'
    body = b"{" + attributes + b',"datacontentencoding":"base64","data":"AQID"}'
    headers, data = wire.encode_binary(wire.decode({"content-type": wire.STRUCTURED}, body))
    assert data == b"\x01\x02\x03"
    assert "ce-datacontentencoding" not in dict(headers)


def test_binary_data_travels_as_base64() -> None:
    """Bytes that are neither JSON nor text are base64 in structured mode, and bytes again afterwards."""
    event = WireEvent(Envelope(id="1", source="/s", type="t", datacontenttype="image/png"), b"\x89PNG\x00")
    encoded = wire.encode_structured(event)
    assert b'"data_base64":"iVBORwA="' in encoded
    assert wire.decode({"content-type": wire.STRUCTURED}, encoded) == event


def test_json_that_is_none_still_travels() -> None:
    """Data that contradicts its own content type is kept byte by byte."""
    event = WireEvent(Envelope(id="1", source="/s", type="t", datacontenttype="application/json"), b"{oops")
    assert wire.decode({"content-type": wire.STRUCTURED}, wire.encode_structured(event)).data == b"{oops"


def test_extension_types_survive_structured_mode() -> None:
    """Integers and booleans stay what they are, because filters tell them from text."""
    raw = b'{"specversion":"1.0","id":"1","source":"/s","type":"t","n":5,"b":true}'
    envelope = wire.decode({"content-type": wire.STRUCTURED}, raw).envelope
    assert envelope.extensions == {"n": 5, "b": True}
    headers, _ = wire.encode_binary(WireEvent(envelope))
    assert dict(headers)["ce-b"] == "true"


def test_version_0_3() -> None:
    """Version 0.3 is read and written with its own names."""
    raw = (
        b'{"specversion":"0.3","id":"1","source":"/s","type":"t","schemaurl":"/x",'
        b'"datacontentencoding":"base64","data":"aGk="}'
    )
    event = wire.decode({"content-type": wire.STRUCTURED}, raw)
    assert (event.envelope.dataschema, event.data) == ("/x", b"hi")
    assert dict(wire.encode_binary(event)[0])["ce-schemaurl"] == "/x"


@pytest.mark.parametrize(
    ("headers", "body", "sentence"),
    [
        ({}, b"", "no ce-specversion header"),
        ({"ce-type": "t"}, b"", "no specversion; no id; no source"),
        (BINARY | {"ce-specversion": "2.0"}, b"", "neither 1.0 nor 0.3"),
        (BINARY | {"ce-time": "yesterday"}, b"", "'yesterday' is not RFC 3339"),
        (BINARY | {"ce-time": "2026-01-01T00:00:00"}, b"", "is not RFC 3339"),
        (BINARY | {"ce-time": "2026-W05-1T10:00:00Z"}, b"", "is not RFC 3339"),
        (BINARY | {"ce-time": "20260101T000000Z"}, b"", "is not RFC 3339"),
        (BINARY | {"ce-with_underscore": "x"}, b"", "'with_underscore' is not lower-case alphanumeric"),
        ({"content-type": wire.STRUCTURED}, b"\xff", "not JSON"),
        ({"content-type": wire.STRUCTURED}, b"[]", "not a JSON object"),
        ({"content-type": wire.STRUCTURED}, b'{"id":5,"source":"/","type":"t","specversion":"1.0"}', "id is not text"),
        ({"content-type": wire.STRUCTURED}, b'{"id":{}}', "no string, integer or boolean"),
        (
            {"content-type": wire.STRUCTURED},
            b'{"id":"1","source":"/","type":"t","specversion":"1.0","datacontenttype":"a/b\\r\\nx-evil: 1"}',
            "is no media type",
        ),
        ({"content-type": wire.BATCHED}, b"[]", "one by one"),
        (
            {"content-type": wire.STRUCTURED},
            b'{"id":"1","source":"/","type":"t","specversion":"1.0","data_base64":"*"}',
            "not base64",
        ),
    ],
)
def test_faults_are_named(headers: dict[str, str], body: bytes, sentence: str) -> None:
    """Each way of not being an event is told apart."""
    with pytest.raises(NotAnEvent, match=sentence.replace("[", r"\[")):
        wire.decode(headers, body)
