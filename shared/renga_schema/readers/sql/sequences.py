"""The numbers of sequences and identity columns."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from renga_schema.model import DataType, Ref, SequenceOptions
from renga_schema.readers.sql.builder import Builder
from renga_schema.readers.sql.cursor import Cursor
from renga_schema.readers.sql.datatypes import data_type
from renga_schema.readers.sql.lexer import NUMBER

_LARGEST: Final = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}
_UNSET: Final = SequenceOptions()


@dataclass(slots=True)
class SequenceClauses:
    """What the clauses of CREATE or ALTER SEQUENCE say; only what was said is in `numbers`."""

    numbers: dict[str, int | bool | None] = field(default_factory=dict)
    type: DataType | None = None
    name: Ref | None = None
    owner: list[str] | None = None
    """Qualified column name; empty for OWNED BY NONE."""

    def options(self, base: SequenceOptions = _UNSET, type_: DataType | None = None) -> SequenceOptions:
        """The options, with the engine's own defaults left out so that equal sequences are equal."""
        options = base.model_copy(update=self.numbers)
        type_ = self.type or type_
        largest = _LARGEST.get(type_.name if type_ else "bigint")
        descending = (options.increment or 1) < 0
        first = -1 if descending else options.minimum or 1
        quiet: dict[str, None] = {}
        if options.start == first:
            quiet["start"] = None
        if options.increment == 1:
            quiet["increment"] = None
        if options.cache == 1:
            quiet["cache"] = None
        if options.minimum == 1 and not descending:
            quiet["minimum"] = None
        if options.maximum == (-1 if descending else largest):
            quiet["maximum"] = None
        return options.model_copy(update=quiet) if quiet else options


def sequence_clauses(cursor: Cursor, builder: Builder) -> SequenceClauses:
    """Take the clauses of a sequence, up to the first word that is none."""
    clauses = SequenceClauses()
    while (rule := _RULES.get(cursor.key)) is not None:
        cursor.advance()
        rule(cursor, builder, clauses)
    return clauses


def _number(field_name: str, *filler: str) -> Callable[[Cursor, Builder, SequenceClauses], None]:
    def take(cursor: Cursor, _: Builder, clauses: SequenceClauses) -> None:
        for word in filler:
            cursor.accept(word)
        cursor.accept("=")
        clauses.numbers[field_name] = cursor.integer()

    return take


def _no(cursor: Cursor, _: Builder, clauses: SequenceClauses) -> None:
    names = {"MINVALUE": "minimum", "MAXVALUE": "maximum", "CACHE": "cache", "CYCLE": "cycle", "ORDER": None}
    key = cursor.accept_any(names)
    if key is None:
        raise cursor.error("MINVALUE, MAXVALUE, CACHE or CYCLE is expected")
    name = names[key]
    if name:
        clauses.numbers[name] = False if key == "CYCLE" else None


def _cycle(_: Cursor, __: Builder, clauses: SequenceClauses) -> None:
    clauses.numbers["cycle"] = True


def _as(cursor: Cursor, builder: Builder, clauses: SequenceClauses) -> None:
    clauses.type = data_type(cursor, builder)


def _owned(cursor: Cursor, _: Builder, clauses: SequenceClauses) -> None:
    cursor.expect("BY")
    clauses.owner = [] if cursor.accept("NONE") else cursor.dotted()


def _name(cursor: Cursor, _: Builder, clauses: SequenceClauses) -> None:
    cursor.expect("NAME")
    clauses.name = cursor.qualified()


def _restart(cursor: Cursor, _: Builder, __: SequenceClauses) -> None:
    """Where the counter stands is data, not schema."""
    if cursor.accept("WITH") or cursor.key in {NUMBER, "-"}:
        cursor.integer()


def _nothing(_: Cursor, __: Builder, ___: SequenceClauses) -> None:
    """LOGGED, UNLOGGED, ORDER, and MariaDB's one-word negations say what the engine does anyway."""


def _engine(cursor: Cursor, _: Builder, __: SequenceClauses) -> None:
    """MariaDB keeps a sequence as a table of one row, in an engine that it names."""
    cursor.accept("=")
    cursor.name()


_RULES: Final[dict[str, Callable[[Cursor, Builder, SequenceClauses], None]]] = {
    "START": _number("start", "WITH"),
    "INCREMENT": _number("increment", "BY"),
    "MINVALUE": _number("minimum"),
    "MAXVALUE": _number("maximum"),
    "CACHE": _number("cache"),
    "NO": _no,
    "CYCLE": _cycle,
    "AS": _as,
    "OWNED": _owned,
    "SEQUENCE": _name,
    "RESTART": _restart,
    "ENGINE": _engine,
    "SET": _nothing,
    "LOGGED": _nothing,
    "UNLOGGED": _nothing,
    "ORDER": _nothing,
    "NOCACHE": _nothing,
    "NOCYCLE": _nothing,
    "NOMINVALUE": _nothing,
    "NOMAXVALUE": _nothing,
}
