"""The context attributes of a CloudEvent."""

from renga_events import Envelope


def test_an_event_that_begins_a_run_is_its_own_correlation() -> None:
    """Every other one says which run it belongs to."""
    assert Envelope(id="1", source="/a", type="t").correlation_id == "1"
    assert Envelope(id="2", source="/a", type="t", extensions={"correlationid": "1"}).correlation_id == "1"


def test_identity_is_source_and_id() -> None:
    """The same id from another source is another event."""
    one, two = (Envelope(id="1", source=source, type="t") for source in ("/a", "/b"))
    assert one.key != two.key
    assert one.key == Envelope(id="1", source="/a", type="other").key


def test_extensions_are_read_as_text() -> None:
    """Integers and booleans too, as headers carry them; what is absent is None."""
    envelope = Envelope(id="1", source="/a", type="t", extensions={"rengaattempt": 2})
    assert envelope.extension("rengaattempt") == "2"
    assert envelope.extension("traceparent") is None


def test_attributes_are_those_that_are_set() -> None:
    """By their CloudEvents names, extensions last."""
    envelope = Envelope(id="1", source="/a", type="t", subject="s", extensions={"partitionkey": "s"})
    assert list(envelope.attributes().items()) == [
        ("specversion", "1.0"),
        ("id", "1"),
        ("source", "/a"),
        ("type", "t"),
        ("subject", "s"),
        ("partitionkey", "s"),
    ]
