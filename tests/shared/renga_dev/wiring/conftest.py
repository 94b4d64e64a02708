"""A project in a folder of its own, made of the functions that a test writes."""

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

AddFunction = Callable[[str, str], Path]

SUBMIT = '''
"""Take a design."""

from pydantic import BaseModel
from renga import function
from renga_events.schema import SchemaSubmitted


class Submission(BaseModel):
    text: str


@function
def handle(submission: Submission) -> SchemaSubmitted:
    return SchemaSubmitted(text=submission.text)
'''

PARSE = '''
"""Read a design.

Statement by statement.
"""

from renga import function
from renga_events.schema import SchemaParsed, SchemaRejected, SchemaSubmitted
from renga_schema.model import Schema


@function(concurrency=4, timeout_s=30, min_scale=1, max_scale=3, window_s=90, memory="256Mi")
async def handle(submitted: SchemaSubmitted) -> SchemaParsed | SchemaRejected:
    return SchemaParsed(schema_id=submitted.schema_id, name=submitted.name, model=Schema())
'''

LEDGER = '''
"""Hear everything."""

from renga import function
from renga_events import AnyEvent


@function(max_scale=1)
def handle(event: AnyEvent) -> None:
    return None


@handle.get("/runs/{run_id}")
def run(run_id: str) -> str:
    return run_id
'''


@pytest.fixture
def add_function(tmp_path: Path) -> AddFunction:
    """Write `functions/<name>/main.py` into the test's project."""

    def write(name: str, source: str) -> Path:
        path = tmp_path / "functions" / name / "main.py"
        path.parent.mkdir(parents=True)
        path.write_text(textwrap.dedent(source))
        return path

    return write


@pytest.fixture
def project(tmp_path: Path, add_function: AddFunction) -> Path:
    """A door, a function that answers in two ways, and one that hears everything."""
    add_function("schema/submit", SUBMIT)
    add_function("schema/parse", PARSE)
    add_function("platform/ledger", LEDGER)
    return tmp_path
