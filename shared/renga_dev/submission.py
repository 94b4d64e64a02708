"""Hands a design in, follows its run, and brings back what it came to."""

import asyncio
import codecs
import os
from dataclasses import dataclass
from pathlib import Path

from pydantic_core import to_json

from renga.http.client import Response
from renga.ledger.run import Run
from renga_dev.endpoint import Endpoint, Refused, detail
from renga_dev.follow import Follower, LedgerReader
from renga_events.schema import SchemaGenerated, SchemaParsed, SchemaRejected

SUBMIT = "schema/submit"
_TRIES = 5
_PASSING = {409, 429, 502, 503, 504}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class NotText(ValueError):  # noqa: N818 - says what is the case
    """A file's bytes are no text in an encoding that is recognised."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What is handed in; None leaves the choice to the function."""

    label: str
    """What the user calls the file."""
    text: str
    name: str
    targets: tuple[str, ...] | None = None
    format: str | None = None
    dialect: str | None = None
    schema_id: str | None = None

    def to_json(self) -> bytes:
        """As `schema/submit` takes it."""
        fields = {
            "name": self.name,
            "text": self.text,
            "targets": self.targets,
            "format": self.format,
            "dialect": self.dialect,
            "schema_id": self.schema_id,
        }
        return to_json({name: value for name, value in fields.items() if value is not None})


@dataclass(frozen=True, slots=True)
class Result:
    """What a submission came to."""

    submission: Submission
    run: Run
    parsed: SchemaParsed | None = None
    generated: SchemaGenerated | None = None
    rejected: SchemaRejected | None = None


def decode_text(raw: bytes) -> str:
    """The text of a file: UTF-8, or what its byte order mark says.

    Raises:
        NotText: it is neither; the message says which byte is wrong.
    """
    mark, encoding = next(((mark, encoding) for mark, encoding in _BOMS if raw.startswith(mark)), (b"", "utf-8"))
    try:
        return raw[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        at = error.start + len(mark)
        raise NotText(f"is not {encoding.upper()}: byte {at} is {raw[at]:#04x}. Save it as UTF-8.") from None


async def submit(endpoint: Endpoint, submission: Submission, follower: Follower) -> Result:
    """Hand in, follow to the end, and fetch what was said there.

    Raises:
        NoRuntime: nobody listens.
        Refused: the submission was not taken; or there is no ledger.
    """
    run_id = await _hand_in(endpoint, submission)
    follower.began(run_id)
    ledger = LedgerReader(endpoint)
    run = await ledger.to_its_end(run_id, follower)
    return Result(
        submission,
        run,
        parsed=await ledger.said(run, SchemaParsed),
        generated=await ledger.said(run, SchemaGenerated),
        rejected=await ledger.said(run, SchemaRejected),
    )


async def _hand_in(endpoint: Endpoint, submission: Submission) -> str:
    """Post it and return its run's id. A try whose answer was lost is made again under the same key: it is one run."""
    key = os.urandom(16).hex()
    headers = [("content-type", "application/json"), ("idempotency-key", key)]
    body = submission.to_json()
    for tries_left in reversed(range(_TRIES)):
        answer: Response | None = None
        try:
            answer = await endpoint.request("POST", endpoint.of(SUBMIT), headers=headers, body=body, timeout_s=120)
        except ConnectionError:
            if not tries_left:
                raise
        if answer is not None and (answer.status not in _PASSING or not tries_left):
            if answer.status != 200:
                raise Refused(f"{submission.label} was not taken", answer.status, detail(answer))
            return answer.header("renga-run") or key
        await asyncio.sleep(0.5)
    raise AssertionError("the last try returns or raises")


def write_documents(generated: SchemaGenerated, folder: Path) -> dict[str, Path]:
    """Write each document below a folder; return where each went, by its own path.

    Raises:
        OSError: one cannot be written.
        ValueError: a document's path leads out of the folder.
    """
    written = {}
    for document in generated.documents:
        target = (folder / document.path).resolve()
        if not target.is_relative_to(folder.resolve()):
            raise ValueError(f"The document {document.path!r} would be written outside of {folder}.")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(document.text, encoding="utf-8", newline="\n")
        written[document.path] = folder / document.path
    return written
