"""The events of the schema suite: a design is submitted, parsed, validated and generated, or rejected with reasons.

Beside that, what is found in it is told: `SchemaRelated`.
"""

from typing import ClassVar, Literal

from pydantic import ConfigDict

from renga_events.base import Event
from renga_schema.model import Dialect, Schema
from renga_schema.report import Diagnostic, Document, Loss, Proposal, Statements


class SchemaEvent(Event):
    """What all of them say."""

    subject_field: ClassVar[str | None] = "schema_id"

    schema_id: str
    """Chosen by the submitter; the same id always means the same design."""
    name: str
    """What people call the design; usually the name of its file."""


class SchemaSubmitted(SchemaEvent):
    """A database design was handed in."""

    ce_type: ClassVar[str] = "dev.renga.schema.submitted.v1"
    text_field: ClassVar[str | None] = "text"

    schema_id: str = "unnamed"
    name: str = "schema"
    text: str
    """The design itself."""
    format: str | None = None
    """`sql` or `yaml`; detected where it is not given."""
    dialect: Dialect | None = None
    """The SQL dialect; detected where it is not given."""
    targets: tuple[str, ...] = ("postgres", "mysql", "sqlite", "markdown")
    """What to generate."""


class SchemaParsed(SchemaEvent):
    """A submitted design was read into the canonical model."""

    ce_type: ClassVar[str] = "dev.renga.schema.parsed.v1"

    model: Schema
    diagnostics: tuple[Diagnostic, ...] = ()
    """Statements that could not be read; the rest was."""
    losses: tuple[Loss, ...] = ()
    """What the reader understood but could not represent."""
    statements: Statements = Statements()
    targets: tuple[str, ...] = ()


class SchemaValidated(SchemaEvent):
    """A parsed design has no finding that makes it invalid."""

    ce_type: ClassVar[str] = "dev.renga.schema.validated.v1"

    model: Schema
    findings: tuple[Diagnostic, ...] = ()
    """What the reader and the rules found all the same."""
    losses: tuple[Loss, ...] = ()
    targets: tuple[str, ...] = ()


class SchemaGenerated(SchemaEvent):
    """Documents were generated from a valid design."""

    ce_type: ClassVar[str] = "dev.renga.schema.generated.v1"
    ends: ClassVar[Literal["well", "rejected"] | None] = "well"

    documents: tuple[Document, ...]
    """One for each target, each with what that target could not hold."""
    findings: tuple[Diagnostic, ...] = ()
    losses: tuple[Loss, ...] = ()
    """What the reader could not represent."""


class Relation(Proposal):
    """Columns that refer to a key, though the design does not say so."""

    model_config = ConfigDict(extra="ignore")


class SchemaRelated(SchemaEvent):
    """Foreign keys are proposed that a parsed design does not declare."""

    ce_type: ClassVar[str] = "dev.renga.schema.related.v1"
    aside: ClassVar[bool] = True

    proposals: tuple[Relation, ...]
    """In the order of the design's columns; none is an answer too."""
    findings: tuple[Diagnostic, ...] = ()
    """The proposals as the rule DSN-FK-MISSING reports them, for whoever gathers the findings of a run."""
    found_by: Literal["model", "rules"]
    model: str | None = None
    """The model that answered; None where the rules did."""
    version: str | None = None
    """Of that model; None also where the design gave nothing to ask about."""
    because: str | None = None
    """Why the rules answered and not the model, in one sentence."""


class SchemaRejected(SchemaEvent):
    """A design cannot go on, and why."""

    ce_type: ClassVar[str] = "dev.renga.schema.rejected.v1"
    ends: ClassVar[Literal["well", "rejected"] | None] = "rejected"

    stage: Literal["parse", "validate", "generate"]
    """Where it stopped."""
    diagnostics: tuple[Diagnostic, ...]
    losses: tuple[Loss, ...] = ()
