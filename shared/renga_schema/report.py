"""What the toolkit has to say beside its result: diagnostics, the loss ledger, and the account of statements."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Final, Protocol, Self

from pydantic import AfterValidator, Field

from renga_schema.model import Node, Origin, Ref, Schema, Severity

LONGEST: Final = 2_000
"""Characters of each text of a finding: a name of a hundred thousand is in every finding about what has it."""


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


_Text = Annotated[str, AfterValidator(_shortened)]


class Diagnostic(Node):
    """One finding of a reader or a rule, as data; the edges turn it into prose."""

    severity: Severity
    code: str
    """Stable: a rule's id (`DSN-NO-PK`), or the reader's (`READ-SYNTAX`)."""
    message: _Text
    """What is wrong, in one sentence."""
    object: _Text | None = None
    """The path of the object: `public.orders.customer_id`."""
    origin: Origin | None = None
    text: _Text | None = None
    """The offending line, as written."""
    help: _Text | None = None
    """What to do about it."""


class Loss(Node):
    """Something that a reader or a writer could not represent, and what it did instead."""

    object: _Text
    feature: _Text
    instead: _Text
    origin: Origin | None = None


class _Link(Protocol):
    @property
    def table(self) -> str: ...
    @property
    def column(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def key(self) -> str: ...


class _Linked(Protocol):
    @property
    def link(self) -> _Link: ...
    @property
    def probability(self) -> float | None: ...
    @property
    def reasons(self) -> tuple[str, ...]: ...


class Proposal(Node):
    """Columns that refer to a key, though the schema does not say so: what a model or a rule of naming believes."""

    table: Ref
    columns: tuple[str, ...]
    target: Ref
    """The table whose key it is."""
    target_columns: tuple[str, ...]
    probability: Annotated[float, Field(ge=0, le=1)] | None = None
    """Of a hundred such proposals so many are right; None where rules said it, which know no degrees."""
    reasons: tuple[str, ...] = ()
    """What speaks for it, the strongest first; each can be checked by looking at the design."""

    @classmethod
    def of_links(cls, schema: Schema, found: Iterable[_Linked]) -> tuple[Self, ...]:
        """What was found in a schema, in its own terms: each a column and a key, tables by their qualified names.

        Whoever looks for them need not know the toolkit: `renga_infer.relating.Relation` has these fields.

        Raises:
            KeyError: the schema has no table of that name.
        """
        tables = {str(table.ref): table.ref for table in schema.tables}
        return tuple(
            cls(
                table=tables[one.link.table],
                columns=(one.link.column,),
                target=tables[one.link.target],
                target_columns=(one.link.key,),
                probability=one.probability,
                reasons=one.reasons,
            )
            for one in found
        )


class Statements(Node):
    """How many statements ended how. The first four and `failed` add up to `total`."""

    applied: int = 0
    """Changed the model."""
    kept: int = 0
    """Kept verbatim: routine bodies, triggers, kinds without a class."""
    noted: int = 0
    """Irrelevant to a schema: SET, COPY, INSERT, GRANT."""
    ledger: int = 0
    """Understood, but not representable: each has an entry in the loss ledger."""
    failed: int = 0
    """Not understood: each has a diagnostic."""
    total: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader returns: the schema and the whole truth about how it was come by."""

    schema: Schema
    diagnostics: tuple[Diagnostic, ...] = ()
    losses: tuple[Loss, ...] = ()
    statements: Statements = field(default_factory=Statements)


class Document(Node):
    """What a writer returns: the text, and what the target could not hold."""

    path: str
    """A file name for the text, relative to where the user wants it: `postgres.sql`."""
    media_type: str
    text: str
    losses: tuple[Loss, ...] = ()
