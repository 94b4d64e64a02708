"""What a document comes to beside its schema: diagnostics, losses, and how each statement ended."""

import re
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Final

from renga_schema.model import Origin, Schema, Severity
from renga_schema.readers.findings import Findings
from renga_schema.readers.source import Source
from renga_schema.readers.sql.cursor import Unparsed
from renga_schema.readers.sql.outcome import Outcome
from renga_schema.readers.xml.tree import Element
from renga_schema.report import Reading, Statements
from renga_schema.types import CATEGORIES

_WHOLE_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,19}")
_NEW_LINE: Final = re.compile(r"\n")


class Account(Findings):
    """Findings about elements, and the count of statements."""

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.source = source
        self._outcomes: Counter[Outcome] = Counter()
        self._starts: list[int] = []

    def offset(self, origin: Origin) -> int:
        """The characters before a place in the text."""
        if not self._starts:
            self._starts = [0, *(match.end() for match in _NEW_LINE.finditer(self.source.text))]
        return self._starts[min(origin.line, len(self._starts)) - 1] + origin.column - 1

    def place(self, element: Element) -> Origin:
        """Where an element stands."""
        return self.origin(element.offset)

    def count(self, outcome: Outcome) -> None:
        """Note how a statement ended."""
        self._outcomes[outcome] += 1

    def tally(self, outcomes: Counter[Outcome]) -> None:
        """Note how several statements ended."""
        self._outcomes.update(outcomes)

    def complain(self, problem: Unparsed, severity: Severity = "error") -> None:
        """Make a diagnostic of what could not be read, or (a warning) of what was read and looks wrong."""
        self.say(problem.code, problem.message, problem.offset, help_=problem.help, severity=severity)

    def ledger(self, object_: str, element: Element, *, ignored: Collection[str] = ()) -> None:
        """Enter the attributes that no rule has read, and that are not to be ignored, into the loss ledger."""
        for name in sorted(element.attributes.unasked.difference(ignored)):
            value = element.attributes[name]
            self.lose(object_, f"{name}={value[:80]!r} of {element.name}", "It is left out.", element.offset)

    def check_types(self, schema: Schema, accounts: "Mapping[str | None, Account] | None" = None) -> None:
        """Warn of a column's type that is neither built in nor described; `accounts` are those of several files."""
        described = {item.name for item in (*schema.enums, *schema.domains, *schema.composite_types)}
        for table in schema.tables:
            for column in table.columns:
                type_ = column.type
                if (
                    type_.namespace
                    or type_.name in described
                    or type_.name in CATEGORIES
                    or "${" in type_.name
                    or not column.origin
                ):
                    continue
                account = (accounts or {}).get(column.origin.file, self)
                account.say(
                    "READ-TYPE",
                    f"{table.ref}.{column.name} has the type {type_.name!r}, which is not described here.",
                    account.offset(column.origin),
                    object_=f"{table.ref}.{column.name}",
                    help_=self.did_you_mean(type_.name, [*CATEGORIES, *described]),
                    severity="warning",
                )

    def result(self, schema: Schema) -> Reading:
        """Everything together."""
        counts = {outcome: self._outcomes[outcome] for outcome in ("applied", "kept", "noted", "ledger", "failed")}
        return Reading(
            schema=schema,
            diagnostics=self.diagnostics,
            losses=self.losses,
            statements=Statements(**counts, total=self._outcomes.total()),
        )


def required(element: Element, attribute: str) -> str:
    """An attribute that must be there and say something.

    Raises:
        Unparsed: it is not or does not.
    """
    value = element.attributes.get(attribute, "").strip()
    if not value:
        message = f"{element.name} lacks the attribute {attribute}."
        raise Unparsed(message, element.offset, code="READ-XML", help_=f'Write <{element.name} {attribute}="...">.')
    return value


def flag(element: Element, attribute: str, *, default: bool = False) -> bool:
    """An attribute that says true or false.

    Raises:
        Unparsed: it says something else.
    """
    value = element.attributes.get(attribute, "").strip().lower()
    if not value:
        return default
    if value not in {"true", "false", "1", "0", "yes", "no"}:
        message = f"{attribute} of {element.name} is true or false, not {value!r}."
        raise Unparsed(message, element.offset, code="READ-XML", help_="Write true or false.")
    return value in {"true", "1", "yes"}


def number(element: Element, attribute: str) -> int | None:
    """An attribute that holds a whole number, or None where it is not there.

    Raises:
        Unparsed: it holds something else.
    """
    value = element.attributes.get(attribute, "").strip()
    if not value:
        return None
    if not _WHOLE_NUMBER.fullmatch(value):
        message = f"{attribute} of {element.name} is a whole number of at most 19 digits, not {value[:40]!r}."
        raise Unparsed(message, element.offset, code="READ-XML", help_="Write a number.")
    return int(value)


def names(element: Element, attribute: str) -> tuple[str, ...]:
    """An attribute that lists names between commas; at least one.

    Raises:
        Unparsed: it lists none.
    """
    listed = tuple(name.strip() for name in required(element, attribute).split(",") if name.strip())
    if not listed:
        message = f"{attribute} of {element.name} names nothing."
        raise Unparsed(message, element.offset, code="READ-XML", help_="Write names, separated by commas.")
    return listed
