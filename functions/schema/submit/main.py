"""Take a database design over plain HTTP and begin its run."""

import hashlib
from typing import ClassVar

from pydantic import BaseModel

from renga import Reject, function
from renga_events.schema import SchemaSubmitted
from renga_schema import writers
from renga_schema.model import Dialect


class Submission(BaseModel):
    """What a caller hands in; a plain-text body is the design itself, query parameters are the rest."""

    text_field: ClassVar[str] = "text"

    text: str
    name: str = "schema"
    schema_id: str | None = None
    """By default it follows from the text: the same design has the same id."""
    format: str | None = None
    dialect: Dialect | None = None
    targets: tuple[str, ...] | None = None
    """By default what the event says."""


@function
def handle(submission: Submission) -> SchemaSubmitted:
    """Refuse what no later step could do, then say that a design was submitted."""
    try:
        for target in submission.targets or ():
            writers.require(target)
    except writers.UnknownTargetError as unknown:
        raise Reject(str(unknown)) from None
    given = submission.model_dump(exclude_none=True)
    digest = hashlib.sha256(submission.text.encode()).hexdigest()
    return SchemaSubmitted(**{"schema_id": digest[:16], **given})
