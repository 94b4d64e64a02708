"""What functions-framework's process gets with the function, beside the contract of test_hosts."""

import subprocess
import sys
from pathlib import Path

import pytest
from starlette.requests import Request

from renga import function
from renga_events import AnyEvent


def test_the_collector_stays_on() -> None:
    """Garbage is collected under functions-framework: only our own host stops that, for as long as it starts."""
    probe = [sys.executable, "-c", "import gc, renga.frameworks; print(gc.isenabled())"]
    assert subprocess.run(probe, capture_output=True, check=True).stdout.strip() == b"True"


def test_the_application_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings are read with the first request; the second gets the same application, whatever they are then."""

    @function
    def handle(event: AnyEvent) -> None: ...

    monkeypatch.setenv("RENGA_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("RENGA_STORE", "none")
    first = handle(Request({"type": "http", "headers": []}))  # type: ignore[arg-type]  # as functions-framework calls it
    monkeypatch.setenv("PORT", "none")
    assert handle(Request({"type": "http", "headers": []})) is first  # type: ignore[arg-type]
