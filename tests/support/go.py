"""Programs that are written in Go, built as a test folder pins what they stand on."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

_PATIENCE_S = 100
"""For the first build, which compiles the standard library too; later ones come out of Go's own cache."""


def build(folder: Path, into: Path, *, patience_s: int = _PATIENCE_S) -> Path:
    """Build the program of a folder with `go.mod` and `go.sum`; skip where that cannot be had.

    Args:
        folder: where the program is.
        into: where it is put.
        patience_s: how long fetching and building may take, each.

    Returns:
        The program.
    """
    go = shutil.which("go")
    if go is None:
        pytest.skip("Go is not installed")
    program = into / folder.name
    environment = {**os.environ, "GOFLAGS": "-mod=readonly -buildvcs=false", "CGO_ENABLED": "0"}
    fetch = [go, "mod", "download"]
    try:
        fetched = subprocess.run(
            fetch, cwd=folder, env=environment, check=False, capture_output=True, text=True, timeout=patience_s
        )
        if fetched.returncode:
            pytest.skip(f"go mod download fails: {fetched.stderr.strip().splitlines()[-1:]}")
        built = subprocess.run(
            [go, "build", "-o", str(program), "."],
            cwd=folder, env=environment, check=False, capture_output=True, text=True, timeout=patience_s,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        pytest.skip(f"Go takes more than {patience_s} s")
    assert built.returncode == 0, built.stderr
    return program
