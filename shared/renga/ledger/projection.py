"""A run is the projection of its events: pure, so that it can be told anew at any time from what was heard.

Delivery is at least once and unordered, so nothing here depends on the order of hearing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeVar

from pydantic import ValidationError

from renga.deadletters import Failure
from renga.ledger.chain import Chain
from renga.ledger.record import Record
from renga.ledger.run import Awaited, Entry, Run, RunState
from renga_events.base import Event
from renga_events.platform import AttemptFailed, DeadLettered

E = TypeVar("E", bound=Event)

_FUNCTIONS = "/functions/"


def project(run: str, records: Sequence[Record], chain: Chain) -> Run:
    """Tell a run.

    - Awaited is each answer of a function that takes an event of the run and has not answered it, and each event
      that is missing though its answer is here.
    - While something is awaited it is running. After that it failed if a function's delivery was given up and never
      made good, else it ended as its events say. Events of unknown types are shown and end nothing.
    - What is said beside the run is shown, also when it comes after the end, and the end does not move for it.

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
        ended=None if state == "running" else max(entry.time for entry in entries if entry.event not in chain.asides),
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
        attempt = _data_of(record, AttemptFailed)
        if attempt:
            self.entries.append(_entry_of_attempt(record, attempt))
            if attempt.outcome == "rejected" or attempt.function not in self.chain.woken:
                self.refused.add((attempt.event_id, attempt.function))
            return
        death = _death(record)
        if death:
            self._hear(death.id, death.type, death.source, death.cause)
            taker = self._taker(death)
            self.entries.append(_entry_of_death(record, death, taker or death.failure.service))
            if taker or death.failure.is_of_answer:
                self.given_up.add((death.id, taker))
            return
        envelope = record.event.envelope
        self._hear(envelope.id, envelope.type, envelope.source, envelope.extension("causationid"))
        self.entries.append(_entry(record))

    def _hear(self, event: str, ce_type: str, source: str, cause: str | None) -> None:
        """There is such an event, and perhaps it answers another."""
        self.types[event] = ce_type
        speaker = function_of(source)
        if speaker and cause and ce_type not in {AttemptFailed.ce_type, DeadLettered.ce_type}:
            self.answered.add((cause, speaker))
            if speaker in self.chain.woken:
                self.causes[cause] = speaker

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

    def _taker(self, death: "_Death") -> str | None:
        takers = self.chain.consumers.get(death.type, {})
        return next((function for function in takers if function.replace("/", "-") == death.failure.service), None)


class _Death(NamedTuple):
    """An event was given up, whoever tells of it."""

    id: str
    type: str
    source: str
    cause: str | None
    failure: Failure
    reason: str | None


def function_of(source: str) -> str | None:
    """`schema/parse` of the source that its answers have; None for any other source."""
    return source.removeprefix(_FUNCTIONS) if source.startswith(_FUNCTIONS) else None


def _death(record: Record) -> _Death | None:
    """The death that a record tells of: one that the desk says, or a dead letter that came here itself."""
    envelope = record.event.envelope
    failure = Failure.of(envelope)
    if failure:
        cause = envelope.extension("causationid")
        return _Death(envelope.id, envelope.type, envelope.source, cause, failure, failure.reason)
    said = _data_of(record, DeadLettered)
    if said is None:
        return None
    failure = Failure(said.dest, said.code)
    return _Death(said.event_id, said.event_type, said.event_source, said.event_cause, failure, said.reason)


def _data_of(record: Record, cls: type[E]) -> E | None:
    """The data of one of our own types; somebody else's idea of it is shown like any event that is not known."""
    event = record.event
    if event.envelope.type != cls.ce_type or event.data is None or record.undelivered_to is not None:
        return None
    try:
        return cls.from_json(event.data)
    except ValidationError:
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


def _entry_of_death(record: Record, death: _Death, function: str) -> Entry:
    answered = f"it answered {death.failure.code}" if death.failure.code is not None else None
    return Entry(
        sequence=record.sequence,
        event=death.type,
        id=death.id,
        source=death.source,
        function=function,
        cause=death.cause,
        attempt=None,
        start=None,
        duration_ms=None,
        outcome="dead",
        time=record.time,
        error=": ".join(part for part in (answered, death.reason) if part) or "it could not be reached",
    )


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() and len(text) < 16 else None
