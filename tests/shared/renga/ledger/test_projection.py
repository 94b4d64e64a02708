"""Runs as they are told from events: each case is a file of real wire events and the run they make."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from renga.deadletters import Failure, letter_id
from renga.ledger.chain import Chain
from renga.ledger.projection import project
from renga.ledger.record import Record
from renga.ledger.run import Awaited, Entry, Run
from renga.wire import STRUCTURED, decode
from renga_events.platform import DeadLettered

CASES = sorted((Path(__file__).parent / "cases").glob("*.json"))
HEARD = datetime(2026, 1, 1, 11, tzinfo=UTC)


def named(short: str) -> str:
    """`parsed` stands for its whole type."""
    return f"dev.renga.schema.{short}.v1"


CHAIN = Chain(
    consumers={
        named("submitted"): {"schema/parse": (named("parsed"), named("rejected"))},
        named("parsed"): {"schema/validate": (named("rejected"), named("validated"))},
        named("validated"): {"schema/generate": (named("generated"),)},
        named("generated"): {"post/office": ()},
        named("forked"): {"left/hand": (named("generated"),), "right/hand": (named("generated"),)},
    },
    ends={named("generated"): "well", named("rejected"): "rejected"},
    asides=frozenset({named("related")}),
)


def records_of(events: list[Any]) -> list[Record]:
    """The events as a ledger would have heard them, a second apart."""
    decoded = [decode({"content-type": STRUCTURED}, json.dumps(event).encode()) for event in events]
    return [Record(event, HEARD + timedelta(seconds=index), index + 1) for index, event in enumerate(decoded)]


def awaited_line(awaited: Awaited) -> str:
    """`schema/parse to answer s with parsed or rejected`."""
    if awaited.event is None:
        return f"{awaited.id} itself"
    return f"{awaited.function} to answer {awaited.id} with {' or '.join(map(short, awaited.answers))}"


def entry_line(entry: Entry) -> str:
    """`done schema/parse parsed 1 cold 180.0ms`, and the error."""
    took = None if entry.duration_ms is None else f"{entry.duration_ms}ms"
    words = (entry.outcome, entry.function or "-", short(entry.event), entry.attempt, entry.start, took)
    return " ".join([str(word or "-") for word in words] + ([entry.error] if entry.error else []))


def short(ce_type: str) -> str:
    """A type of the schema suite without what all of them share."""
    return ce_type.removeprefix("dev.renga.schema.").removesuffix(".v1") if "renga.schema" in ce_type else ce_type


def told(run: Run) -> dict[str, Any]:
    """A run as the cases write it; an end at the time of hearing is not spelt out."""
    ended = run.ended and ("heard" if run.ended >= HEARD else run.ended.isoformat().replace("+00:00", "Z"))
    return {
        "state": run.state,
        "awaited": [awaited_line(awaited) for awaited in run.awaited],
        "ended": ended,
        "timeline": [entry_line(entry) for entry in run.timeline],
    }


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    """The file's own sentence says what it shows."""
    case = json.loads(path.read_text())
    assert told(project("r", records_of(case["events"]), CHAIN)) == case["run"], case["what"]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_order_of_hearing(path: Path) -> None:
    """Events may be heard in any order: the run comes out the same."""
    records = records_of(json.loads(path.read_text())["events"])
    expected = project("r", records, CHAIN)
    for shuffled in itertools.permutations(records):
        run = project("r", shuffled, CHAIN)
        assert (run.state, run.ended, run.started, run.events) == (
            expected.state,
            expected.ended,
            expected.started,
            expected.events,
        )
        assert set(run.awaited) == set(expected.awaited)


def as_the_desk_tells(event: Any) -> Any:
    """A dead letter as the desk tells of it; any other event as it is."""
    if "knativeerrordest" not in event:
        return event
    dead = decode({"content-type": STRUCTURED}, json.dumps(event).encode())
    failure = Failure.of(dead.envelope)
    assert failure is not None
    told = DeadLettered(
        letter=letter_id(dead),
        event_type=event["type"],
        event_source=event["source"],
        event_id=event["id"],
        event_cause=event.get("causationid"),
        dest=failure.dest,
        code=failure.code,
        reason=failure.reason,
    )
    envelope = {"specversion": "1.0", "id": f"{event['id']} at {failure.dest}", "source": "/functions/platform/desk"}
    more = {"correlationid": "r", "causationid": event["id"], "subject": event.get("subject")}
    return envelope | more | {"type": DeadLettered.ce_type, "data": told.model_dump()}


@pytest.mark.parametrize("path", [path for path in CASES if "dead" in path.stem], ids=lambda path: path.stem)
def test_told_by_the_desk(path: Path) -> None:
    """A dead letter that the desk tells of makes the run that the dead letter itself would have made."""
    case = json.loads(path.read_text())
    records = records_of([as_the_desk_tells(event) for event in case["events"]])
    assert told(project("r", records, CHAIN)) == case["run"], case["what"]


def test_no_false_end() -> None:
    """At no point of a chain, whatever the order of hearing, does a run that goes on seem to have ended."""
    records = records_of(json.loads((Path(__file__).parent / "cases/well.json").read_text())["events"])
    for shuffled in itertools.permutations(records):
        states = [project("r", shuffled[:heard], CHAIN).state for heard in range(1, len(records) + 1)]
        assert states == ["running"] * (len(records) - 1) + ["well"], [record.event.envelope.id for record in shuffled]


def test_dead_letter_bodies() -> None:
    """Whatever a dead letter carries as its error, the timeline shows it as well as it can be read."""
    event = {"specversion": "1.0", "id": "r", "source": "/s", "type": "t", "knativeerrordest": "http://x.y"}
    errors = ["bm90IGpzb24=", "WzFd", "!!", "/w==", "e30="]
    runs = [project("r", records_of([event | {"knativeerrordata": error}]), CHAIN) for error in errors]
    assert [run.timeline[0].error for run in runs] == ["not json", "[1]", "!!", "\N{REPLACEMENT CHARACTER}", "{}"]
