"""The text that a reader works on: decoded, bounded, and able to say where an offset lies."""

import codecs
from bisect import bisect_right

from renga_schema.errors import Unreadable
from renga_schema.model import Origin
from renga_schema.report import Diagnostic

LIMIT_BYTES = 32 * 1024 * 1024
"""The largest input that is read. A dump beyond it is mostly data: leave the data out."""

_LONGEST_QUOTE = 200

_BOMS = (  # UTF-32 first: its little-endian mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Source:
    """A text and the name of its file. Offsets are characters from 0; lines and columns count from 1."""

    def __init__(self, text: str, file: str | None = None) -> None:
        self.text = text
        self.file = file
        self._line_starts: list[int] = []

    def origin(self, offset: int) -> Origin:
        """Where the character at `offset` stands."""
        if not self._line_starts:
            self._line_starts = _line_starts(self.text)
        line = bisect_right(self._line_starts, offset)
        return Origin(line=line, column=offset - self._line_starts[line - 1] + 1, file=self.file)

    def offset(self, origin: Origin) -> int:
        """The offset of a place in this text, the end where it lies beyond."""
        if not self._line_starts:
            self._line_starts = _line_starts(self.text)
        line = min(origin.line, len(self._line_starts))
        return min(self._line_starts[line - 1] + origin.column - 1, len(self.text))

    def quote(self, offset: int) -> str:
        """The line that holds the character at `offset`, shortened where it is very long."""
        start = self.text.rfind("\n", 0, offset) + 1
        start = max(start, offset - _LONGEST_QUOTE // 2)
        end = self.text.find("\n", offset)
        end = min(len(self.text) if end < 0 else end, start + _LONGEST_QUOTE)
        return self.text[start:end].strip()


def _line_starts(text: str) -> list[int]:
    starts = [0]
    at = text.find("\n")
    while at >= 0:
        starts.append(at + 1)
        at = text.find("\n", at + 1)
    return starts


def decode(content: str | bytes, file: str | None = None) -> Source:
    """Make a source of text or of bytes in UTF-8 (with or without BOM) or UTF-16/32 (with BOM).

    Raises:
        Unreadable: the content is empty, larger than `LIMIT_BYTES`, holds a NUL, or is in no encoding named above.
    """
    if len(content) > LIMIT_BYTES:
        limit = LIMIT_BYTES // (1024 * 1024)
        raise _unreadable(
            "READ-SIZE",
            f"The input has {len(content) / (1024 * 1024):.1f} MiB; at most {limit} MiB are read.",
            file,
            help_="Dump the schema without its data: pg_dump --schema-only, mysqldump --no-data, sqlite3 .schema.",
        )
    text = content if isinstance(content, str) else _decode(content, file)
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise _unreadable("READ-EMPTY", "The input is empty.", file, help_="Hand in at least one description.")
    source = Source(text, file)
    nul = text.find("\0")
    if nul >= 0:
        raise _unreadable(
            "READ-NUL",
            f"The input holds a NUL byte at line {source.origin(nul).line}, so it is not text.",
            file,
            source.origin(nul),
            help_="Is this a binary dump, or UTF-16 without a byte order mark? Save it as UTF-8.",
        )
    return source


def _decode(content: bytes, file: str | None) -> str:
    encoding = next((name for bom, name in _BOMS if content.startswith(bom)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _unreadable(
            "READ-ENCODING",
            f"The input is not {encoding.upper()}: byte {error.start} (line {line}) cannot be decoded.",
            file,
            Origin(line=line, file=file),
            help_="Convert it first, for instance with iconv -f WINDOWS-1252 -t UTF-8.",
        ) from error


def check_characters(source: Source) -> None:
    """Refuse a string that no encoding could have produced.

    Raises:
        Unreadable: the text holds a lone surrogate.
    """
    try:
        source.text.encode()
    except UnicodeEncodeError as error:
        raise _unreadable(
            "READ-ENCODING",
            f"The input holds half of a surrogate pair at character {error.start}, which no text can.",
            source.file,
            source.origin(error.start),
            help_="Decode the bytes as UTF-8 before handing them in.",
        ) from error


def _unreadable(code: str, message: str, file: str | None, origin: Origin | None = None, *, help_: str) -> Unreadable:
    return Unreadable(
        Diagnostic(severity="error", code=code, message=message, origin=origin or Origin(line=1, file=file), help=help_)
    )
