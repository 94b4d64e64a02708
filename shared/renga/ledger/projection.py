"""A run is the projection of its events: pure, so that it can be told anew at any time from what was heard.

Delivery is at least once and unordered, so nothing here depends on the order of hearing.
"""

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from pydantic import ValidationError
from pydantic_core import from_json

from renga import deadletters
from renga.deadletters import PUBSUB
from renga.ledger.chain import Chain
from renga.ledger.record import Record
from renga.ledger.run import Awaited, Entry, Run, RunState
from renga_events.platform import AttemptFailed

_FUNCTIONS = "/functions/"


def project(run: str, records: Sequence[Record], chain: Chain) -> Run:
    """Tell a run.

    - Awaited is each answer of a function that takes an event of the run and has not answered it, and each event
      that is missing though its answer is here.
    - While something is awaited it is running. After that it failed if a function's delivery was given up and never
      made good, else it ended as its events say. Events of unknown types are shown and end nothing.

    Args:
        run: its correlation id.
        records: all that was heard of it, at least one; data is needed only of failed attempts.
        chain: who is awaited after which event.
    """
    heard = _Heard(chain)
    for record in records:
        heard.add(record)
    awaited = (*heard.unanswered(), *heard.missing())
    state = heard.state() if not awaited else "running"
    entries = tuple(sorted(heard.entries, key=lambda entry: (entry.time, entry.sequence)))
    first = min(records, key=lambda record: record.time)
    return Run(
        run=run,
        state=state,
        subject=first.event.envelope.subject,
        started=first.time,
        ended=None if state == "running" else max(entry.time for entry in entries),
        events=sum(entry.outcome == "done" for entry in entries),
        awaited=awaited,
        timeline=entries,
    )


@dataclass
class _Heard:
    """What the records of one run add up to."""

    chain: Chain
    entries: list[Entry] = field(default_factory=list)
    types: dict[str, str] = field(default_factory=dict)
    """Event id -> type, of every event of the run."""
    answered: set[tuple[str, str]] = field(default_factory=set)
    """Event id and function."""
    refused: set[tuple[str, str]] = field(default_factory=set)
    """Event id and function whose attempt was final by its own word."""
    given_up: set[tuple[str, str | None]] = field(default_factory=set)
    """Event id and function of each dead letter; no function where it was the answer that nobody took."""
    causes: dict[str, str] = field(default_factory=dict)
    """Event id -> who answered it, where that was a function that only events wake."""

    def add(self, record: Record) -> None:
        """Take one record in."""
        attempt = _failed_attempt(record)
        if attempt:
            self.entries.append(_entry_of_attempt(record, attempt))
            if attempt.outcome == "rejected" or attempt.function not in self.chain.woken:
                self.refused.add((attempt.event_id, attempt.function))
            return
        envelope = record.event.envelope
        self.types[envelope.id] = envelope.type
        speaker, cause = function_of(envelope.source), envelope.extension("causationid")
        if speaker and cause and envelope.type != AttemptFailed.ce_type:
            self.answered.add((cause, speaker))
            if speaker in self.chain.woken:
                self.causes[cause] = speaker
        if record.undelivered_to is None:
            self.entries.append(_entry(record))
            return
        taker = self._taker(envelope.type, record.undelivered_to)
        self.entries.append(_entry_of_dead_letter(record, taker or _service(record.undelivered_to)))
        if taker or _is_broker(record.undelivered_to):
            self.given_up.add((envelope.id, taker))

    def unanswered(self) -> Iterable[Awaited]:
        """The functions that still owe an answer."""
        for event, ce_type in self.types.items():
            for function, answers in self.chain.consumers.get(ce_type, {}).items():
                if answers and (event, function) not in self.answered and not self._failed_at(event, function):
                    yield Awaited(id=event, event=ce_type, function=function, answers=tuple(answers))

    def missing(self) -> Iterable[Awaited]:
        """The events that were answered before they were heard: what follows from them is not known yet."""
        for event in self.causes:
            if event not in self.types:
                yield Awaited(id=event, event=None, function=None)

    def state(self) -> RunState:
        """How it ended, given that nothing is awaited."""
        if any(self._is_failure(event, function) for event, function in self.refused | self.given_up):
            return "failed"
        ends = {self.chain.ends.get(ce_type) for ce_type in self.types.values()}
        ways: tuple[Literal["rejected", "well"], ...] = ("rejected", "well")
        return next((way for way in ways if way in ends), "running")

    def _failed_at(self, event: str, function: str) -> bool:
        return not {(event, function)}.isdisjoint(self.refused) or not {(event, function), (event, None)}.isdisjoint(
            self.given_up
        )

    def _is_failure(self, event: str, function: str | None) -> bool:
        """Whether a failure counts: it was not made good, and it was of somebody whom the run is waiting for."""
        takers = self.chain.consumers.get(self.types.get(event, ""), {})
        if function is None:
            return any((event, taker) not in self.answered for taker in takers)
        of_a_door = event not in self.types and function not in self.chain.woken
        return (function in takers or of_a_door) and (event, function) not in self.answered

    def _taker(self, ce_type: str, url: str) -> str | None:
        service = _service(url)
        takers = self.chain.consumers.get(ce_type, {})
        return next((function for function in takers if function.replace("/", "-") == service), None)


def function_of(source: str) -> str | None:
    """`schema/parse` of the source that its answers have; None for any other source."""
    return source.removeprefix(_FUNCTIONS) if source.startswith(_FUNCTIONS) else None


def _service(url: str) -> str:
    """The Service that an address names: the first label of its host, or of a Pub/Sub subscription."""
    parts = urlsplit(url)
    name = parts.path.rpartition("/")[2] if parts.hostname == PUBSUB else parts.hostname or url
    return name.partition(".")[0]


def _is_broker(url: str) -> bool:
    """Whether it was the answer that nobody took: the dead letter is then the event that was answered."""
    return _service(url).endswith("broker-ingress")


def _failed_attempt(record: Record) -> AttemptFailed | None:
    event = record.event
    if event.envelope.type != AttemptFailed.ce_type or event.data is None:
        return None
    try:
        return AttemptFailed.from_json(event.data)
    except ValidationError:
        # Somebody else's idea of this type is shown like any event that is not known.
        return None


def _entry(record: Record) -> Entry:
    envelope = record.event.envelope
    start = envelope.extension("rengastart")
    return Entry(
        sequence=record.sequence,
        event=envelope.type,
        id=envelope.id,
        source=envelope.source,
        function=function_of(envelope.source),
        cause=envelope.extension("causationid"),
        attempt=_whole(envelope.extension("rengaattempt")),
        start="cold" if start == "cold" else "warm" if start == "warm" else None,
        duration_ms=_whole(envelope.extension("rengaduration")),
        outcome="done",
        time=record.time,
        error=None,
    )


def _entry_of_attempt(record: Record, attempt: AttemptFailed) -> Entry:
    return Entry(
        sequence=record.sequence,
        event=attempt.event_type,
        id=attempt.event_id,
        source=attempt.event_source,
        function=attempt.function,
        cause=None,
        attempt=attempt.attempt,
        start="cold" if attempt.cold else "warm",
        duration_ms=attempt.duration_ms,
        outcome=attempt.outcome,
        time=record.time,
        error=attempt.reason,
    )


def _entry_of_dead_letter(record: Record, function: str) -> Entry:
    plain = _entry(record)
    code = record.event.envelope.extension(deadletters.CODE)
    said = _said(record.event.envelope.extension(deadletters.DATA))
    error = ": ".join(part for part in (code and f"it answered {code}", said) if part) or "it could not be reached"
    nothing = {"attempt": None, "start": None, "duration_ms": None}
    return plain.model_copy(update={**nothing, "function": function, "outcome": "dead", "error": error})


def _said(encoded: str | None) -> str | None:
    """The answer that a dead letter carries: the detail of a problem, or its text."""
    if encoded is None:
        return None
    try:
        body = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return encoded
    try:
        problem = from_json(body)
    except ValueError:
        return body.decode(errors="replace")
    return str(problem.get("detail") or problem) if isinstance(problem, dict) else str(problem)


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() and len(text) < 16 else None
