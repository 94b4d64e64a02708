"""The events of inference over many rows: it is requested, and completed or rejected with its reason.

Rows do not travel in events: they lie in the blob store, as Parquet or Arrow, and events say where.
"""

from typing import ClassVar, Literal

from renga_events.base import Event


class InferenceEvent(Event):
    """What all of them say."""

    subject_field: ClassVar[str | None] = "inference_id"

    inference_id: str
    """Chosen by who requests it; the same id always means the same inference."""
    model: str


class InferenceRequested(InferenceEvent):
    """A model is to answer for all rows of a file."""

    ce_type: ClassVar[str] = "dev.renga.inference.requested.v1"
    begins: ClassVar[bool] = True

    version: str | None = None
    """Of the model; by default the one that the service chooses, which then answers for all rows."""
    rows: str
    """The URL in the blob store of a Parquet file, or an Arrow IPC file or stream. Its columns are the model's inputs
    by name, each further axis of an input is a list; other columns are passed over."""
    outputs: tuple[str, ...] = ()
    """The outputs that are wanted; by default all."""


class InferenceCompleted(InferenceEvent):
    """A model has answered for all rows of a file."""

    ce_type: ClassVar[str] = "dev.renga.inference.completed.v1"
    ends: ClassVar[Literal["well", "rejected"] | None] = "well"

    version: str
    """Of the model: the one that answered, for every row."""
    rows: str
    """The URL of the outputs in the blob store: a file in the format of the request's, a column for each output, row
    for row in its order."""
    count: int
    """How many rows."""


class InferenceRejected(InferenceEvent):
    """A model cannot answer for the rows of a file, however often it is asked."""

    ce_type: ClassVar[str] = "dev.renga.inference.rejected.v1"
    ends: ClassVar[Literal["well", "rejected"] | None] = "rejected"

    reason: str
    """What is wrong, with its value and the limit, and what to do. Rows are counted from 0."""
