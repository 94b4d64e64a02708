"""SQL inside a changelog: read by the SQL reader into the same schema, where the dialect is known."""

from collections.abc import Iterable

from renga_schema.model import Dialect, Origin
from renga_schema.readers.source import Source
from renga_schema.readers.sql.batches import batches
from renga_schema.readers.sql.cursor import DEEPEST_PARENTHESES, Cursor, Unparsed
from renga_schema.readers.sql.lexer import tokens
from renga_schema.readers.sql.lexicon import Lexicon
from renga_schema.readers.sql.outcome import Outcome
from renga_schema.readers.sql.split import Span, Splitter
from renga_schema.readers.sql.statements import NOTED, carry_out
from renga_schema.readers.xml.liquibase.session import Session
from renga_schema.readers.xml.tree import Element, content_offset


class Embedded(Source):
    """A piece of SQL whose places are those of the document around it."""

    def __init__(self, text: str, around: Source, offset: int, *, verbatim: bool) -> None:
        """`offset` is where the piece begins in the document, or the tag it is in where it is not written verbatim."""
        super().__init__(text, around.file)
        self._around = around
        self._offset = offset
        self._verbatim = verbatim

    def around(self, offset: int) -> int:
        """Where in the document a character of the piece stands, or else the tag."""
        return self._offset + offset if self._verbatim else self._offset

    def origin(self, offset: int) -> Origin:
        """The same, as line and column."""
        return self._around.origin(self.around(offset))


def run(session: Session, element: Element, text: str, dialect: Dialect, *, whole: bool = False) -> None:
    """Apply SQL statement by statement; a `whole` text is one statement."""
    text = text.strip()
    at = content_offset(session.account.source, element) if text == element.text.strip() else None
    source = Embedded(text, session.account.source, element.offset if at is None else at, verbatim=at is not None)
    lexicon = Lexicon.of(dialect)
    for span in [Span(0, len(text))] if whole else _spans(element, text, lexicon):
        try:
            outcome = _apply(session, source, span, lexicon)
        except Unparsed as problem:
            at_fault = source.around(problem.offset)
            session.account.complain(Unparsed(problem.message, at_fault, code=problem.code, help_=problem.help))
            outcome = "failed"
        session.account.count(outcome)


def _spans(element: Element, text: str, lexicon: Lexicon) -> Iterable[Span]:
    if element.attributes.get("splitStatements") == "false":
        return [Span(0, len(text))]
    delimiter = element.attributes.get("endDelimiter", ";").strip()
    if delimiter not in {"", ";"} and delimiter in text:
        spans, start = [], 0
        for piece in text.split(delimiter):
            if piece.strip():
                spans.append(Span(start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())))
            start += len(piece) + len(delimiter)
        return spans
    return batches(text, lexicon) if lexicon.dialect == "mssql" else Splitter(text, lexicon)


def _apply(session: Session, source: Embedded, span: Span, lexicon: Lexicon) -> Outcome:
    if span.problem is not None:
        raise Unparsed(span.problem, span.problem_at)
    if span.client:
        return "noted"
    found = tokens(source.text, span.start, span.end, lexicon)
    if not found or found[0].key in NOTED:
        return "noted"
    depth = 0
    for token in found:
        depth += (token.key == "(") - (token.key == ")")
        if depth > DEEPEST_PARENTHESES:
            message = f"Parentheses are nested deeper than {DEEPEST_PARENTHESES}."
            raise Unparsed(message, token.start, help_="Write the statement with fewer of them.")
    outcome = carry_out(Cursor(source, found, lexicon, 0, len(found)), session.builder)
    for loss in session.builder.losses:
        at = session.account.offset(loss.origin) if loss.origin else source.around(span.start)
        session.account.lose(loss.object, loss.feature, loss.instead, at)
    session.builder.losses.clear()
    return outcome
