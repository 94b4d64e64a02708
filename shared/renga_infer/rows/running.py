"""Asks a model about all rows of a file, chunk by chunk; what was computed is kept, so that it need not be twice.

The first chunk decides which version answers; it is kept only if there is none, so that of two who begin at once both
go on with the same. All other requests name that version. A chunk's place follows from what was asked and from where
its rows are, so that whoever is told to do the same work again finds what is done.
"""

import asyncio
import hashlib
import io
import itertools
import math
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

import numpy as np
from pydantic import BaseModel

from renga_infer.client import InferenceClient
from renga_infer.errors import (
    InvalidRequestError,
    ModelFailedError,
    OverloadedError,
    UnavailableError,
    UnknownModelError,
)
from renga_infer.protocol.datatypes import Array, Datatype
from renga_infer.protocol.responses import Response
from renga_infer.rows.checking import Limits, checked
from renga_infer.rows.chunks import Chunk, chunks, portions
from renga_infer.rows.columns import Column, batch
from renga_infer.rows.errors import RowsRefusedError
from renga_infer.rows.formats import Format, write

if TYPE_CHECKING:
    from arro3.core import RecordBatch

T = TypeVar("T")
MODEL, VERSION = "renga.model", "renga.version"
"""In the schema's metadata of every file of outputs: who answered."""
_REQUEST_BYTES = 8 * 1024 * 1024
"""Of one request at most, if it has more than one row: servers bound the body."""
_AT_ONCE = 4
"""Requests under way: the server puts them into batches."""


class Chunks(Protocol):
    """Where the outputs of chunks are kept, by name."""

    async def names(self) -> Sequence[str]:
        """What is there."""
        ...

    async def read(self, name: str) -> bytes:
        """What was kept."""
        ...

    async def keep(self, name: str, data: bytes) -> bool:
        """Keep it, unless there is something of that name; whether it was kept."""
        ...


class Inference(NamedTuple):
    """What is asked."""

    model: str
    version: str | None
    """None: whichever the service chooses."""
    outputs: tuple[str, ...]
    """Empty: all."""
    id: str
    """Goes with each request: a model that is split by a sticky key without one goes by it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it."""

    file: Path
    """The outputs, row for row as in what was asked about, in the same format."""
    form: Format
    rows: int
    version: str


class _TensorMetadata(BaseModel):
    name: str
    datatype: Datatype
    shape: tuple[int, ...]


class _ModelMetadata(BaseModel):
    """What is needed of a model's metadata, which is the protocol's but for `max_batch_size`."""

    inputs: tuple[_TensorMetadata, ...]
    properties: dict[str, str] = {}

    @property
    def most_rows(self) -> int:
        """Of one request; 0: any number."""
        most = self.properties.get("max_batch_size", "")
        return int(most) if most.isdecimal() else 0

    def columns(self, model: str) -> tuple[Column, ...]:
        """The inputs as columns.

        Raises:
            RowsRefusedError: the model answers no rows.
        """
        for spec in self.inputs:
            if spec.shape[:1] != (-1,):
                raise RowsRefusedError(
                    f"The model {model!r} does not answer row by row: its input {spec.name!r} has the shape "
                    f"{list(spec.shape)}, whose first axis is not free."
                )
        return tuple(Column(spec.name, spec.datatype, spec.shape[1:]) for spec in self.inputs)


class RowsRun:
    """One run over one file.

    Args:
        client: of the service.
        asked: what is asked.
        kept: where chunks are kept.
        scratch: a folder of this run's own, for files on their way.
        chunk_rows: how many rows are kept together.
        limits: how many rows are taken, and the memory for reading them.
        most_bytes: of all outputs.
        left_s: how much time there is, in seconds.
        patience_s: how long a service that is away or busy is waited for, each time.
    """

    def __init__(
        self,
        client: InferenceClient,
        asked: Inference,
        kept: Chunks,
        scratch: Path,
        *,
        chunk_rows: int,
        limits: Limits,
        most_bytes: int,
        left_s: Callable[[], float],
        patience_s: float,
    ) -> None:
        self._client = client
        self._asked = asked
        self._kept = kept
        self._scratch = scratch
        self._chunk_rows = chunk_rows
        self._limits = limits
        self._most_bytes = most_bytes
        self._left_s = left_s
        self._patience_s = patience_s
        self._version = asked.version
        self._most_rows = 0
        """Of one request; 0: any number."""

    async def infer(self, file: Path) -> Outcome:
        """The outputs for all rows of a file.

        Raises:
            RowsRefusedError: the file, the model or the limits do not allow it.
            InferenceError: the service does not answer now; what it has answered is kept.
            CheckStoppedError: the file was not read to its end in time.
        """
        columns = (await self._metadata()).columns(self._asked.model)
        form = Format.of(file)
        rows = await checked(file, columns, self._chunk_rows, self._limits, timeout_s=self._left_s())
        names = await self._names(file, rows)
        files = [self._scratch / name for name in names]
        done = await self._fetch(names, files)
        if done:
            await self._pin(_version_of(files[0]))
        source = chunks(file, columns, self._chunk_rows, skip=done)
        for number in range(done, len(names)):
            # Decoding is work: the event loop has others to answer.
            chunk = await asyncio.to_thread(next, source)
            files[number].write_bytes(await self._chunk(chunk, names[number], number))
            self._bound(files[: number + 1])
        outcome = self._scratch / f"outputs.{form}"
        await asyncio.to_thread(_conclude, files, outcome, form)
        return Outcome(outcome, form, rows, _version_of(files[0]))

    async def _metadata(self) -> _ModelMetadata:
        try:
            said = await self._patiently(
                lambda left_s: self._client.metadata(self._asked.model, self._version, timeout_s=left_s)
            )
        except (UnknownModelError, InvalidRequestError) as error:
            raise RowsRefusedError(str(error)) from None
        metadata = _ModelMetadata.model_validate(said)
        self._most_rows = metadata.most_rows
        return metadata

    async def _pin(self, version: str) -> None:
        """All further requests are for this version, which may take another number of rows than the default."""
        self._version = version
        await self._metadata()

    async def _names(self, file: Path, rows: int) -> list[str]:
        """The names of all chunks: they follow from what is asked about what, and from the position."""
        with file.open("rb") as source:
            content = await asyncio.to_thread(hashlib.file_digest, source, "sha256")
        asked = self._asked
        question = [asked.model, asked.version, asked.outputs, self._chunk_rows, content.hexdigest()]
        key = hashlib.sha256(repr(question).encode()).hexdigest()[:32]
        return [f"{key}-{number:06d}" for number in range(math.ceil(rows / self._chunk_rows))]

    async def _fetch(self, names: Sequence[str], files: Sequence[Path]) -> int:
        """Get the chunks that are there, up to the first that is not; how many."""
        there = set(await self._kept.names())
        done = list(itertools.takewhile(lambda pair: pair[0] in there, zip(names, files, strict=True)))
        for name, file in done:
            file.write_bytes(await self._kept.read(name))
        return len(done)

    async def _chunk(self, chunk: Chunk, name: str, number: int) -> bytes:
        """The outputs of a chunk as they were kept, by this run or another."""
        answers = await self._answers(chunk, number * self._chunk_rows)
        made = batch(
            {output: _one_column(output, [part[output] for part in answers]) for output in answers[0]},
            {MODEL: self._asked.model, VERSION: self._version or ""},
        )
        data = await asyncio.to_thread(_packed, made)
        if await self._kept.keep(name, data) or number:
            return data
        # Somebody else began at the same time: their version it is.
        data = await self._kept.read(name)
        first = self._scratch / name
        first.write_bytes(data)
        await self._pin(_version_of(first))
        return data

    async def _answers(self, chunk: Chunk, first: int) -> list[Mapping[str, Array]]:
        """The outputs of each request that the chunk takes, in order."""
        answers: list[Mapping[str, Array]] = []
        begun = 0
        if self._version is None:
            part = next(self._portions(chunk, 0))
            response = await self._ask(chunk, first, part)
            answers.append(_outputs(response))
            begun = part.stop
            await self._pin(response.model_version)
        left = list(self._portions(chunk, begun))
        for some in (left[at : at + _AT_ONCE] for at in range(0, len(left), _AT_ONCE)):
            try:
                async with asyncio.TaskGroup() as group:
                    asking = [group.create_task(self._ask(chunk, first, part)) for part in some]
            except ExceptionGroup as errors:
                # The others were called back.
                raise errors.exceptions[0] from None
            answers += [_outputs(task.result()) for task in asking]
        return answers

    def _portions(self, chunk: Chunk, begin: int) -> Iterator[slice]:
        """The rows of each request, from one on."""
        return portions(chunk, begin, most_rows=self._most_rows, most_bytes=_REQUEST_BYTES)

    async def _ask(self, chunk: Chunk, first: int, part: slice) -> Response:
        """What the service answers to a part of a chunk whose first row has this number."""
        asked = self._asked
        given = {name: array[part] for name, array in chunk.items()}
        begin, rows = first + part.start, _rows(given)
        try:
            response = await self._patiently(
                lambda left_s: self._client.infer(
                    asked.model,
                    given,
                    version=self._version,
                    outputs=asked.outputs,
                    request_id=asked.id,
                    timeout_s=left_s,
                )
            )
        except (InvalidRequestError, UnknownModelError) as error:
            raise RowsRefusedError(f"The service refuses the rows {begin} to {begin + rows - 1}: {error}") from None
        for output in response.outputs:
            if output.data.shape[:1] != (rows,):
                raise ModelFailedError(
                    f"The model {asked.model!r} answers {rows} rows with {output.name!r} of the shape "
                    f"{list(output.data.shape)}."
                )
        return response

    async def _patiently(self, ask: Callable[[float], Coroutine[Any, Any, T]]) -> T:
        """Ask, and again while the service is away or busy, for some time: a delivery has few tries."""
        until = self._left_s() - self._patience_s
        while True:
            try:
                return await ask(self._left_s())
            except (UnavailableError, OverloadedError) as error:
                if self._left_s() - error.retry_after_s < max(until, 0):
                    raise
                await asyncio.sleep(error.retry_after_s)

    def _bound(self, files: Sequence[Path]) -> None:
        if sum(file.stat().st_size for file in files) > self._most_bytes:
            raise RowsRefusedError(
                f"The outputs take more than {self._most_bytes} bytes: send the rows in parts, or want fewer outputs."
            )


def _outputs(response: Response) -> Mapping[str, Array]:
    return {output.name: output.data for output in response.outputs}


def _rows(tensors: Mapping[str, Array]) -> int:
    return len(next(iter(tensors.values())))


def _one_column(name: str, parts: Sequence[Array]) -> Array:
    shapes = sorted({part.shape[1:] for part in parts})
    if len(shapes) > 1:
        raise RowsRefusedError(
            f"The output {name!r} has rows of the shapes {', '.join(str(list(shape)) for shape in shapes)}, which make "
            "no column."
        )
    return np.concatenate(parts)


def _packed(made: "RecordBatch") -> bytes:
    from arro3.io import write_ipc_stream

    target = io.BytesIO()
    write_ipc_stream(made, target)
    return target.getvalue()


def _version_of(file: Path) -> str:
    from arro3.io import read_ipc_stream

    return str(read_ipc_stream(file).schema.metadata_str[VERSION])


def _conclude(files: Sequence[Path], outcome: Path, form: Format) -> None:
    """All chunks as one file; one of them at a time is in memory."""
    from arro3.core import RecordBatchReader
    from arro3.io import read_ipc_stream

    schema = read_ipc_stream(files[0]).schema
    for file in files:
        if (other := read_ipc_stream(file).schema) != schema:
            raise RowsRefusedError(f"The outputs make no column: they are {schema!r} first and {other!r} later.")
    write(
        RecordBatchReader.from_batches(schema, (part for file in files for part in read_ipc_stream(file))),
        outcome,
        form,
    )
