"""Every event type has one real sample on the wire, and the samples of the chain tell one story."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from renga import wire
from renga_events import Envelope, Event
from renga_events.schema import SchemaGenerated, SchemaParsed, SchemaSubmitted, SchemaValidated
from renga_events.vocabulary import vocabulary

TYPES = vocabulary()


def sample(repository: Path, ce_type: str) -> wire.WireEvent:
    """A sample as a host would read it."""
    text = (repository / "events" / "samples" / f"{ce_type}.json").read_bytes()
    return wire.decode({"content-type": wire.STRUCTURED}, text)


def test_each_type_has_exactly_one_sample(repository: Path) -> None:
    """And there is no sample of anything else."""
    assert sorted(path.stem for path in (repository / "events" / "samples").iterdir()) == sorted(TYPES)


@pytest.mark.parametrize("ce_type", TYPES)
def test_a_sample_fits_its_schema_and_its_class(repository: Path, ce_type: str) -> None:
    """The committed JSON Schema and the class agree on it, and reading loses nothing of it."""
    event = sample(repository, ce_type)
    schema: dict[str, Any] = json.loads((repository / "events" / "schemas" / f"{ce_type}.json").read_text())
    data = json.loads(event.data or b"null")
    Draft202012Validator(schema).validate(data)
    assert event.envelope.type == ce_type
    read = TYPES[ce_type].from_json(event.data or b"", event.envelope)
    assert json.loads(read.to_json()) == data
    assert event.envelope.subject == (read.subject() or event.envelope.subject)


def test_the_chain_is_one_run(repository: Path) -> None:
    """Each event answers the one before it, in the same run, about the same design, in the same trace."""
    chain: list[type[Event]] = [SchemaSubmitted, SchemaParsed, SchemaValidated, SchemaGenerated]
    envelopes: list[Envelope] = [sample(repository, cls.ce_type).envelope for cls in chain]
    for before, after in itertools.pairwise(envelopes):
        assert after.extension("causationid") == before.id
    assert len({envelope.correlation_id for envelope in envelopes}) == 1
    assert len({envelope.subject for envelope in envelopes}) == 1
    assert len({(envelope.extension("traceparent") or "").split("-")[1] for envelope in envelopes}) == 1


def test_a_failed_attempt_is_about_an_event_of_the_run(repository: Path) -> None:
    """It names an event that is a sample itself."""
    failed = sample(repository, "dev.renga.platform.attempt.failed.v1")
    data = json.loads(failed.data or b"")
    cause = sample(repository, data["event_type"]).envelope
    assert (data["event_id"], data["event_source"]) == (cause.id, cause.source)
    assert failed.envelope.correlation_id == cause.correlation_id
