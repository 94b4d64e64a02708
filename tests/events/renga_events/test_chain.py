"""The table by which a run knows what it is waiting for."""

import pytest

from renga_events.chain import consumers
from renga_events.vocabulary import vocabulary


def test_a_submitted_design_wakes_the_parser() -> None:
    """And the parser answers with the model or with a rejection."""
    assert dict(consumers("dev.renga.schema.submitted.v1")) == {
        "schema/parse": ("dev.renga.schema.parsed.v1", "dev.renga.schema.rejected.v1"),
    }


def test_nobody_waits_for_what_nobody_takes() -> None:
    """An end, and a type that does not exist, have no consumers; what hears everything is not counted."""
    assert dict(consumers("dev.renga.schema.generated.v1")) == {}
    assert dict(consumers("com.example.unknown")) == {}


def test_the_table_cannot_be_changed() -> None:
    """It is shared by everyone who asks."""
    with pytest.raises(TypeError):
        consumers("dev.renga.schema.submitted.v1")["mine"] = ()  # type: ignore[index] # what must fail


def test_every_answer_is_a_type() -> None:
    """Following answers from type to type never leaves the vocabulary, and always comes to an end."""
    reached, ahead = set(), ["dev.renga.schema.submitted.v1"]
    while ahead:
        ce_type = ahead.pop()
        assert ce_type in vocabulary()
        reached.add(ce_type)
        ahead += [answer for answers in consumers(ce_type).values() for answer in answers if answer not in reached]
    assert {ce_type for ce_type in reached if vocabulary()[ce_type].ends} == {
        "dev.renga.schema.generated.v1",
        "dev.renga.schema.rejected.v1",
    }
