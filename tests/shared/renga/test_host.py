"""The slim host as a process: how it starts, how it refuses to, how it stops."""

import json
import signal
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from socket import create_connection

from hosts import PATIENCE_S, Start, held

BROKEN = {
    "raises at import": ('raise RuntimeError("no database")\n', "no database"),
    "has no function": ("def handle(x):\n    return x\n", "decorate a handler with @function"),
    "promises nothing": (
        "from renga import function\n@function\ndef handle(event):\n    return None\n",
        "needs annotations",
    ),
    "lacks settings": (
        (
            "from renga import Settings, function\nfrom renga_events import AnyEvent\n"
            "class Needs(Settings, env_prefix='SHOP_'):\n    url: str\n    token: str\n"
            "Needs()\n@function\ndef handle(event: AnyEvent) -> None: ...\n"
        ),
        "SHOP_URL is not set; SHOP_TOKEN is not set",
    ),
}


def test_a_broken_module_never_listens(start: Start, tmp_path: Path) -> None:
    """A module that cannot be used ends the process with its reason, and the port is never bound."""
    for name, (code, reason) in BROKEN.items():
        folder = tmp_path / name.replace(" ", "-")
        folder.mkdir()
        (folder / "main.py").write_text(f'"""Broken."""\n{code}')
        hosted = start(folder, wait=False)
        assert hosted.process.wait(PATIENCE_S) == 1, name
        assert reason in hosted.log.read_text(), name


def test_a_taken_port_is_named(start: Start) -> None:
    """A second host on the same port says so and ends."""
    first = start("outcomes")
    second = start("outcomes", wait=False, PORT=str(first.port))
    assert second.process.wait(PATIENCE_S) == 1
    assert "address already in use. Set PORT to a free port." in second.log.read_text()


def await_refusal(port: int) -> None:
    """Wait until nobody listens there."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            create_connection(("127.0.0.1", port)).close()
        except ConnectionError:  # a reset, where the listener closed between the handshake and its end
            return
    raise AssertionError("connections are still accepted")


def test_it_drains(start: Start, tmp_path: Path) -> None:
    """After SIGTERM an accepted request is answered, new connections are refused, and the process ends well."""
    hosted = start("outcomes")
    with held(hosted, tmp_path / "go") as accepted:
        hosted.process.send_signal(signal.SIGTERM)
        await_refusal(hosted.port)
        assert hosted.process.poll() is None
    assert accepted.result().status == 200
    assert hosted.process.wait(PATIENCE_S) == 0


def test_streams_end_with_the_process(start: Start) -> None:
    """A stream that would go on does not hold up a process that is asked to go; what was said of it arrives whole."""
    hosted = start("outcomes")
    with closing(HTTPConnection("127.0.0.1", hosted.port, timeout=PATIENCE_S)) as connection:
        connection.request("GET", "/ticks?count=100000")
        endless = connection.getresponse()
        begun = endless.read1(1)
        assert hosted.stop() == 0
        assert (begun + endless.read()).startswith(b"data: 0\n\n")


def test_too_large(start: Start) -> None:
    """A body beyond the limit is refused with the limit."""
    answer = start("outcomes", RENGA_MAX_REQUEST_BYTES="1000").deliver(b"x" * 2000)
    assert answer.status == 413
    assert b"1000 bytes" in answer.body


def test_a_killed_process_gives_its_events_back(start: Start, tmp_path: Path) -> None:
    """An event whose process was killed is taken over at once, as the next attempt."""
    env = {"RENGA_STATE_DIR": str(tmp_path)}
    victim = start("outcomes", **env)
    try:
        victim.deliver('{"do": "die"}', id="fatal")
    except OSError:
        victim.process.wait(PATIENCE_S)
    answer = start("outcomes", **env).deliver('{"do": "answer"}', id="fatal")
    assert (answer.status, answer.headers["ce-rengaattempt"]) == (200, "2")


def test_large_answers_are_checked_in(start: Start, tmp_path: Path) -> None:
    """Data beyond the limit travels by reference, and whoever shares the blob store reads it as if it were there."""
    env = {"RENGA_STATE_DIR": str(tmp_path), "RENGA_CLAIM_CHECK_BYTES": "1000"}
    hosted = start("outcomes", **env)
    answer = hosted.deliver(json.dumps({"do": "answer", "size": 5000}))
    reference = answer.headers["ce-dataref"]
    assert answer.body == b""
    assert len(json.loads(Path(reference.removeprefix("file://")).read_bytes())["filler"]) == 4999
    (tmp_path / "blobs" / "question").write_text('{"do": "several", "size": 2}')
    by_reference = hosted.deliver(b"", dataref=f"file://{tmp_path}/blobs/question")
    assert len(json.loads(by_reference.body)) == 2


def test_foreign_references_are_not_followed(start: Start, tmp_path: Path) -> None:
    """A dataref outside the function's own store is rejected; one that is not there yet is tried again."""
    hosted = start("outcomes", RENGA_STATE_DIR=str(tmp_path))
    for reference in ("file:///etc/hostname", "http://127.0.0.1:1/x", f"file://{tmp_path}/blobs/../log"):
        answer = hosted.deliver(b"", dataref=reference)
        assert answer.status == 422, reference
        assert b"not in this function's blob store" in answer.body
    assert hosted.deliver(b"", dataref=f"file://{tmp_path}/blobs/later").status == 503


def test_logs_are_json_with_ids(start: Start) -> None:
    """Each log line is one JSON object that names the run, the event, the trace and the attempt."""
    hosted = start("outcomes")
    hosted.deliver('{"do": "bug"}', id="e7", correlationid="run-7")
    line = json.loads(hosted.log.read_text().splitlines()[-1])
    assert (line["run_id"], line["event_id"], line["attempt"], line["level"]) == ("run-7", "e7", 1, "error")
    assert len(line["trace_id"]) == 32
    assert line["exception"][0]["exc_type"] == "ZeroDivisionError"


def test_idempotency_can_be_turned_off(start: Start) -> None:
    """With RENGA_STORE=none every delivery is handled."""
    hosted = start("outcomes", RENGA_STORE="none")
    bodies = {hosted.deliver('{"do": "answer"}', id="same").body for _ in range(3)}
    assert len(bodies) == 3


def test_replicas_share_what_was_handled(start: Start, tmp_path: Path) -> None:
    """Two processes of one function handle an event once between them."""
    replicas = [start("outcomes", RENGA_STATE_DIR=str(tmp_path)) for _ in range(2)]
    ids = [f"shared-{number}" for number in range(50)]
    with ThreadPoolExecutor(8) as pool:
        deliveries = [
            pool.submit(replica.deliver, '{"do": "answer"}', id=event_id) for event_id in ids for replica in replicas
        ]
        answers = [delivery.result() for delivery in deliveries]
    assert {answer.status for answer in answers} <= {200, 409}
    database = sqlite3.connect(tmp_path / "idempotency-suite-outcomes.db")
    assert database.execute("SELECT count(*), max(attempt) FROM claim").fetchone() == (50, 1)
    database.close()
