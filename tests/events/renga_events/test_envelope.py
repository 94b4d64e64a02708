"""The envelope of an event."""

from renga_events import Envelope


def test_no_two_identities_share_a_key() -> None:
    """Where the source ends and the id begins is part of the key."""
    one = Envelope(id="c", source="a b", type="t")
    other = Envelope(id="b c", source="a", type="t")
    assert one.key != other.key
    assert one.key == Envelope(id="c", source="a b", type="another").key


def test_a_run_begins_with_itself() -> None:
    """An event without a correlation begins a run of its own."""
    assert Envelope(id="1", source="/s", type="t").correlation_id == "1"
    assert Envelope(id="1", source="/s", type="t", extensions={"correlationid": "run"}).correlation_id == "run"
