"""Take a database design over plain HTTP and begin its run."""

import hashlib
from typing import ClassVar

from pydantic import BaseModel
from renga import Reject, function
from renga_events.schema import SchemaSubmitted
from renga_schema.model import Dialect
from renga_schema import writers


class Submission(BaseModel):
    """What a caller hands in; a plain-text body is the design itself, query parameters are the rest."""

    text_field: ClassVar[str] = "text"

    text: str
    name: str = "schema"
    schema_id: str | None = None
    """By default it follows from the text: the same design has the same id."""
    format: str | None = None
    dialect: Dialect | None = None
    targets: tuple[str, ...] = writers.targets()


@function
def handle(submission: Submission) -> SchemaSubmitted:
    """Refuse what no later step could do, then say that a design was submitted."""
    try:
        writers.require(submission.targets)
    except LookupError as unknown_target:
        raise Reject(str(unknown_target)) from None
    digest = hashlib.sha256(submission.text.encode()).hexdigest()[:16]
    return SchemaSubmitted(
        schema_id=submission.schema_id or digest,
        name=submission.name,
        text=submission.text,
        format=submission.format,
        dialect=submission.dialect,
        targets=submission.targets,
    )
