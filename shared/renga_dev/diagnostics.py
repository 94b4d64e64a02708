"""A diagnostic as people read it in a terminal: where, what, the line itself with a caret, and the help."""

from collections.abc import Iterator

from rich.cells import cell_len
from rich.text import Text

from renga_schema.report import Diagnostic

_TAB = 4
_LONGEST_LINE = 160
_SEVERITY_STYLES = {"error": "bold red", "warning": "yellow", "info": "cyan"}


def diagnostic_lines(diagnostic: Diagnostic, label: str, text: str = "") -> Iterator[Text]:
    """`label:line:column: severity CODE message`, the line itself with a caret, and the help.

    Args:
        diagnostic: What is wrong.
        label: What the user calls the file.
        text: What the file holds; where it has no such line, the line that the diagnostic quotes is shown.
    """
    origin = diagnostic.origin
    where = label + (f":{origin.line}:{origin.column}" if origin else "")
    style = _SEVERITY_STYLES[diagnostic.severity]
    yield Text.assemble((where, "bold"), ": ", (diagnostic.severity, style), f" {diagnostic.code} {diagnostic.message}")
    if origin and (line := _line(diagnostic, text)):
        shown, before = _excerpt(line, origin.column)
        yield Text(f"    {shown}")
        yield Text.assemble("    ", " " * before, ("^", style))
    if diagnostic.help:
        yield Text(f"    help: {diagnostic.help}", "dim")


def _line(diagnostic: Diagnostic, text: str) -> str:
    """The offending line as it stands in the file; as the diagnostic has it where the file has no such line."""
    lines = text.split("\n")
    number = diagnostic.origin.line if diagnostic.origin else 0
    if 0 < number <= len(lines):
        return lines[number - 1]
    return (diagnostic.text or "").partition("\n")[0]


def _excerpt(line: str, column: int) -> tuple[str, int]:
    """What is shown of a line, and how many cells stand before the column: tabs are spread, wide characters take two.

    Of a very long line only what is around the column; characters that would move the cursor are replaced.
    """
    at = max(0, column - 1)
    start = 0 if len(line) <= _LONGEST_LINE else max(0, at - _LONGEST_LINE // 2)
    end = start + _LONGEST_LINE
    head, tail = "…" if start else "", "…" if end < len(line) else ""
    visible = "".join(
        char if char.isprintable() or char == "\t" else "\N{REPLACEMENT CHARACTER}" for char in line[start:end]
    )
    before = cell_len((head + visible[: at - start]).expandtabs(_TAB))
    return (head + visible.rstrip() + tail).expandtabs(_TAB), before
