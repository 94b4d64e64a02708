"""Letters as people and as machines read them."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic_core import from_json
from rich.table import Table
from rich.text import Text

from renga import wire
from renga.deadletters import CODE, DATA, DEST
from renga.desk.letter import Letter, WholeLetter
from renga_dev import project
from renga_dev.timeline import short_type

_STYLES = {"well": "green", "failed": "red", "sent": "cyan"}
_LONGEST_REASON = 100


def functions_by_service(root: Path | None) -> dict[str, str]:
    """The functions of a project by the names of their Services."""
    return {name.replace("/", "-"): name for name in project.functions(root)} if root else {}


def function_of(letter: Letter, known: dict[str, str]) -> str:
    """Who did not take it: a function's name where the project has it, else its Service's."""
    return known.get(letter.failure.service, letter.failure.service)


def table(letters: Iterable[Letter], known: dict[str, str]) -> Table:
    """One letter a line, what is known of each where it fits."""
    grid = Table(box=None, pad_edge=False)
    for title in ("letter", "event"):
        grid.add_column(title, no_wrap=True)
    grid.add_column("function", overflow="fold")
    grid.add_column("code", justify="right", no_wrap=True)
    grid.add_column("reason", overflow="fold")
    for title in ("when", "came", "replayed"):
        grid.add_column(title, no_wrap=True)
    for letter in letters:
        failure = letter.failure
        code = "" if failure.code is None else str(failure.code)
        replayed = Text(f"{letter.replays}" if letter.replays else "")
        if letter.outcome:
            replayed.append(f", {letter.outcome}", _STYLES[letter.outcome])
        grid.add_row(
            letter.id,
            short_type(letter.envelope.type),
            function_of(letter, known),
            code,
            _short(failure.reason or letter.said or ""),
            when(letter.last),
            str(letter.came),
            replayed,
        )
    return grid


def whole(letter: WholeLetter, known: dict[str, str]) -> Iterator[Text]:
    """One letter from top to bottom: what failed, the event, its data, its run."""
    failure, envelope = letter.failure, letter.envelope
    code = "nothing" if failure.code is None else str(failure.code)
    yield Text.assemble(
        (f"letter {letter.id}", "bold"), f"  {short_type(envelope.type)} at {function_of(letter, known)}"
    )
    yield Text.assemble("it answered ", (code, "red"), f": {failure.reason}" if failure.reason else "")
    yield Text(f"at      {failure.dest or 'an address that it does not say'}")
    times = f", first {when(letter.first)}" if letter.came > 1 else ""
    yield Text(f"came    {_times(letter.came)}, last {when(letter.last)}{times}")
    if letter.replayed:
        said = f": {letter.said}" if letter.said else ""
        yield Text(
            f"again   {_times(letter.replays)}, last {when(letter.replayed)}, {letter.outcome or 'came back'}{said}"
        )
    elif letter.said:
        yield Text(f"        {letter.said}")
    yield Text(f"run     {letter.run}  (renga show {letter.run})")
    yield Text("event", "bold")
    for name, value in letter.attributes.items():
        if name not in {DEST, CODE, DATA}:
            yield Text(f"  {name:<18} {value}")
    yield Text("data", "bold")
    for line in data_lines(letter):
        yield Text(f"  {line}")


def data_lines(letter: WholeLetter) -> list[str]:
    """The data as text where it is text."""
    data, media_type = letter.event.data, letter.envelope.datacontenttype
    if data is None:
        reference = letter.envelope.extension("dataref")
        return [f"it lies at {reference}" if reference else "none"]
    if wire.is_json(media_type):
        try:
            return json.dumps(from_json(data), indent=2, ensure_ascii=False).splitlines()
        except ValueError:
            pass  # What is not what its type says is shown as it is.
    try:
        return data.decode().splitlines()
    except UnicodeDecodeError:
        return [f"{len(data)} bytes of {media_type or 'no media type'}"]


def as_json(letter: Letter, known: dict[str, str]) -> dict[str, Any]:
    """A letter for machines; one with its data has its event in structured mode."""
    failure = letter.failure
    told: dict[str, Any] = {
        **letter.model_dump(
            mode="json", include={"id", "first", "last", "came", "replays", "replayed", "outcome", "said"}
        ),
        "function": function_of(letter, known),
        "dest": failure.dest,
        "code": failure.code,
        "reason": failure.reason,
        "run": letter.run,
        "type": letter.envelope.type,
        "attributes": dict(letter.attributes),
    }
    if isinstance(letter, WholeLetter):
        told["event"] = from_json(wire.encode_structured(letter.event))
    return told


def when(time: datetime) -> str:
    """In this machine's zone; the date only where it is not today's."""
    local = time.astimezone()
    return local.strftime("%H:%M:%S" if local.date() == datetime.now(UTC).astimezone().date() else "%Y-%m-%d %H:%M")


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_REASON else f"{line[: _LONGEST_REASON - 1]}…"
