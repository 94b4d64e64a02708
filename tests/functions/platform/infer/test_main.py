"""platform/infer under its real host, with a real inference service: rows in, outputs out, once."""

import json
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from columns import FORMATS, read_table, values, write_columns
from hosts import HOSTS, Answer, Hosted, launch
from inference import publish
from inference_server import InferenceServer, started
from renga_events.inference import InferenceCompleted, InferenceRejected, InferenceRequested

MOST_BYTES = 40_000
MOST_ROWS = 2000
ROWS = np.random.default_rng(7).normal(size=(1000, 2))
SUMS = ROWS.sum(axis=1)
SETTINGS = {
    "PLATFORM_INFER_CHUNK_ROWS": "100",
    "PLATFORM_INFER_MOST_BYTES": str(MOST_BYTES),
    "PLATFORM_INFER_MOST_ROWS": str(MOST_ROWS),
    "PLATFORM_INFER_PATIENCE_S": "0",
    "RENGA_STORE": "none",
}
"""Ten chunks, and no memory but that of the function itself."""
Infer = Callable[..., Hosted]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InferenceServer]:
    """The inference service with the model `affine`, which takes 16 rows at once."""
    folder = tmp_path_factory.mktemp("service")
    publish(folder / "models", "1", 1.0, batching={"max_batch_size": 16})
    with started(folder / "models", folder / "log") as running:
        running.until_ready()
        yield running


@pytest.fixture(scope="module")
def infer(service: InferenceServer, repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Infer]:
    """Start the function, again and again over one state."""
    running: list[Hosted] = []
    state = tmp_path_factory.mktemp("state")

    def start(url: str = service.url) -> Hosted:
        env = {**SETTINGS, "PLATFORM_INFER_INFERENCE_URL": url, "TMPDIR": str(state)}
        log = state / f"log-{len(running)}"
        hosted = launch(HOSTS["slim"], repository / "functions/platform/infer", state, log, **env)
        running.append(hosted)
        hosted.until_ready()
        return hosted

    yield start
    for hosted in running:
        if hosted.process.poll() is None:
            assert hosted.stop() == 0


@pytest.fixture(scope="module")
def hosted(infer: Infer) -> Hosted:
    """The function, with that service."""
    return infer()


@pytest.fixture
def blobs(hosted: Hosted) -> Iterator[Path]:
    """The function's blob store, empty."""
    folder = hosted.log.parent / "blobs"
    folder.mkdir(exist_ok=True)
    yield folder
    shutil.rmtree(folder)


def request(file: Path, **fields: Any) -> bytes:
    """The data of a request for the rows of a file."""
    given = {"inference_id": "i", "model": "affine", "rows": f"file://{file}", **fields}
    return InferenceRequested(**given).to_json()


def ask(hosted: Hosted, data: bytes, event_id: str = "1") -> Answer:
    """Deliver it."""
    return hosted.deliver(data, type=InferenceRequested.ce_type, id=event_id)


def completed(answer: Answer) -> InferenceCompleted:
    """What was answered."""
    assert (answer.status, answer.headers.get("ce-type")) == (200, InferenceCompleted.ce_type), answer
    return InferenceCompleted.from_json(answer.body)


def reason(answer: Answer) -> str:
    """Why it was rejected."""
    assert (answer.status, answer.headers.get("ce-type")) == (200, InferenceRejected.ce_type), answer
    return InferenceRejected.from_json(answer.body).reason


def outputs(event: InferenceCompleted) -> Any:
    """The column `y` of the outputs."""
    return values(read_table(Path(event.rows.removeprefix("file://"))), "y")


def asked_rows(service: InferenceServer, version: str = "1") -> int:
    """How many rows the service has computed."""
    said = service.json("GET", f"/v2/models/affine/versions/{version}/stats")
    return int(said["model_stats"][0]["inference_count"])


@pytest.mark.parametrize("form", FORMATS)
def test_every_row_is_answered_in_order(hosted: Hosted, blobs: Path, form: str) -> None:
    """The outputs have the request's format and a row for each of its rows; other columns are passed over."""
    columns = {"id": np.arange(1000), "x": ROWS}
    file = write_columns(blobs / f"rows.{form}", columns, batch_rows=70)
    event = completed(ask(hosted, request(file)))
    assert (event.inference_id, event.model, event.version, event.count) == ("i", "affine", "1", 1000)
    assert event.rows.endswith(f"/outputs.{form}")
    np.testing.assert_allclose(outputs(event), SUMS)
    table = read_table(Path(event.rows.removeprefix("file://")))
    assert (table.column_names, table.schema.metadata_str["renga.version"]) == (["y"], "1")
    assert sorted(path.name for path in blobs.glob("infer/*/*")) == ["concluded", f"outputs.{form}"]


def test_a_second_delivery_gets_the_same_answer(hosted: Hosted, blobs: Path, service: InferenceServer) -> None:
    """Where nobody else remembers, the function does; the same file in another request is computed for it."""
    data = request(write_columns(blobs / "rows.parquet", {"x": ROWS}))
    first = completed(ask(hosted, data))
    before = asked_rows(service)
    assert completed(ask(hosted, data)) == first
    assert asked_rows(service) == before
    other = completed(ask(hosted, data, "2"))
    assert (other.count, other.rows == first.rows) == (1000, False)
    assert asked_rows(service) == before + 1000


def test_what_another_concluded_meanwhile_stays(
    hosted: Hosted, blobs: Path, service: InferenceServer, tmp_path: Path
) -> None:
    """A delivery that was under way then says what the other said, and leaves the other's outputs as they are."""
    data = request(write_columns(blobs / "rows.parquet", {"x": ROWS}))
    first = completed(ask(hosted, data))
    (concluded,) = blobs.glob("infer/*/concluded")
    concluded.rename(tmp_path / "concluded")
    of_first = Path(first.rows.removeprefix("file://"))
    of_first.write_bytes(b"the first's")
    scratch = set(blobs.parent.glob("renga-infer-*/rows"))
    service.process.send_signal(signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(1) as thread:
            delivered = thread.submit(ask, hosted, data)
            # The rows are fetched after it has looked for a conclusion, and before it asks the service.
            while set(blobs.parent.glob("renga-infer-*/rows")) == scratch and not delivered.done():
                time.sleep(0.002)
            (tmp_path / "concluded").rename(concluded)
            service.process.send_signal(signal.SIGCONT)
            assert completed(delivered.result()) == first
    finally:
        service.process.send_signal(signal.SIGCONT)
    assert of_first.read_bytes() == b"the first's"
    assert sorted(path.name for path in blobs.glob("infer/*/*")) == ["concluded", "outputs.parquet"]


def begun(infer: Infer, service: InferenceServer, blobs: Path, data: bytes) -> int | None:
    """Kill the function after some chunks; how many rows were computed before, None where it was done too soon."""
    before = asked_rows(service)
    killed = infer(service.url)
    with ThreadPoolExecutor(1) as thread:
        delivered = thread.submit(ask, killed, data)
        while len(list(blobs.glob("infer/*/*"))) < 3 and not delivered.done():
            time.sleep(0.002)
        killed.process.send_signal(signal.SIGKILL)
        was_killed = isinstance(delivered.exception(), OSError)
    kept = [path.name for path in blobs.glob("infer/*/*")]
    return before if was_killed and len(kept) < 10 and "concluded" not in kept else None


def test_killed_in_the_middle_it_goes_on(infer: Infer, blobs: Path, tmp_path: Path) -> None:
    """After SIGKILL only what is missing is computed, by the version that began, though another is the default now."""
    models = tmp_path / "models"
    publish(models, "1", 1.0, batching={"max_batch_size": 2})
    data = request(write_columns(blobs / "rows.parquet", {"x": ROWS}))
    with started(models, tmp_path / "log") as service:
        service.until_ready()
        while (before := begun(infer, service, blobs, data)) is None:
            shutil.rmtree(blobs / "infer")
        publish(models, "2", 2.0)
        service.json("POST", "/v2/repository/models/affine/load")
        event = completed(ask(infer(service.url), data))
        assert service.json("GET", "/v2/models/affine")["properties"]["version"] == "2"
        assert event.version == "1"
        np.testing.assert_allclose(outputs(event), SUMS)
        # What was computed and not kept is one chunk at most.
        assert asked_rows(service) - before <= 1000 + 100


def test_while_the_service_is_away(infer: Infer, blobs: Path, service: InferenceServer, tmp_path: Path) -> None:
    """It asks for another try, and says why; without an address too; nothing is made up."""
    data = request(write_columns(blobs / "rows.parquet", {"x": ROWS}))
    with started(service.models, tmp_path / "log") as other:
        away = infer(other.url)
        other.process.kill()
        other.process.wait()
        answer = ask(away, data)
        assert (answer.status, "is away" in json.loads(answer.body)["detail"]) == (503, True)
    answer = ask(infer(""), data)
    assert answer.status == 503
    assert b"PLATFORM_INFER_INFERENCE_URL names no inference service." in answer.body


def test_a_named_version_and_named_outputs(hosted: Hosted, blobs: Path) -> None:
    """What is named is what answers; what the model does not have is rejected with what it has."""
    file = write_columns(blobs / "rows.arrow", {"x": ROWS})
    assert completed(ask(hosted, request(file, version="1", outputs=("y",)))).version == "1"
    assert "has no output 'z'; there is y" in reason(ask(hosted, request(file, outputs=("z",)), "2"))
    assert "7" in reason(ask(hosted, request(file, version="7"), "3"))
    assert "did you mean 'affine'?" in reason(ask(hosted, request(file, model="afine"), "4"))


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing column": (lambda file: write_columns(file, {"xx": ROWS}), "no column 'x', which is an input of the model"),
    "NaN": (
        lambda file: write_columns(file, {"x": np.vstack([ROWS[:120], [[np.nan, 1]]])}),
        "refuses the rows 116 to 120: The input 'x' holds NaN",
    ),
    "too many rows": (lambda file: write_columns(file, {"x": np.zeros((2001, 2))}), "more than 2000 rows"),
    "a damaged file": (lambda file: file.write_bytes(b"PAR1" + bytes(100)), "cannot be read"),
    "too many bytes": (lambda file: file.write_bytes(bytes(MOST_BYTES + 1)), "has 40001 bytes; 40000 are taken"),
    "nothing": (lambda _: None, "There is nothing at file://"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_rejected_with_its_reason(hosted: Hosted, blobs: Path, case: str) -> None:
    """What no later try could mend ends the run, with the value and what would do; nothing of it is left but that."""
    write, sentence = REFUSED[case]
    file = blobs / "rows.parquet"
    write(file)
    answer = ask(hosted, request(file))
    assert sentence in reason(answer)
    file.unlink(missing_ok=True)
    assert reason(ask(hosted, request(file))) == reason(answer)
    assert [path.name for path in blobs.glob("infer/*/*")] == ["concluded"]


def test_only_its_own_store_is_read(hosted: Hosted, blobs: Path, tmp_path: Path) -> None:
    """A URL of elsewhere, or one that leads out of the store, is rejected and not opened."""
    file = write_columns(tmp_path / "rows.parquet", {"x": ROWS})
    inside = {"rows": f"file://{blobs}/../../rows.parquet"}
    for number, fields in enumerate(({}, inside, {"rows": "http://127.0.0.1:1/rows"}, {"rows": ""})):
        assert "not in this function's blob store" in reason(ask(hosted, request(file, **fields), str(number)))
