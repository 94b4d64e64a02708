"""A short run of the fuzzer over every reader, and everything that it ever found."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
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

Fuzz = Callable[..., int]
"""Call it with a file for what is said and the harness' arguments; gives the exit status."""


@pytest.fixture(scope="module")
def fuzz(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzz]:
    """The harness, instrumented once for all targets."""
    log = tmp_path_factory.mktemp("harness") / "log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [sys.executable, HARNESS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=output, text=True
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        asked, answered = process.stdin, process.stdout

        def ask(*arguments: str | Path) -> int:
            asked.write(f"{json.dumps([str(each) for each in arguments])}\n")
            asked.flush()
            answer = answered.readline()
            assert answer, f"the harness ended: {log.read_text()[-3000:]}"
            return int(answer)

        yield ask


@pytest.mark.timeout(600)
@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris has no wheel for this platform")
@pytest.mark.parametrize("target", fuzzing.targets())
def test_the_fuzzer_finds_nothing(target: str, fuzz: Fuzz, tmp_path: Path) -> None:
    """Whatever comes of the target's cases is answered: no crash, no hang, no leak."""
    corpus, found, log = tmp_path / "corpus", tmp_path / "found", tmp_path / "log"
    corpus.mkdir()
    found.mkdir()
    for number, seed in enumerate(fuzzing.seeds(target)):
        (corpus / str(number)).write_bytes(seed)
    options = ["-seed=1", f"-runs={RUNS}", "-max_total_time=8", f"-timeout={MOST_WALL_S}", "-rss_limit_mb=1500"]
    if fuzz(log, target, *options, "-max_len=4096", f"-artifact_prefix={found}/", corpus):
        inputs = [path.read_bytes() for path in found.iterdir()]
        pytest.fail(f"{log.read_text(errors='replace')[-6000:]}\nThe input: {inputs}\n{tmp_path}")


@pytest.mark.parametrize("find", FINDS, ids=lambda find: f"{find.parent.name}/{find.name}")
def test_what_was_found_once_is_answered(find: Path) -> None:
    """An input that once broke a reader is answered now."""
    fuzzing.answer(find.parent.name, find.read_bytes())
