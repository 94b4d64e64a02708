"""A run over many rows with a real service: which version answers, what is kept, and what is refused on the way."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from columns import read_table, values, write_columns
from contract.receiver import Answer as Answered
from contract.receiver import receiving
from hosts import free_port
from inference import publish
from inference_server import InferenceServer, started
from renga_infer.client import InferenceClient
from renga_infer.errors import DeadlineExceededError, UnavailableError
from renga_infer.rows import RowsRefusedError
from renga_infer.rows.checking import Limits
from renga_infer.rows.running import Inference, Outcome, RowsRun

ROWS = np.arange(200.0).reshape(100, 2)
ASKED = Inference("affine", None, (), "run")


class Memory(dict[str, bytes]):
    """Chunks in a dictionary; `hidden` are there, though nobody has seen them yet."""

    hidden: Sequence[str] = ()

    async def names(self) -> Sequence[str]:
        """Those that are seen."""
        return [name for name in self if name not in self.hidden]

    async def read(self, name: str) -> bytes:
        """One of them."""
        return self[name]

    async def keep(self, name: str, data: bytes) -> bool:
        """The first of a name stays."""
        return self.setdefault(name, data) is data


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InferenceServer]:
    """Version 1 takes 16 rows at once, version 2 only 8."""
    folder = tmp_path_factory.mktemp("service")
    publish(folder / "models", "1", 1.0, batching={"max_batch_size": 16})
    publish(folder / "models", "2", 2.0, batching={"max_batch_size": 8})
    with started(folder / "models", folder / "log") as running:
        running.until_ready()
        yield running


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A hundred rows."""
    return write_columns(tmp_path / "rows.arrow", {"x": ROWS})


def infer(url: str, file: Path, kept: Memory, asked: Inference = ASKED, **limits: Any) -> Outcome:
    """Run it; the outputs lie beside the file."""
    until = time.monotonic() + limits.pop("time_s", 60)
    scratch = file.parent / f"scratch-{time.monotonic_ns()}"
    scratch.mkdir()
    given = {"chunk_rows": 30, "limits": Limits(1000), "most_bytes": 10**6, "patience_s": 0.0, **limits}

    async def run() -> Outcome:
        async with InferenceClient(url, open_s=0.2) as client:
            left_s = lambda: until - time.monotonic()  # noqa: E731 - what a run is given
            return await RowsRun(client, asked, kept, scratch, left_s=left_s, **given).infer(file)

    return asyncio.run(run())


def test_the_newest_answers_all_rows(service: InferenceServer, file: Path) -> None:
    """The service chooses the version, whose own batch size it is that requests keep to; every chunk is kept."""
    kept = Memory()
    outcome = infer(service.url, file, kept)
    assert (outcome.rows, outcome.version, outcome.form) == (100, "2", "arrow")
    np.testing.assert_allclose(values(read_table(outcome.file), "y"), 2 * ROWS.sum(axis=1))
    assert len(kept) == 4
    assert infer(service.url, file, kept).version == "2"
    assert len(kept) == 4


def test_of_two_who_begin_at_once_both_go_on_with_the_first(service: InferenceServer, file: Path) -> None:
    """Who finds a first chunk of another version where it would put its own takes that version."""
    kept = Memory()
    infer(service.url, file, kept)
    (first, *others) = sorted(kept)
    older = Memory()
    infer(service.url, file, older, Inference("affine", "1", (), "run"))
    kept[first] = older[min(older)]
    for name in others:
        del kept[name]
    kept.hidden = [first]
    outcome = infer(service.url, file, kept)
    assert outcome.version == "1"
    np.testing.assert_allclose(values(read_table(outcome.file), "y"), ROWS.sum(axis=1))


def test_another_question_finds_nothing_of_this_one(service: InferenceServer, file: Path, tmp_path: Path) -> None:
    """Another version, other rows or another size of chunks have chunks of their own, in the same place."""
    kept = Memory()
    infer(service.url, file, kept)
    infer(service.url, file, kept, Inference("affine", "1", (), "run"))
    infer(service.url, write_columns(tmp_path / "more.arrow", {"x": ROWS + 1}), kept)
    infer(service.url, file, kept, chunk_rows=50)
    assert len(kept) == 4 + 4 + 4 + 2


def test_a_service_that_comes_in_time(service: InferenceServer, file: Path, tmp_path: Path) -> None:
    """It is waited for with patience, and no longer."""
    port = free_port()
    with pytest.raises(UnavailableError):
        infer(f"http://127.0.0.1:{port}", file, Memory(), patience_s=0.5)
    with started(service.models, tmp_path / "log", port=port):
        assert infer(f"http://127.0.0.1:{port}", file, Memory(), patience_s=60.0).rows == 100


def test_no_time_is_left(service: InferenceServer, file: Path) -> None:
    """Nobody is asked for what nobody will wait for."""
    with pytest.raises(DeadlineExceededError, match="no time left"):
        infer(service.url, file, Memory(), time_s=0)


@pytest.mark.parametrize(
    ("asked", "limits", "sentence"),
    [
        (ASKED, {"most_bytes": 500}, "The outputs take more than 500 bytes"),
        (ASKED, {"limits": Limits(99)}, "There are more than 99 rows"),
        (Inference("affine", "3", (), ""), {}, "has no version '3'; there is 1, 2"),
        (Inference("affine", None, ("z",), ""), {}, "The service refuses the rows 0 to 7: "),
    ],
)
def test_what_is_refused(
    service: InferenceServer, file: Path, asked: Inference, limits: dict[str, Any], sentence: str
) -> None:
    """A limit, and what the service refuses, with its own words."""
    with pytest.raises(RowsRefusedError) as refused:
        infer(service.url, file, Memory(), asked, **limits)
    assert sentence in str(refused.value)


def test_a_model_that_answers_no_rows(file: Path) -> None:
    """One whose input has no free first axis, as other servers of the protocol have them, is no model for rows."""
    tensor = '{"name": "x", "datatype": "FP64", "shape": [2, 2]}'
    metadata = f'{{"name": "fixed", "platform": "other", "inputs": [{tensor}], "outputs": [{tensor}]}}'
    with receiving() as receiver:
        receiver.script("v2/models/fixed", (Answered(status=200, body=metadata),))
        with pytest.raises(RowsRefusedError, match=r"'fixed' does not answer row by row: its input 'x' has the shape"):
            infer(receiver.url, file, Memory(), Inference("fixed", None, (), ""))
