"""The ledger over a socket: real events in, runs and streams out."""

import asyncio
import http.client
import json
import signal
import subprocess
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from hosts import PATIENCE_S, Answer, Hosted
from postgres import Server
from renga.claimcheck import ClaimCheck
from renga.wire import WireEvent
from renga_events.envelope import Envelope

SUBMIT, PARSE, VALIDATE, GENERATE = (f"schema/{name}" for name in ("submit", "parse", "validate", "generate"))


def say(ledger: Hosted, event_id: str, what: str, who: str, cause: str, *, run: str = "r", **more: str) -> Answer:
    """One event of a run, as the broker delivers it."""
    attributes = {
        "id": event_id,
        "type": f"dev.renga.schema.{what}.v1",
        "source": f"/functions/{who}",
        "subject": "shop",
        "correlationid": run,
        "causationid": cause,
        "rengaattempt": "1",
        "rengastart": "warm",
        "rengaduration": "12",
    }
    return ledger.deliver(b'{"n": 1}', **attributes | more)


def begin(ledger: Hosted, run: str = "r") -> None:
    """A run whose design was submitted and parsed."""
    assert say(ledger, f"{run}-s", "submitted", SUBMIT, run, run=run).status == 204
    assert say(ledger, f"{run}-p", "parsed", PARSE, f"{run}-s", run=run).status == 204


def end(ledger: Hosted, run: str = "r") -> None:
    """The rest of it."""
    assert say(ledger, f"{run}-v", "validated", VALIDATE, f"{run}-p", run=run).status == 204
    assert say(ledger, f"{run}-g", "generated", GENERATE, f"{run}-v", run=run).status == 204


def told(answer: Answer) -> Any:
    """The JSON of a good answer."""
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


class Told(NamedTuple):
    """One server-sent event."""

    event: str
    data: Any
    id: int | None


class Reader:
    """One open stream of a run."""

    def __init__(self, ledger: Hosted, run: str, last_event_id: int | None) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", ledger.port, timeout=PATIENCE_S)
        headers = {} if last_event_id is None else {"Last-Event-ID": str(last_event_id)}
        self.connection.request("GET", f"/runs/{run}/stream", headers=headers)
        self.response = self.connection.getresponse()
        assert self.response.status == 200
        assert self.response.getheader("content-type") == "text/event-stream"

    def __iter__(self) -> Iterator[Told]:
        fields: dict[str, str] = {}
        while line := self.response.readline().decode():
            name, _, value = line.strip().partition(": ")
            if name:
                fields[name] = value
            elif "data" in fields:
                yield Told(fields["event"], json.loads(fields["data"]), int(fields["id"]) if "id" in fields else None)
                fields = {}

    def until(self, condition: Callable[[Told], bool]) -> list[Told]:
        """Events up to the first one that the condition holds for."""
        seen = []
        for event in self:
            seen.append(event)
            if condition(event):
                return seen
        raise AssertionError(f"the stream ended: {seen}")

    def close(self) -> None:
        """Hang up."""
        self.response.close()
        self.connection.close()


Read = Callable[..., Reader]


@pytest.fixture
def read() -> Iterator[Read]:
    """Open streams; all are closed at the end."""
    readers: list[Reader] = []

    def begin_reading(ledger: Hosted, run: str, last_event_id: int | None = None) -> Reader:
        readers.append(Reader(ledger, run, last_event_id))
        return readers[-1]

    yield begin_reading
    for reader in readers:
        reader.close()


def entries(events: Iterable[Told]) -> list[str]:
    """The ids of what was said, without the states between."""
    return [event.data["id"] for event in events if event.event == "entry"]


def test_a_run_from_its_first_event_to_its_end(ledger: Hosted) -> None:
    """A run is running and says who is awaited, until its last event has been heard."""
    begin(ledger)
    running = told(ledger.call("GET", "/runs/r"))
    assert (running["state"], running["ended"], running["subject"]) == ("running", None, "shop")
    assert [(a["function"], a["id"]) for a in running["awaited"]] == [(VALIDATE, "r-p")]
    end(ledger)
    ended = told(ledger.call("GET", "/runs/r"))
    assert (ended["state"], ended["awaited"], ended["events"]) == ("well", [], 4)
    assert [entry["function"] for entry in ended["timeline"]] == [SUBMIT, PARSE, VALIDATE, GENERATE]
    assert {(e["attempt"], e["start"], e["duration_ms"], e["outcome"]) for e in ended["timeline"]} == {
        (1, "warm", 12.0, "done")
    }


def test_runs(ledger: Hosted) -> None:
    """Runs are listed newest first, of one state where that is asked for."""
    for run in ("one", "two", "three"):
        begin(ledger, run)
    end(ledger, "two")
    assert [run["run"] for run in told(ledger.call("GET", "/runs"))] == ["three", "two", "one"]
    assert [run["run"] for run in told(ledger.call("GET", "/runs?limit=1"))] == ["three"]
    assert [run["run"] for run in told(ledger.call("GET", "/runs?state=well"))] == ["two"]
    assert [run["run"] for run in told(ledger.call("GET", "/runs?state=running&limit=2"))] == ["three", "one"]
    assert "timeline" not in told(ledger.call("GET", "/runs"))[0]


def test_questions_that_have_no_answer(ledger: Hosted) -> None:
    """What is not there is 404, what cannot be asked is 422, each with a sentence."""
    begin(ledger)
    questions = {
        "/runs/nobody": 404,
        "/runs/r/events/nobody": 404,
        "/nothing": 404,
        "/runs?state=tired": 422,
        "/runs?limit=0": 422,
        "/runs?limit=many": 422,
    }
    answers = {path: ledger.call("GET", path) for path in questions}
    assert {path: answer.status for path, answer in answers.items()} == questions
    assert all(json.loads(answer.body)["detail"] for answer in answers.values())


def test_an_event_whole(ledger: Hosted) -> None:
    """An event comes back in structured mode with its data."""
    begin(ledger)
    event = told(ledger.call("GET", "/runs/r/events/r-p"))
    assert event["data"] == {"n": 1}
    assert (event["type"], event["causationid"]) == ("dev.renga.schema.parsed.v1", "r-s")


def test_data_by_reference(ledger: Hosted, tmp_path: Path) -> None:
    """Data that was too large to travel is fetched from the blob store; from nowhere else."""
    claims = ClaimCheck(f"file://{tmp_path}/state/blobs", limit=4)
    checked_in = asyncio.run(claims.check_in(WireEvent(Envelope("big", "/s", "t"), b'{"large": true}')))
    reference = str(checked_in.envelope.extensions["dataref"])
    assert ledger.deliver(b"", id="big", correlationid="r", dataref=reference).status == 204
    assert told(ledger.call("GET", "/runs/r/events/big"))["data"] == {"large": True}
    assert ledger.deliver(b"", id="far", correlationid="r", dataref="file:///etc/hostname").status == 204
    assert ledger.call("GET", "/runs/r/events/far").status == 422


def test_each_event_once(ledger: Hosted, start_ledger: Callable[..., Hosted]) -> None:
    """An event that is delivered again, even to a ledger that has forgotten handling it, is one event."""
    begin(ledger)
    begin(ledger)
    ledger.stop()
    forgetful = start_ledger(RENGA_STORE="none")
    begin(forgetful)
    assert told(forgetful.call("GET", "/runs/r"))["events"] == 2


def test_nothing_acknowledged_is_lost(ledger: Hosted, start_ledger: Callable[..., Hosted]) -> None:
    """Killed without warning, the ledger still knows all that it acknowledged."""
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: begin(ledger, f"run-{number}"), range(40)))
    ledger.process.send_signal(signal.SIGKILL)
    ledger.process.wait(PATIENCE_S)
    again = start_ledger()
    runs = told(again.call("GET", "/runs?limit=100"))
    assert {(run["run"], run["events"]) for run in runs} == {(f"run-{number}", 2) for number in range(40)}


def test_a_dead_letter_ends_a_run(ledger: Hosted) -> None:
    """The broker's dead letter of an event that was heard is heard too, and fails the run."""
    assert say(ledger, "s", "submitted", SUBMIT, "r").status == 204
    dead = {"knativeerrordest": "http://schema-parse.default.svc.cluster.local", "knativeerrorcode": "500"}
    assert say(ledger, "s", "submitted", SUBMIT, "r", **dead).status == 204
    run = told(ledger.call("GET", "/runs/r"))
    assert (run["state"], run["timeline"][1]["outcome"], run["timeline"][1]["function"]) == ("failed", "dead", PARSE)


def test_what_cannot_be_kept_spoils_nothing_else(ledger: Hosted) -> None:
    """Among events that are kept together, the one that cannot be is rejected, and the others are kept."""
    numbers = range(30)

    def deliver(number: int) -> int:
        run = "x" * 600 if number == 7 else "r"
        return ledger.deliver(b"{}", id=str(number), correlationid=run).status

    with ThreadPoolExecutor(16) as threads:
        statuses = list(threads.map(deliver, numbers))
    assert statuses == [422 if number == 7 else 204 for number in numbers]
    assert told(ledger.call("GET", "/runs/r"))["events"] == 29


def test_a_stream_tells_as_it_happens(ledger: Hosted, read: Read) -> None:
    """A follower hears each entry when it is kept, each change of the run, and the end of both."""
    begin(ledger)
    reader = read(ledger, "r")
    assert entries(reader.until(lambda told: told.event == "run")) == ["r-s", "r-p"]
    end(ledger)
    rest = list(reader)
    assert entries(rest) == ["r-v", "r-g"]
    assert (rest[-1].event, rest[-1].data["state"]) == ("run", "well")


def test_a_stream_is_taken_up_where_it_was_cut(ledger: Hosted, read: Read) -> None:
    """Last-Event-ID leaves out what the reader has; a run that has ended is told at once."""
    begin(ledger)
    end(ledger)
    numbers = [event.id for event in read(ledger, "r") if event.id is not None]
    assert numbers == sorted(set(numbers))
    assert [event.id for event in read(ledger, "r", numbers[1])] == [*numbers[2:], None]


def test_a_stream_may_come_before_its_run(ledger: Hosted, read: Read) -> None:
    """A follower may be quicker than the first event: its stream waits."""
    reader = read(ledger, "r")
    begin(ledger)
    seen = reader.until(lambda told: told.event == "run" and told.data["events"] == 2)
    assert entries(seen) == ["r-s", "r-p"]


def test_another_replica(start_ledger: Callable[..., Hosted], read: Read) -> None:
    """What another process heard reaches a follower too, if a little later."""
    here, there = start_ledger(), start_ledger()
    begin(here)
    reader = read(here, "r")
    end(there)
    assert list(reader)[-1].data["state"] == "well"


@pytest.mark.connected
def test_replicas_on_postgresql(own_postgres: Server, start_ledger: Callable[..., Hosted], read: Read) -> None:
    """With PostgreSQL replicas share one ledger: each tells what any of them heard, and a lost server is 503."""
    here, there = (start_ledger(LEDGER_DATABASE=own_postgres.url, RENGA_STORE="none") for _ in range(2))
    begin(here)
    reader = read(there, "r")
    assert entries(reader.until(lambda told: told.event == "run")) == ["r-s", "r-p"]
    end(here)
    assert list(reader)[-1].data["state"] == "well"
    assert told(there.call("GET", "/runs"))[0]["state"] == "well"
    own_postgres.stop()
    away = here.deliver(b"{}")
    assert (away.status, away.headers["retry-after"]) == (503, "1")
    assert here.call("GET", "/runs").status == 503


def test_a_follower_that_leaves(ledger: Hosted, read: Read) -> None:
    """A stream whose reader hangs up is closed, and the ledger goes on."""
    begin(ledger)
    for _ in range(20):
        reader = read(ledger, "r")
        reader.until(lambda told: told.event == "run")
        reader.close()
    end(ledger)
    assert told(ledger.call("GET", "/runs/r"))["state"] == "well"


@pytest.mark.parametrize("url", ["mysql://user:secret@host/db", "nonsense"])
def test_a_wrong_setting(failed_start: Callable[..., "subprocess.CompletedProcess[bytes]"], url: str) -> None:
    """A database that no ledger can be kept in is refused before the port is bound, and no password is shown."""
    started = failed_start("platform/ledger", LEDGER_DATABASE=url)
    assert started.returncode == 1
    assert b"LEDGER_DATABASE has the scheme" in started.stderr
    assert b"secret" not in started.stderr
