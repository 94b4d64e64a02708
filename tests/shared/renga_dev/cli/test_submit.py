"""`renga submit` against a real runtime, and against servers that do what a good runtime never does."""

import asyncio
import json
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from leaping import Loop
from scripted import Asked, Said, scripted

Renga = Callable[..., Result]
Started = Callable[..., "subprocess.Popen[bytes]"]

SHOP = "CREATE TABLE shop (\n    id integer PRIMARY KEY,\n    name varchar(20) NOT NULL\n);\n"
BROKEN = "-- a comment\n\tCREATE TABLE (;\n"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A small design."""
    path = tmp_path / "shop.sql"
    path.write_text(SHOP)
    return path


def test_a_design_that_ends_well(cli: Renga, runtime: str, shop: Path, tmp_path: Path) -> None:
    """The documents are written where --out says, the summary goes to standard output, the course to standard error."""
    result = cli("submit", shop, "--to", "postgres,markdown", "--out", tmp_path / "out", at=runtime)
    assert result.exit_code == 0, result.output
    assert "CREATE TABLE" in (tmp_path / "out/postgres.sql").read_text()
    assert "shop" in (tmp_path / "out/schema.md").read_text()
    assert "ended well" in result.stdout
    assert "1 table" in result.stdout
    assert str(tmp_path / "out/postgres.sql") in result.stdout
    for step in ("schema/submit", "schema/parse", "schema/validate", "schema/generate"):
        assert step in result.stderr
    assert "schema/parse" not in result.stdout


def test_for_machines(cli: Renga, runtime: str, shop: Path, tmp_path: Path) -> None:
    """--json is one object with everything, and nothing beside it."""
    result = cli("submit", shop, "--to", "sqlite", "--out", tmp_path / "out", "--json", at=runtime)
    assert (result.exit_code, result.stderr) == (0, "")
    [run] = json.loads(result.stdout)["runs"]
    assert (run["state"], run["name"], run["objects"], run["failures"]) == ("well", "shop.sql", {"tables": 1}, [])
    [document] = run["documents"]
    assert document["written"] == str(tmp_path / "out" / document["path"])
    assert (tmp_path / "out" / document["path"]).is_file()


def test_a_rejected_design(cli: Renga, runtime: str, tmp_path: Path) -> None:
    """Each diagnostic names file, line and column, shows the line with a caret, and the exit status is 1."""
    path = tmp_path / "broken.sql"
    path.write_text(BROKEN)
    result = cli("submit", path, "--out", tmp_path / "out", at=runtime)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    [where] = [number for number, line in enumerate(lines) if line.startswith(f"{path}:2:")]
    column = int(lines[where].split(":")[2])
    assert lines[where + 1] == "        CREATE TABLE (;"
    # The tab is spread out to four places, in the line and above the caret.
    assert lines[where + 2] == "        " + " " * (column - 2) + "^"
    assert not (tmp_path / "out").exists()


def test_several_designs(cli: Renga, runtime: str, shop: Path, tmp_path: Path) -> None:
    """Each design has a folder of its own, and the exit status speaks for all of them."""
    broken = tmp_path / "broken.sql"
    broken.write_text(BROKEN)
    result = cli("submit", shop, broken, "--to", "postgres", "--out", tmp_path / "out", "--json", at=runtime)
    assert result.exit_code == 1
    assert [run["state"] for run in json.loads(result.stdout)["runs"]] == ["well", "rejected"]
    assert (tmp_path / "out/shop/postgres.sql").is_file()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_encodings(cli: Renga, runtime: str, encoding: str) -> None:
    """A byte order mark says how a file is written; standard input is a file like any other."""
    text = SHOP.replace("shop", "Laden_für_Käse")
    result = cli("submit", "-", "--to", "sqlite", "--json", at=runtime, input=text.encode(encoding))
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["runs"][0]["state"] == "well"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere.sql"], "nowhere.sql cannot be read: No such file or directory."),
        (["."], ". is a folder; name the files in it."),
        (["{shop}", "--to", "postgers"], "did you mean 'postgres'"),
        (["{shop}", "--to", ","], "--to names nothing"),
        (["{shop}", "--dialect", "oracle"], "dialect"),
        (["{shop}", "{shop}", "--name", "x"], "--name and --id are for one file; 2 were given."),
        (["{latin}"], "latin.sql is not UTF-8: byte 2 is 0xe4. Save it as UTF-8."),
        (["{shop}", "--at", "localhost:8080"], "is no http or https URL"),
        ([], "Missing argument"),
    ],
)
def test_misuse(cli: Renga, runtime: str, shop: Path, arguments: list[str], sentence: str) -> None:
    """What cannot be done is said in a sentence, with exit status 2."""
    latin = shop.with_name("latin.sql")
    latin.write_bytes("--ä".encode("latin-1"))
    given = [argument.format(shop=shop, latin=latin) for argument in arguments]
    result = cli("submit", *given, at=runtime)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert "Traceback" not in result.output


def test_no_runtime(cli: Renga, shop: Path) -> None:
    """Where nothing answers, the sentence says how to start it."""
    result = cli("submit", shop, "--at", "http://127.0.0.1:9")
    assert result.exit_code == 2
    assert "No runtime answers at http://127.0.0.1:9: start one with `renga up`" in result.stderr


class Ledger:
    """A runtime whose run `r` is told as a test wants it."""

    def __init__(self, *tellings: bytes, state: str = "failed") -> None:
        self.tellings = list(tellings)
        """What each stream in turn says before it is cut; the last one stays open."""
        self.state = state
        self.resumed: list[str] = []
        self.keys: list[str] = []
        self.refusals: list[int] = []
        """Statuses that the door answers first."""

    async def __call__(self, asked: Asked) -> Said:
        """Answer as both the door and the ledger."""
        if asked.target == "/schema/submit":
            self.keys.append(asked.headers["idempotency-key"])
            if self.refusals:
                return Said(
                    self.refusals.pop(0), {"content-type": "application/problem+json"}, b'{"detail": "Not now."}'
                )
            return Said(200, {"content-type": "application/json", "renga-run": "r"}, b"{}")
        if asked.target.endswith("/stream"):
            self.resumed.append(asked.headers["last-event-id"])
            telling = self.tellings.pop(0)
            stream = self.telling(telling, stays=not self.tellings)
            return Said(200, {"content-type": "text/event-stream"}, stream=stream, whole=False)
        assert asked.target == "/platform/ledger/runs/r"
        return Said(200, {"content-type": "application/json"}, json.dumps(run(self.state) | TIMELINE).encode())

    async def telling(self, telling: bytes, *, stays: bool) -> AsyncIterator[bytes]:
        """One stream."""
        yield telling
        if stays:
            await asyncio.sleep(60)


def run(state: str) -> dict[str, Any]:
    """A summary."""
    ended = None if state == "running" else "2026-01-01T10:00:01Z"
    return {"run": "r", "state": state, "subject": None, "started": "2026-01-01T10:00:00Z", "ended": ended, "events": 1}


def entry(sequence: int, outcome: str = "done", error: str | None = None) -> dict[str, Any]:
    """An entry."""
    return {
        "sequence": sequence,
        "event": "dev.renga.schema.submitted.v1",
        "id": f"e{sequence}",
        "source": "/functions/schema/submit",
        "function": "schema/parse",
        "cause": None,
        "attempt": 1,
        "start": "warm",
        "duration_ms": 1.0,
        "outcome": outcome,
        "time": "2026-01-01T10:00:00Z",
        "error": error,
    }


TIMELINE = {"timeline": [entry(7), entry(9, "dead", "it answered 500: KeyError in schema/parse")]}


def said(event: str, data: dict[str, Any]) -> bytes:
    """A server-sent event."""
    number = f"id: {data['sequence']}\n" if event == "entry" else ""
    return f"{number}event: {event}\ndata: {json.dumps(data)}\n\n".encode()


def test_a_cut_stream(cli: Renga, shop: Path) -> None:
    """A stream that is cut, also in the middle of an event, is taken up after the last entry that was heard."""
    cut = said("entry", entry(7)) + said("run", run("running")) + said("entry", entry(8))[:20]
    rest = said("entry", entry(9, "dead", "it answered 500")) + said("run", run("failed"))
    ledger = Ledger(cut, b": still here\n\n", rest)
    with scripted(ledger) as url:
        result = cli("submit", shop, at=url)
    assert ledger.resumed == ["0", "7", "7"]
    assert result.exit_code == 1
    assert "schema/parse failed at schema.submitted: it answered 500: KeyError in schema/parse" in result.stdout
    assert result.stderr.count("submitted") == 2


def test_a_busy_door(cli: Renga, shop: Path) -> None:
    """A door that is busy is asked again under the same key: however often, it is one run."""
    ledger = Ledger(said("run", run("failed")))
    ledger.refusals = [503, 409]
    with scripted(ledger) as url:
        result = cli("submit", shop, at=url)
    assert result.exit_code == 1
    assert len(ledger.keys) == 3
    assert len(set(ledger.keys)) == 1


def test_a_door_that_stays_shut(cli: Renga, shop: Path) -> None:
    """What is no misuse of the user's is exit status 1, with the answer's own sentence."""
    ledger = Ledger()
    ledger.refusals = [500]
    with scripted(ledger) as url:
        result = cli("submit", shop, at=url)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "shop.sql was not taken: Not now." in result.stderr


def test_no_end_in_time(cli: Renga, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After --timeout the command gives up, the run does not, and the sentence says how to look at it."""
    ledger = Ledger(said("run", run("running")))
    loops: list[Loop] = []

    def new_event_loop() -> Loop:
        loops.append(Loop())
        return loops[-1]

    async def script(asked: Asked) -> Said:
        if asked.target.endswith("/stream"):
            loops[0].call_soon_threadsafe(loops[0].leap, 30)
        return await ledger(asked)

    with scripted(script) as url:
        monkeypatch.setattr(asyncio.events, "new_event_loop", new_event_loop)
        result = cli("submit", shop, "--timeout", "30", at=url)
    assert result.exit_code == 1
    assert "No end after 30 s" in result.stderr
    assert "renga show r" in result.stderr


def test_control_c(started: Started, shop: Path) -> None:
    """Ctrl-C ends the command and leaves the run going."""
    ledger = Ledger(said("run", run("running")))
    with scripted(ledger) as url:
        process = started("submit", shop, RENGA_URL=url)
        deadline = time.monotonic() + 60
        while not ledger.resumed and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"The run goes on. Look at it with `renga show r`" in errors
    assert b"Traceback" not in errors
    assert out == b""
