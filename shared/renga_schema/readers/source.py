"""The text that a reader works on: decoded, bounded, and able to say where an offset lies."""

import codecs
import re
from bisect import bisect_right

from renga_schema.errors import Unreadable
from renga_schema.model import Origin
from renga_schema.report import Diagnostic

LIMIT_BYTES = 32 * 1024 * 1024
"""The largest input that is read. A dump beyond it is mostly data: leave the data out."""

_LONGEST_QUOTE = 200
_MOST_ODD = 0.75
"""Of its bytes; where more are not UTF-8, the whole is no text."""
_ESCAPED = re.compile("[\udc80-\udcff]+")
"""What `surrogateescape` makes of bytes that are no UTF-8."""

_BOMS = (  # UTF-32 first: its little-endian mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Source:
    """A text and the name of its file. Offsets are characters from 0; lines and columns count from 1."""

    def __init__(self, text: str, file: str | None = None, note: Diagnostic | None = None) -> None:
        self.text = text
        self.file = file
        self.note = note
        """What had to be assumed to decode it."""
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

    Bytes that are no UTF-8 are read as Windows-1252, with a note: dumps of old are in it, and those of MySQL hold the
    raw bytes of binary columns. The description is in the bytes around them.

    Raises:
        Unreadable: the content is empty, larger than `LIMIT_BYTES`, holds a NUL, or is no text.
    """
    if len(content) > LIMIT_BYTES:
        limit = LIMIT_BYTES // (1024 * 1024)
        raise _unreadable(
            "READ-SIZE",
            f"The input has {len(content) / (1024 * 1024):.1f} MiB; at most {limit} MiB are read.",
            file,
            help_="Dump the schema without its data: pg_dump --schema-only, mysqldump --no-data, sqlite3 .schema.",
        )
    text, note = (content, None) if isinstance(content, str) else _decode(content, file)
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise _unreadable("READ-EMPTY", "The input is empty.", file, help_="Hand in at least one description.")
    source = Source(text, file, note)
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


def _decode(content: bytes, file: str | None) -> tuple[str, Diagnostic | None]:
    encoding = next((name for bom, name in _BOMS if content.startswith(bom)), "utf-8")
    try:
        return content.decode(encoding), None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        where = Origin(line=line, file=file)
        text, odd = _with_windows_1252(content) if encoding == "utf-8" else ("", len(content))
        if odd > _MOST_ODD * len(content):
            raise _unreadable(
                "READ-ENCODING",
                f"The input is not {encoding.upper()}: byte {error.start} (line {line}) cannot be decoded.",
                file,
                where,
                help_="Convert it first, for instance with iconv -f WINDOWS-1252 -t UTF-8.",
            ) from error
        message = f"The input is not all UTF-8: {odd} bytes, the first in line {line}, were read as Windows-1252."
        help_ = "If it is in another encoding, convert it first: iconv -f ENCODING -t UTF-8."
        return text, Diagnostic(severity="warning", code="READ-ENCODING", message=message, origin=where, help=help_)


def _with_windows_1252(content: bytes) -> tuple[str, int]:
    """The text, and how many of its bytes are no UTF-8."""
    text = content.decode(errors="surrogateescape")
    odd = 0

    def replaced(match: re.Match[str]) -> str:
        nonlocal odd
        odd += len(match[0])
        # Five bytes mean nothing in it, and are kept as the control characters of their number.
        return "".join(
            each.decode("cp1252", "ignore") or each.decode("latin-1")
            for each in (bytes((ord(character) - 0xDC00,)) for character in match[0])
        )

    return _ESCAPED.sub(replaced, text), odd


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
