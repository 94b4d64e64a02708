"""What a submission came to, as people and as machines read it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.text import Text

from renga.ledger.run import RunState
from renga_dev.diagnostics import diagnostic_lines
from renga_dev.plural import plural
from renga_dev.submission import Result
from renga_dev.timeline import STATE_STYLES, awaited_line, short_type, took
from renga_schema.report import Diagnostic, Loss

MOST_LINES = 12
"""Findings and losses beyond so many are only counted: `--json` has them all."""


def lines(result: Result, written: Mapping[str, Path]) -> Iterator[Text]:
    """The verdict in lines: how the run ended, why, what was found, what was lost, what was written."""
    run, label = result.run, result.submission.label
    yield Text.assemble(
        label, ": ", (_ending(run.state), STATE_STYLES[run.state]), f" after {took(run)} (run {run.run})"
    )
    for failure in failures(result):
        yield Text(f"  {failure}", "red")
    for awaited in run.awaited:
        yield Text(f"  waiting for {awaited_line(awaited)}")
    if counted := _counted(result):
        yield Text(f"  {counted}")
    diagnostics = _diagnostics(result)
    shown = diagnostics if run.state == "rejected" else diagnostics[:MOST_LINES]
    for diagnostic in shown:
        yield from diagnostic_lines(diagnostic, label, result.submission.text)
    if len(shown) < len(diagnostics):
        yield Text(f"  and {len(diagnostics) - len(shown)} findings more; --json has them all", "dim")
    losses = _losses(result)
    for where, loss in losses[:MOST_LINES]:
        yield Text(f"  {where}: {loss.object}: {loss.feature}; instead: {loss.instead}")
    if len(losses) > MOST_LINES:
        yield Text(f"  and {len(losses) - MOST_LINES} losses more; --json has them all", "dim")
    for document in result.generated.documents if result.generated else ():
        path = written.get(document.path)
        yield Text(f"  {path or document.path}  {_size(document.text)}{'' if path else ', not kept: give --out DIR'}")


def failures(result: Result) -> list[str]:
    """Who failed at what, in sentences; what was made good later is left out."""
    if result.run.state != "failed":
        return []
    told = [entry for entry in result.run.timeline if entry.outcome in {"dead", "rejected", "failed"}]
    by_event = {(entry.function, entry.id): entry for entry in told}
    return [f"{entry.function} failed at {short_type(entry.event)}: {entry.error}" for entry in by_event.values()]


def as_json(result: Result, written: Mapping[str, Path]) -> dict[str, Any]:
    """Everything, for machines."""
    run = result.run
    documents = result.generated.documents if result.generated else ()
    return {
        "file": result.submission.label,
        "name": result.submission.name,
        "run": run.run,
        "state": run.state,
        "started": run.started.isoformat(),
        "ended": run.ended.isoformat() if run.ended else None,
        "objects": _objects(result),
        "documents": [
            {
                "path": document.path,
                "media_type": document.media_type,
                "written": str(written[document.path]) if document.path in written else None,
                "losses": _dump(document.losses),
            }
            for document in documents
        ],
        "diagnostics": _dump(_diagnostics(result)),
        "losses": _dump([loss for where, loss in _losses(result) if where == _READING]),
        "failures": failures(result),
    }


_READING = "reading"


def _losses(result: Result) -> list[tuple[str, Loss]]:
    """Every loss with where it happened: at reading, or in a document."""
    last = result.generated or result.rejected or result.parsed
    read = [(_READING, loss) for loss in last.losses] if last else []
    documents = result.generated.documents if result.generated else ()
    return read + [(document.path, loss) for document in documents for loss in document.losses]


def _diagnostics(result: Result) -> Sequence[Diagnostic]:
    if result.rejected:
        return result.rejected.diagnostics
    return result.generated.findings if result.generated else result.parsed.diagnostics if result.parsed else ()


def _objects(result: Result) -> dict[str, int]:
    """How many objects of each kind were read; kinds with none are left out."""
    if result.parsed is None:
        return {}
    model = result.parsed.model
    kinds = {name: getattr(model, name) for name in type(model).model_fields}
    return {name: len(value) for name, value in kinds.items() if isinstance(value, tuple) and value}


def _counted(result: Result) -> str:
    parts = [plural(count, name.replace("_", " ")) for name, count in _objects(result).items()]
    severities = Counter(diagnostic.severity for diagnostic in _diagnostics(result))
    parts += [plural(count, f"{severity}s") for severity, count in severities.items()]
    if losses := len(_losses(result)):
        parts.append(f"{losses} loss{'es' * (losses > 1)}")
    elif result.generated:
        parts.append("nothing lost")
    return ", ".join(parts)


def _ending(state: RunState) -> str:
    return {"well": "ended well", "rejected": "rejected", "failed": "failed", "running": "still running"}[state]


def _size(text: str) -> str:
    size = len(text.encode())
    return f"{size} bytes" if size < 1024 else f"{size / 1024:.1f} KiB"


def _dump(nodes: Iterable[Diagnostic | Loss]) -> list[dict[str, Any]]:
    return [node.model_dump(mode="json", exclude_none=True) for node in nodes]
