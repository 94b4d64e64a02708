"""A short run of the fuzzer over every reader, and everything that it ever found."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import fuzzing

HARNESS = Path(__file__).parent / "harness.py"
FINDS = sorted((Path(__file__).parent / "finds").glob("*/*"))
RUNS = 100
"""Executions per target beyond its seeds: some seconds each."""
MOST_WALL_S = 120
"""An input that hangs for so long is a failure, on however busy a machine; the CPU time is checked exactly."""


@pytest.mark.timeout(600)
@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris has no wheel for this platform")
@pytest.mark.parametrize("target", fuzzing.targets())
def test_the_fuzzer_finds_nothing(target: str, tmp_path: Path) -> None:
    """Whatever comes of the target's cases is answered: no crash, no hang, no leak."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(fuzzing.seeds(target)):
        (corpus / str(number)).write_bytes(seed)
    options = ["-seed=1", f"-runs={RUNS}", "-max_total_time=8", f"-timeout={MOST_WALL_S}", "-rss_limit_mb=1500"]
    command = [
        sys.executable,
        str(HARNESS),
        target,
        *options,
        "-max_len=4096",
        f"-artifact_prefix={tmp_path}/",
        str(corpus),
    ]
    ended = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if ended.returncode:
        found = [path.read_bytes() for path in tmp_path.iterdir() if path.is_file()]
        pytest.fail(f"{ended.stdout[-3000:]}\n{ended.stderr[-3000:]}\nThe input: {found}\n{tmp_path}")


@pytest.mark.parametrize("find", FINDS, ids=lambda find: f"{find.parent.name}/{find.name}")
def test_what_was_found_once_is_answered(find: Path) -> None:
    """An input that once broke a reader is answered now."""
    fuzzing.answer(find.parent.name, find.read_bytes())
