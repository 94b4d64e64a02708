"""Samples come from real runs where a run leads to them."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from renga_dev.wiring import samples
from renga_dev.wiring.discovery import discover
from renga_events.base import Event
from renga_events.schema import SchemaParsed, SchemaSubmitted
from renga_events.vocabulary import vocabulary

AddFunction = Callable[[str, str], Path]


class Plain(Event):
    """Something with a field of every kind."""

    ce_type: ClassVar[str] = "test.samples.plain.v1"
    subject_field: ClassVar[str | None] = "name"

    name: str
    count: int = Field(ge=3)
    share: float
    right: bool
    kind: Literal["a", "b"]
    at: datetime
    key: UUID
    nested: SchemaSubmitted
    pair: tuple[str, int]
    few: list[int] = Field(min_length=2)
    perhaps: str | None
    nothing: None
    optional: str = "left out"


def test_a_missing_sample_is_what_a_function_answered(project: Path) -> None:
    """The sample of what it consumes is delivered to its real host; the answer belongs to the same run."""
    submitted = samples.as_text(samples.built(SchemaSubmitted))
    found = samples.made(
        [SchemaParsed.ce_type],
        {SchemaSubmitted.ce_type: submitted},
        types=vocabulary(),
        functions=discover(project).functions,
        root=project,
    )
    parsed, given = json.loads(found[SchemaParsed.ce_type]), json.loads(submitted)
    assert parsed["source"] == "/functions/schema/parse"
    assert (parsed["causationid"], parsed["correlationid"]) == (given["id"], given["correlationid"])
    assert samples.fault(found[SchemaParsed.ce_type], SchemaParsed) is None


def test_a_chain_is_followed_to_its_end(project: Path, add_function: AddFunction) -> None:
    """An answer that was wanted is the input of the next function."""
    add_function(
        "schema/validate",
        """
        from renga import function
        from renga_events.schema import SchemaParsed, SchemaValidated

        @function
        def handle(parsed: SchemaParsed) -> SchemaValidated:
            return SchemaValidated(schema_id=parsed.schema_id, name=parsed.name, model=parsed.model)
        """,
    )
    wanted = ["dev.renga.schema.validated.v1", SchemaParsed.ce_type]
    found = samples.made(
        wanted,
        {SchemaSubmitted.ce_type: samples.as_text(samples.built(SchemaSubmitted))},
        types=vocabulary(),
        functions=discover(project).functions,
        root=project,
    )
    parsed, validated = json.loads(found[SchemaParsed.ce_type]), json.loads(found["dev.renga.schema.validated.v1"])
    assert validated["causationid"] == parsed["id"]


def test_where_no_run_leads_a_sample_is_built(project: Path) -> None:
    """A function that refuses, or does not start where it is, is no reason to have no sample."""
    found = samples.made(
        ["dev.renga.schema.rejected.v1"],
        {SchemaSubmitted.ce_type: samples.as_text(samples.built(SchemaSubmitted))},
        types=vocabulary(),
        functions=discover(project).functions,
        root=project,
    )
    assert json.loads(found["dev.renga.schema.rejected.v1"])["source"] == "/samples"


def test_a_built_sample_fits_its_type() -> None:
    """Required fields only, each with the plainest value that it takes."""
    text = samples.as_text(samples.built(Plain))
    event = json.loads(text)
    assert samples.fault(text, Plain) is None
    assert event["subject"] == "name"
    assert event["data"]["count"] == 3
    assert "optional" not in event["data"]


def test_a_sample_of_another_type_does_not_fit() -> None:
    """The type in the envelope counts, whatever the data."""
    text = samples.as_text(samples.built(SchemaSubmitted))
    assert (
        samples.fault(text, SchemaParsed) == "it is a dev.renga.schema.submitted.v1, not a dev.renga.schema.parsed.v1"
    )
