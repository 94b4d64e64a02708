"""Let a model answer for all rows of a file: in chunks that are kept, by one version, concluded once."""

import hashlib
import tempfile
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from renga import Retry, Settings, function
from renga.blobs import BlobStore, BlobTooLarge, NoBlob
from renga.hosting import HostSettings
from renga_events.inference import InferenceCompleted, InferenceRejected, InferenceRequested

if TYPE_CHECKING:
    from renga_infer.client import InferenceClient

TIMEOUT_S = 60
CONCLUDING_S = 10
"""Of that, what is kept for putting the chunks together and away."""
NOT_ASKED_S = 1.0
"""How long a service that is away is not asked."""
CONCLUDED = "concluded"
Answer = InferenceCompleted | InferenceRejected


class InferSettings(Settings, env_prefix="PLATFORM_INFER_"):
    """Read once, at cold start."""

    inference_url: str = ""
    """Where the inference service is."""
    patience_s: float = 20.0
    """How long a service that is away or busy is waited for before another delivery is asked for."""
    most_rows: int = 1_000_000
    """Of one request."""
    most_bytes: int = 128 * 1024 * 1024
    """Of its file, and of the outputs: each request under way has up to three such files in /tmp."""
    chunk_rows: int = 8192
    """How many rows are computed before they are kept."""


settings = InferSettings()
blobs = BlobStore(HostSettings().blobs)


class Kept(NamedTuple):
    """What is kept of one request: its chunks, its outputs, and how it was concluded."""

    folder: str

    @classmethod
    def of(cls, requested: InferenceRequested) -> "Kept":
        """By the event's identity: a second delivery finds it, another request does not."""
        return cls(f"infer/{hashlib.sha256(requested.envelope.key.encode()).hexdigest()}")

    async def names(self) -> Sequence[str]:
        """What there is."""
        return [name.rpartition("/")[2] for name in await blobs.names(self.folder)]

    async def read(self, name: str) -> bytes:
        """A chunk."""
        return await blobs.read(f"{self.folder}/{name}")

    async def keep(self, name: str, data: bytes) -> bool:
        """Keep a chunk, if it is the first of that name."""
        return await blobs.put_new(f"{self.folder}/{name}", data)

    async def outputs(self, file: Path, form: str) -> str:
        """Keep the outputs; their URL."""
        name = f"{self.folder}/outputs.{form}"
        await blobs.put(name, file)
        return blobs.reference(name)

    async def concluded(self) -> Answer | None:
        """What was answered, though who answered it may not have lived to send it."""
        try:
            ce_type, _, data = (await self.read(CONCLUDED)).partition(b"\n")
        except NoBlob:
            return None
        ending = InferenceCompleted if ce_type.decode() == InferenceCompleted.ce_type else InferenceRejected
        return ending.from_json(data)

    async def conclude(self, answer: Answer) -> Answer:
        """Keep the answer, unless there is one already, and let the chunks go: the outputs have all of them."""
        first = await self.keep(CONCLUDED, f"{answer.ce_type}\n".encode() + answer.to_json())
        said = answer if first else await self.concluded() or answer
        over = [name for name in await self.names() if name != CONCLUDED and not name.startswith("outputs.")]
        await blobs.delete(f"{self.folder}/{name}" for name in over)
        return said


@function(concurrency=2, timeout_s=TIMEOUT_S, memory="2Gi")
async def handle(requested: InferenceRequested) -> InferenceCompleted | InferenceRejected:
    """What can never be answered is rejected; while the service is away, deliveries go on with what is kept."""
    until = time.monotonic() + TIMEOUT_S - CONCLUDING_S
    # Imported with the first event: numpy and Arrow are not what a cold start waits for.
    from renga_infer.errors import InferenceError
    from renga_infer.rows import RowsRefusedError
    from renga_infer.rows.checking import CheckStoppedError

    kept = Kept.of(requested)
    if answered := await kept.concluded():
        return answered
    try:
        with tempfile.TemporaryDirectory(prefix="renga-infer-") as scratch:
            answer = await _answered(requested, kept, Path(scratch), until)
    except (RowsRefusedError, BlobTooLarge, NoBlob) as error:
        answer = InferenceRejected(inference_id=requested.inference_id, model=requested.model, reason=str(error))
    except (InferenceError, CheckStoppedError) as error:
        raise Retry(str(error)) from error
    return await kept.conclude(answer)


async def _answered(requested: InferenceRequested, kept: Kept, scratch: Path, until: float) -> Answer:
    from renga_infer.rows import RowsRefusedError
    from renga_infer.rows.checking import Limits
    from renga_infer.rows.running import Inference, RowsRun

    name = blobs.name_of(requested.rows)
    if name is None:
        # What a sender names is never fetched from elsewhere.
        raise RowsRefusedError(f"The rows at {requested.rows[:200]!r} are not in this function's blob store.")
    await blobs.fetch(name, scratch / "rows", settings.most_bytes)
    run = RowsRun(
        _service(),
        Inference(requested.model, requested.version, requested.outputs, requested.envelope.correlation_id),
        kept,
        scratch,
        chunk_rows=settings.chunk_rows,
        limits=Limits(settings.most_rows),
        most_bytes=settings.most_bytes,
        left_s=lambda: until - time.monotonic(),
        patience_s=settings.patience_s,
    )
    outcome = await run.infer(scratch / "rows")
    if answered := await kept.concluded():
        # Whoever concluded meanwhile let the chunks go: this run may have begun anew, with another version.
        return answered
    return InferenceCompleted(
        inference_id=requested.inference_id,
        model=requested.model,
        version=outcome.version,
        rows=await kept.outputs(outcome.file, outcome.form),
        count=outcome.rows,
    )


@cache
def _service() -> "InferenceClient":
    """One for the process, made on its event loop: it keeps its connections, and knows when the service is away."""
    if not settings.inference_url:
        raise Retry("PLATFORM_INFER_INFERENCE_URL names no inference service.")
    from renga_infer.client import InferenceClient

    # A whole chunk's requests fail together, and open the circuit: it is to close as soon as the service is back.
    return InferenceClient(settings.inference_url, open_s=NOT_ASKED_S)
