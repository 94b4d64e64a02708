"""Read a SQL script, statement by statement: what one of them gets wrong costs the others nothing."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Final

from renga_schema.errors import Unreadable
from renga_schema.model import Dialect
from renga_schema.readers.findings import MOST_SAID, too_much
from renga_schema.readers.source import Source
from renga_schema.readers.sql.batches import batches
from renga_schema.readers.sql.builder import Builder
from renga_schema.readers.sql.cursor import DEEPEST_PARENTHESES, Cursor, Unparsed
from renga_schema.readers.sql.effort import Exhausted, refusal
from renga_schema.readers.sql.freezing import freeze
from renga_schema.readers.sql.lexer import Token, iterate
from renga_schema.readers.sql.lexicon import Lexicon
from renga_schema.readers.sql.outcome import Outcome
from renga_schema.readers.sql.split import Span, Splitter
from renga_schema.readers.sql.sql_modes import SqlModes
from renga_schema.readers.sql.statements import NOTED, begins_statement, carry_out
from renga_schema.readers.sql.transactions import WORDS as STEERING
from renga_schema.readers.sql.transactions import Transactions
from renga_schema.readers.sql.virtual_tables import inserted_table
from renga_schema.report import Diagnostic, Reading, Statements

MOST_TOKENS: Final = 1_500_000
"""The longest description that is read, data not counted: some 10 MB of DDL, and a gigabyte as a model."""

_FIRST_WORD = re.compile(r"\(*\s*(?P<word>\w+)")
_RUN_UNSEEN = re.compile(r"EXECUTE\b|BEGIN\s+NOT\s+ATOMIC\b|(?:IF|CASE|LOOP|REPEAT|WHILE|FOR)\b", re.IGNORECASE)
"""MySQL's prepared statements, and MariaDB's code outside of routines."""
_SEARCH_PATH = re.compile(
    r"SET\s+(?:SESSION\s+|(?P<local>LOCAL)\s+)?(?:search_path\s*(?:=|\bTO\b)|SCHEMA\b)(?P<path>.*)"
    r"|SELECT\s+(?:pg_catalog\.)?set_config\(\s*'search_path'\s*,\s*'(?P<config>[^']*)'"
    r"|RESET\s+(?:search_path|ALL)\b",
    re.IGNORECASE | re.DOTALL,
)
_CONFORMING = re.compile(r"SET\s+standard_conforming_strings\s*(?:=|\bTO\b)\s*'?(?P<value>\w+)", re.IGNORECASE)
_USE = re.compile(r"USE\s+[`\"]?(?P<name>[^`\";]+?)[`\"]?\s*\Z", re.IGNORECASE)
_LONGEST_SETTING = 2000
_INTO = re.compile(r"\bINTO\b", re.IGNORECASE)
_EXECUTE: Final = {"EXEC", "EXECUTE"}
"""SQL Server's procedures, of which a few change the schema."""


def read_sql(source: Source, dialect: Dialect) -> Reading:
    """Read a script in one dialect; what fails in it is in the diagnostics.

    Raises:
        Unreadable: it describes more than `MOST_TOKENS` words, or changes too much of what is there; see `Effort`.
    """
    return read_scripts((source,), dialect)


def read_scripts(sources: Iterable[Source], dialect: Dialect) -> Reading:
    """Read scripts one after the other, as a client would run them in one session; see `read_sql`."""
    session = Session(Builder(dialect))
    try:
        for source in sources:
            session.open(source)
            for span in session.spans():
                session.read(span)
        return session.result()
    except Exhausted:
        raise refusal(session.source.origin(session.reached)) from None


class Session:
    """Scripts being read: what they have built, what was wrong with them, and what is set for the rest of them."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.transactions = Transactions(builder)
        self.open(Source(""))
        self.diagnostics: list[Diagnostic] = []
        self.outcomes: Counter[Outcome] = Counter()
        self.tokens = 0
        self.sql_modes = SqlModes()

    def open(self, source: Source, lexicon: Lexicon | None = None) -> None:
        """Go on with another script, in a lexicon that an earlier one may have set."""
        self.source = source
        self.splitter = Splitter(source.text, lexicon or Lexicon.of(self.builder.dialect))
        self.transactions.open(source.text)
        self.builder.effort.allow(len(source.text))
        self.reached = 0

    def spans(self) -> Iterable[Span]:
        """The statements of the script that is open."""
        if self.builder.dialect == "mssql":
            return batches(self.source.text, self.splitter.lexicon)
        return self.splitter

    def read(self, span: Span) -> None:
        """Apply a statement of the script that is open.

        Raises:
            Exhausted: it changes too much of what is there, after all the others.
        """
        self.reached = span.start
        try:
            outcome = self._outcome(span)
        except Unparsed as problem:
            if span.guarded and problem.code in {"READ-DUPLICATE", "READ-MISSING"}:
                outcome = "noted"  # IF it is not there yet, the script says
            else:
                self._complain(problem)
                outcome = "failed"
        self.outcomes[outcome] += 1

    def _outcome(self, span: Span) -> Outcome:
        if span.problem is not None:
            raise Unparsed(span.problem, span.problem_at)
        if span.client:
            return "noted"
        text = self.source.text
        match = _FIRST_WORD.match(text, span.start, span.end)
        word = match["word"].upper() if match else ""
        if self.builder.dialect == "mysql" and _RUN_UNSEEN.match(text, span.start, span.end):
            origin = self.source.origin(span.start)
            self.builder.lose(word, "statements that only running it shows", "What they change is not known.", origin)
            return "ledger"
        if word in NOTED and not (word in _EXECUTE and self.builder.dialect == "mssql"):
            if (inserted := inserted_table(self.source, span, self.builder.dialect)) is not None:
                return self._carry_out(inserted, 0, len(inserted.text))
            if word == "SELECT" and self.builder.dialect == "postgres" and _INTO.search(text, span.start, span.end):
                return self._carry_out(self.source, span.start, span.end)
            self._take_setting(word, span)
            if word in STEERING and span.end - span.start <= _LONGEST_SETTING:
                self.transactions.carry_out(text[span.start : span.end])
            return "noted"
        return self._carry_out(self.source, span.start, span.end)

    def _carry_out(self, source: Source, start: int, end: int) -> Outcome:
        lexicon = self.splitter.lexicon
        found = _tokens(source.text, start, end, lexicon)
        self._spend(len(found), start)
        return carry_out(Cursor(source, found, lexicon, 0, len(found)), self.builder)

    def _spend(self, count: int, offset: int) -> None:
        """Count the tokens of statements that describe something.

        Raises:
            Unreadable: there are more of them than memory should have to hold.
        """
        self.tokens += count
        if self.tokens > MOST_TOKENS:
            origin = self.source.origin(offset)
            raise Unreadable(
                Diagnostic(
                    severity="error",
                    code="READ-SIZE",
                    message=f"The statements up to line {origin.line} pass the limit of {MOST_TOKENS} words.",
                    origin=origin,
                    help="Hand in the schema in parts.",
                )
            )

    def _complain(self, problem: Unparsed) -> None:
        """Say what is wrong with a statement; after `MOST_SAID` of them once that there would be more."""
        said = len(self.diagnostics)
        if said > MOST_SAID:
            return
        found = Diagnostic(
            severity="error",
            code=problem.code,
            message=problem.message,
            origin=self.source.origin(problem.offset),
            text=self.source.quote(problem.offset),
            help=problem.help,
        )
        self.diagnostics.append(found if said < MOST_SAID else too_much(found))

    def _take_setting(self, word: str, span: Span) -> None:
        """Settings that change how the rest of the script is to be read."""
        if word not in {"SET", "RESET", "SELECT", "USE"} or span.end - span.start > _LONGEST_SETTING:
            return
        text = self.source.text[span.start : span.end]
        dialect = self.builder.dialect
        if dialect == "postgres":
            if (match := _SEARCH_PATH.match(text)) is not None:
                path = _search_path(match["path"] or match["config"] or "")
                self.transactions.set_path(path, local=match["local"] is not None)
            elif (match := _CONFORMING.match(text)) is not None:
                off = match["value"].lower() in {"off", "false", "0"}
                self.splitter.lexicon = replace(self.splitter.lexicon, backslash_escapes=off)
        elif dialect == "mysql":
            if (match := _USE.match(text)) is not None:
                self.builder.path = [match["name"]]
            elif "sql_mode" in text.lower():
                self.splitter.lexicon = self.sql_modes.take(text, self.splitter.lexicon)

    def result(self) -> Reading:
        """What all scripts together come to."""
        return Reading(
            schema=freeze(self.builder),
            diagnostics=tuple(self.diagnostics),
            losses=tuple(self.builder.losses),
            statements=Statements(
                applied=self.outcomes["applied"],
                kept=self.outcomes["kept"],
                noted=self.outcomes["noted"],
                ledger=self.outcomes["ledger"],
                failed=self.outcomes["failed"],
                total=self.outcomes.total(),
            ),
        )


_SYSTEM_NAMESPACES: Final = {"pg_catalog", "$user", "pg_temp", ""}


def _search_path(written: str) -> list[str]:
    names = (
        part.strip('"') if part[0] == '"' else part.strip("'").lower()
        for part in map(str.strip, written.split(","))
        if part
    )
    return [name for name in names if name not in _SYSTEM_NAMESPACES and name.lower() != "default"]


def _tokens(text: str, start: int, end: int, lexicon: Lexicon) -> list[Token]:
    """The tokens of a statement, as far as they are needed: of what begins no statement the first one says so.

    Raises:
        Unparsed: parentheses are nested absurdly deep, which would exhaust the stack of the expression parser.
    """
    found = iterate(text, start, end, lexicon)
    first = list(islice(found, 1))
    if first and not begins_statement(first[0].key, lexicon.dialect):
        return first
    deep = text.count("(", start, end) > DEEPEST_PARENTHESES
    return [*first, *(_shallow(found) if deep else found)]


def _shallow(found: Iterator[Token]) -> Iterator[Token]:
    depth = 0
    for token in found:
        if token.key == "(":
            depth += 1
            if depth > DEEPEST_PARENTHESES:
                message = f"Parentheses are nested deeper than {DEEPEST_PARENTHESES}."
                raise Unparsed(message, token.start, help_="Write the statement with fewer of them.")
        elif token.key == ")":
            depth -= 1
        yield token
