"""A project in a folder of its own, made of the functions that a test writes."""

import textwrap
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from renga_dev.wiring.discovery import Function, discover

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


def add(root: Path, name: str, source: str) -> Path:
    """Write `functions/<name>/main.py` into a project."""
    path = root / "functions" / name / "main.py"
    path.parent.mkdir(parents=True)
    path.write_text(textwrap.dedent(source))
    return path


def chain(root: Path) -> Path:
    """Make a project of a door, a function that answers in two ways, and one that hears everything."""
    add(root, "schema/submit", SUBMIT)
    add(root, "schema/parse", PARSE)
    add(root, "platform/ledger", LEDGER)
    return root


@pytest.fixture
def add_function(tmp_path: Path) -> AddFunction:
    """Write a function into the test's project."""
    return partial(add, tmp_path)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A door, a function that answers in two ways, and one that hears everything."""
    return chain(tmp_path)


@pytest.fixture(scope="session")
def functions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Function, ...]:
    """The functions of such a project, read once: each takes a process."""
    return discover(chain(tmp_path_factory.mktemp("project"))).functions
