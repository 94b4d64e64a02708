"""Has a model answer for the rows of a file, by event, and brings back what it said."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from renga.blobs import BlobStore
from renga.ledger.run import Run
from renga_dev.endpoint import Endpoint, status
from renga_dev.follow import Follower, LedgerReader
from renga_dev.publishing import new, publish
from renga_events.inference import InferenceCompleted, InferenceRejected, InferenceRequested

_MOST_BYTES = 2**40
"""What is fetched was bounded where it was made."""


class NoBlobStore(LookupError):  # noqa: N818 - says what is the case
    """Where the functions' blob store is, is not known here."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What is asked."""

    file: Path
    model: str
    version: str | None = None
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it; one of both events at most is there."""

    run: Run
    completed: InferenceCompleted | None
    rejected: InferenceRejected | None


async def store_of(runtime: Endpoint) -> BlobStore:
    """The blob store of a runtime's functions, which is in its state directory unless they are told of another.

    Raises:
        NoRuntime: nobody listens.
        Refused: something else does.
        NoBlobStore: that directory is not on this machine.
    """
    return _store_in(Path((await status(runtime))["state"]))


def _store_in(state: Path) -> BlobStore:
    if not state.is_dir():
        raise NoBlobStore(f"The runtime keeps its blobs in {state}, which is not here: name a store that both reach.")
    return BlobStore(f"file://{state}/state/blobs")


async def inquire(runtime: Endpoint, blobs: BlobStore, inquiry: Inquiry, follower: Follower) -> Result:
    """Hand the rows in and follow the run to its end.

    Raises:
        OSError: the file cannot be read.
        Retry: the blob store is away.
        NoRuntime: nobody listens.
        Refused: the event was not taken; or there is no ledger.
    """
    with inquiry.file.open("rb") as source:
        name = hashlib.file_digest(source, "sha256").hexdigest()
    await blobs.put(name, inquiry.file)
    requested = InferenceRequested(
        inference_id=inquiry.file.name,
        model=inquiry.model,
        version=inquiry.version,
        rows=blobs.reference(name),
        outputs=inquiry.outputs,
    )
    attributes = {"source": "/renga/infer", "subject": requested.inference_id}
    event = new(requested.ce_type, requested.to_json(), attributes)
    await publish(runtime, event)
    follower.began(event.envelope.id)
    ledger = LedgerReader(runtime)
    run = await ledger.to_its_end(event.envelope.id, follower)
    return Result(run, await ledger.said(run, InferenceCompleted), await ledger.said(run, InferenceRejected))


async def fetch(blobs: BlobStore, completed: InferenceCompleted, target: Path) -> None:
    """Write the outputs to a file.

    Raises:
        NoBlobStore: they are in another store.
        NoBlob: they are gone.
        OSError: the file cannot be written.
        Retry: the store is away.
    """
    name = blobs.name_of(completed.rows)
    if name is None:
        raise NoBlobStore(f"The outputs are at {completed.rows}, which is not in {blobs.url}: name that store.")
    await blobs.fetch(name, target, _MOST_BYTES)
