"""What was read, as people see it in a terminal: what it was taken for, what is in it, what was wrong with it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from rich.console import RenderableType
from rich.table import Table as Grid
from rich.text import Text

from renga_dev.diagnostics import diagnostic_lines
from renga_dev.plural import plural
from renga_schema import FilesReading, Reading
from renga_schema.counts import Counts, count
from renga_schema.model import Table
from renga_schema.report import Diagnostic, Statements

MOST_FILES: Final = 10
MOST_TABLES: Final = 60
MOST_FINDINGS: Final = 20
"""So many of each are shown; the rest are counted. `--as json` and `--as counts` leave out nothing."""

_TAKEN_FOR: Final = {"postgres": "PostgreSQL", "mysql": "MySQL", "sqlite": "SQLite", "mssql": "SQL Server"}


def lines(reading: Reading) -> Iterator[RenderableType]:
    """The overview from top to bottom."""
    files = reading.files if isinstance(reading, FilesReading) else ()
    for file in files[:MOST_FILES]:
        taken = file.detection
        what = _TAKEN_FOR.get(taken.dialect or "", taken.format)
        evidence = ", ".join(taken.evidence) or "nothing speaks for another dialect"
        yield Text.assemble(
            (file.name, "bold"), f": {what}", (f" ({evidence}; confidence {taken.confidence:g})", "dim")
        )
    if len(files) > MOST_FILES:
        yield Text(f"and {len(files) - MOST_FILES} files more", "dim")
    numbers = count(reading)
    yield Text(counted(numbers))
    tables = reading.schema.tables
    if tables:
        yield _grid(tables[:MOST_TABLES])
    if len(tables) > MOST_TABLES:
        yield Text(f"and {len(tables) - MOST_TABLES} tables more", "dim")
    yield Text(ended(reading.statements))
    yield from findings(reading.diagnostics, {file.name: file.text for file in files})
    for loss in reading.losses[:MOST_FINDINGS]:
        where = f" (line {loss.origin.line})" if loss.origin else ""
        yield Text.assemble(("lost ", "yellow"), f"{loss.object}{where}: {loss.feature}. {loss.instead}")
    if len(reading.losses) > MOST_FINDINGS:
        yield Text(f"and {len(reading.losses) - MOST_FINDINGS} losses more", "dim")


def counted(numbers: Counts) -> str:
    """`3 tables, 14 columns, 1 foreign key`; kinds with none are left out."""
    found = {
        name: number for name, number in numbers if isinstance(number, int) and number and name not in _SAID_ELSEWHERE
    }
    return ", ".join(plural(number, name.replace("_", " ")) for name, number in found.items()) or "No object."


_SAID_ELSEWHERE: Final = {"diagnostics", "ledger_entries"}


def ended(statements: Statements) -> str:
    """How the statements ended."""
    ends = [(name, number) for name, number in statements if name != "total" and number]
    told = ", ".join(f"{number} {'in the ledger' if name == 'ledger' else name}" for name, number in ends)
    return f"{plural(statements.total, 'statements')}" + (f": {told}" if told else "")


def findings(diagnostics: Iterable[Diagnostic], texts: Mapping[str, str]) -> Iterator[Text]:
    """Each diagnostic with its place; `texts` are the files by name."""
    found = list(diagnostics)
    for diagnostic in found[:MOST_FINDINGS]:
        file = diagnostic.origin.file if diagnostic.origin else None
        yield from diagnostic_lines(diagnostic, file or "input", texts.get(file or "", ""))
    if len(found) > MOST_FINDINGS:
        yield Text(f"and {len(found) - MOST_FINDINGS} findings more", "dim")


def _grid(tables: Iterable[Table]) -> Grid:
    grid = Grid(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for title, justify in (("table", "left"), ("columns", "right"), ("key", "left"), ("refers to", "left")):
        grid.add_column(title, justify=justify, overflow="fold")  # type: ignore[arg-type]  # both are what it takes
    for table in tables:
        key = ", ".join(table.primary_key.columns) if table.primary_key else ""
        targets = dict.fromkeys(str(foreign.target) for foreign in table.foreign_keys)
        name = Text.assemble((str(table.ref), "bold"), (_kind(table), "dim"))
        grid.add_row(name, str(len(table.columns)), key, ", ".join(targets))
    return grid


def _kind(table: Table) -> str:
    if table.partition_of:
        return f" part of {table.partition_of.parent}"
    if table.module:
        return f" {table.module.partition('(')[0]}"
    return "" if table.persistence == "permanent" else f" {table.persistence}"
