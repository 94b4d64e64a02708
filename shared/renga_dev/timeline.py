"""Runs as people read them in a terminal."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from renga.ledger.run import Awaited, Entry, Outcome, Run, RunState, RunSummary

STATE_STYLES: dict[RunState, str] = {"running": "cyan", "well": "green", "rejected": "yellow", "failed": "red"}
_OUTCOME_STYLES: dict[Outcome, str] = {
    "done": "green",
    "retry": "yellow",
    "rejected": "red",
    "failed": "red",
    "dead": "bold red",
}


def short_type(ce_type: str) -> str:
    """`schema.parsed`: one of our types without what all of them share; any other type whole."""
    if not ce_type.startswith("dev.renga."):
        return ce_type
    return ce_type.removeprefix("dev.renga.").removesuffix(".v1")


def duration(milliseconds: float | None) -> str:
    """`12 ms`, `1.24 s`, `3 min 5 s`."""
    if milliseconds is None:
        return ""
    if milliseconds < 1000:
        return f"{milliseconds:.0f} ms"
    if milliseconds < 60_000:
        return f"{milliseconds / 1000:.2f} s"
    minutes, rest = divmod(round(milliseconds / 1000), 60)
    return f"{minutes} min {rest} s"


def took(run: RunSummary) -> str:
    """From its first event to its last; so far, while it is running."""
    until = run.ended or datetime.now(UTC)
    return duration(max(0.0, (until - run.started).total_seconds() * 1000))


def entry_line(entry: Entry) -> Text:
    """One entry while a run is followed: what, who, cold or warm, how long, and what went wrong."""
    line = Text(f"  {short_type(entry.event):<20} ")
    line.append(f"{entry.function or entry.source:<18}")
    line.append(f" {entry.start or '':<5}", "magenta" if entry.start == "cold" else "dim")
    line.append(f" {duration(entry.duration_ms):>9}", "dim")
    if entry.outcome != "done":
        attempt = f" (attempt {entry.attempt})" if entry.attempt else ""
        line.append(f"  {entry.outcome}{attempt}: {entry.error}", _OUTCOME_STYLES[entry.outcome])
    return line


def awaited_line(awaited: Awaited) -> str:
    """Who owes which answer."""
    if awaited.event is None:
        return f"event {awaited.id}, which was answered but has not been heard itself"
    answers = " or ".join(short_type(answer) for answer in awaited.answers)
    return f"{awaited.function} to answer {short_type(awaited.event)} with {answers}"


def waiting_for(run: RunSummary) -> str:
    """The functions that are at work, for one line."""
    names = dict.fromkeys(awaited.function or "an event on its way" for awaited in run.awaited)
    return ", ".join(names) or "nothing that is known"


def run_table(run: Run) -> Table:
    """The timeline of a run."""
    table = Table(box=None, pad_edge=False)
    for title in ("event", "function"):
        table.add_column(title, overflow="fold")
    for title in ("attempt", "start", "duration"):
        table.add_column(title, justify="right")
    table.add_column("outcome", overflow="fold")
    for entry in run.timeline:
        outcome = Text(entry.outcome, _OUTCOME_STYLES[entry.outcome])
        if entry.error:
            outcome.append(f": {entry.error}", "default")
        attempt = str(entry.attempt or "")
        who = entry.function or entry.source
        table.add_row(short_type(entry.event), who, attempt, entry.start or "", duration(entry.duration_ms), outcome)
    return table


def runs_table(runs: Iterable[RunSummary]) -> Table:
    """Several runs, one a line; of those that are running, who is at work."""
    table = Table(box=None, pad_edge=False)
    for title in ("run", "started"):
        table.add_column(title, no_wrap=True)
    table.add_column("took", justify="right", no_wrap=True)
    table.add_column("subject", overflow="fold")
    table.add_column("state", overflow="fold")
    today = datetime.now(UTC).astimezone().date()
    for run in runs:
        state = Text(run.state, STATE_STYLES[run.state])
        if run.state == "running":
            state.append(f": {waiting_for(run)}", "default")
        started = run.started.astimezone()
        when = started.strftime("%H:%M:%S" if started.date() == today else "%Y-%m-%d %H:%M")
        table.add_row(run.run, when, took(run), run.subject or "", state)
    return table


def console() -> Console:
    """Standard output for tables: what is no terminal has no width to fold at."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else 200)


def headline(run: RunSummary) -> Text:
    """The run in one line."""
    line = Text(f"run {run.run} ")
    line.append(run.state, STATE_STYLES[run.state])
    line.append(f", {'for' if run.state == 'running' else 'after'} {took(run)}")
    if run.subject:
        line.append(f", about {run.subject}", "dim")
    return line
