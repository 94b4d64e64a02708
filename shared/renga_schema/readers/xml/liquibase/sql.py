"""SQL inside a changelog: read by the SQL reader into the same schema, where the dialect is known.

It is one session: what `SET` or `USE` says in one piece of SQL holds in the next. The other changes name their objects
as Liquibase does, whatever is set.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from renga_schema.model import Origin
from renga_schema.readers.source import Source
from renga_schema.readers.sql.lexicon import Lexicon, trivia_pattern
from renga_schema.readers.sql.split import Span
from renga_schema.readers.xml.liquibase.session import Session
from renga_schema.readers.xml.tree import Element, content_offset

_ESCAPES: Final = {r"\n": "\n", r"\r": "\r", r"\t": "\t"}
_MARKS: Final = re.compile(r"\\[nrt]|\\s\*|\\")
_LETTER: Final = re.compile(r"[A-Za-z]")


class Embedded(Source):
    """A piece of SQL whose places are those of the document around it."""

    def __init__(self, text: str, around: Source, offset: int, *, verbatim: bool) -> None:
        """`offset` is where the piece begins in the document, or the tag it is in where it is not written verbatim."""
        super().__init__(text, around.file)
        self._around = around
        self._offset = offset
        self._verbatim = verbatim

    def origin(self, offset: int) -> Origin:
        """Where in the document a character of the piece stands, or else the tag."""
        return self._around.origin(self._offset + offset if self._verbatim else self._offset)


def run(session: Session, element: Element, text: str, *, whole: bool = False) -> None:
    """Apply the SQL that an element holds, statement by statement; a `whole` text is one statement."""
    text = text.strip()
    at = content_offset(session.account.source, element) if text == element.text.strip() else None
    source = Embedded(text, session.account.source, element.offset if at is None else at, verbatim=at is not None)
    element.attributes.get("splitStatements")  # statements are told apart by their grammar, bodies of routines and all
    apply(session, source, element.offset, delimiter=element.attributes.get("endDelimiter"), whole=whole)


def apply(
    session: Session,
    source: Source,
    offset: int,
    *,
    delimiter: str | None = None,
    whole: bool = False,
    counts: bool = True,
) -> None:
    """Apply a script to the schema, as the connection of the changelog would run it.

    Args:
        session: What it changes.
        source: The script.
        offset: Where the changelog runs it.
        delimiter: What ends a statement, if not a semicolon.
        whole: Whether it is one statement.
        counts: Whether its statements are the changelog's own.
    """
    script, account = session.script, session.account
    script.open(source, script.splitter.lexicon)
    script.builder.path = session.path
    mark = _mark(delimiter, source.text)
    spans: Iterable[Span] = script.spans()
    if whole:
        spans = [Span(0, len(source.text))]
    elif mark is not None and mark.search(source.text):
        spans = _between(source.text, mark, script.splitter.lexicon)
    for span in spans:
        script.read(span)
    session.path, script.builder.path = script.builder.path, []
    is_inside = isinstance(source, Embedded)
    for diagnostic in script.diagnostics:
        at = account.offset(diagnostic.origin) if is_inside and diagnostic.origin else offset
        account.take(at, diagnostic)
    for loss in script.builder.losses:
        found = loss if loss.origin else loss.model_copy(update={"origin": account.origin(offset)})
        account.take_loss(account.offset(found.origin) if is_inside and found.origin else offset, found)
    if counts:
        account.tally(script.outcomes)
    script.diagnostics.clear()
    script.builder.losses.clear()
    script.outcomes.clear()


def _mark(written: str | None, text: str) -> re.Pattern[str] | None:
    r"""What ends a statement; Liquibase takes `endDelimiter` for a pattern: `\nGO`, `/`, `;;`."""
    if written is None or written.strip() in {"", ";"}:
        return None
    plain = _MARKS.sub(lambda match: _ESCAPES.get(match[0], ""), written).strip(" ")
    if not plain.strip():
        return None
    alone = re.compile(rf"^[ \t]*{re.escape(plain.strip())}[ \t]*;?[ \t]*$", re.IGNORECASE | re.MULTILINE)
    if _LETTER.search(plain) or alone.search(text):  # a word is one where it has a line of its own
        return alone
    return re.compile(re.escape(plain))


def _between(text: str, mark: re.Pattern[str], lexicon: Lexicon) -> Iterator[Span]:
    start, trivia = 0, trivia_pattern(lexicon)
    ends = [(match.start(), match.end()) for match in mark.finditer(text)]
    for end, after in [*ends, (len(text), len(text))]:
        lead = trivia.match(text, start, end)
        first = lead.end() if lead else start
        last = first + len(text[first:end].rstrip("; \t\r\n"))
        if first < last:
            yield Span(first, last)
        start = after
