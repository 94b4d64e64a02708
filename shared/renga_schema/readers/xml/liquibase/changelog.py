"""Walk through a changelog and what it includes, and apply the changes.

What a database would hold after `liquibase update` without contexts or labels: every changeSet counts, in order, once.
Where the dialect is not given, it is the one that the changelog itself names as a target (`dbms`), if it names only
one; otherwise the schema is of no dialect, and what is meant for one database alone goes into the loss ledger. Files
that it refers to are read where they are at hand; those that are not are entries in the ledger. Preconditions about
tables, columns and the like are answered; a changeSet is skipped where they do not hold.

Each change counts as a statement, and in SQL each statement does.
"""

from collections.abc import Sequence
from typing import Final

from renga_schema.errors import Unreadable
from renga_schema.model import Dialect, Origin
from renga_schema.readers.library import Library
from renga_schema.readers.source import Source
from renga_schema.readers.sql.cursor import Unparsed
from renga_schema.readers.sql.effort import Exhausted, refusal
from renga_schema.readers.xml.account import flag
from renga_schema.readers.xml.liquibase.changes import Changes
from renga_schema.readers.xml.liquibase.documents import Changelog, Documents
from renga_schema.readers.xml.liquibase.preconditions import Asked, met
from renga_schema.readers.xml.liquibase.properties import Properties
from renga_schema.readers.xml.liquibase.session import Session
from renga_schema.readers.xml.liquibase.targets import applies, only_dialect
from renga_schema.readers.xml.tree import Element
from renga_schema.report import Reading, Statements

_QUOTES_ALL: Final = "QUOTE_ALL_OBJECTS"
_DEEPEST: Final = 40
"""Files that include one another; a project has about four levels."""


def read_changelogs(
    sources: Sequence[Source], dialect: Dialect | None = None, *, library: Library | None = None
) -> Reading:
    """Read changelogs in XML, YAML, JSON or SQL, one after the other, as they would be applied to one database.

    Args:
        sources: The texts; SQL that is no changelog is one changeSet.
        dialect: The database that is meant; by default what the changelogs themselves say.
        library: The files that they may refer to.

    Raises:
        Unreadable: one of the sources is no changelog, or the changes concern too much of what is there; see `Effort`.
    """
    documents = Documents(library)
    first = [documents.parse(source) for source in sources]
    if dialect is None:
        dialect = only_dialect([each.root for each in documents.all(first)])
    walk = _Walk(documents, first[0], dialect)
    try:
        for changelog in first:
            walk.take(changelog)
        return walk.result()
    except Exhausted:
        raise refusal(walk.reached) from None


class _Walk:
    """The walk: properties are put in place, and each changeSet is carried out by itself."""

    def __init__(self, documents: Documents, first: Changelog, dialect: Dialect | None) -> None:
        self.session = Session(first.account, dialect)
        self._documents = documents
        self._changes = Changes(self.session, documents)
        self._properties = Properties(dialect)
        self._changelogs: list[Changelog] = []
        self._names: set[str | None] = set()
        self._open: list[Changelog] = []
        self._seen: set[tuple[str, str, str]] = set()
        self._reached = (first.account, first.root)

    @property
    def reached(self) -> Origin:
        """Where the change stands that was begun last."""
        account, element = self._reached
        return account.place(element)

    def take(self, changelog: Changelog) -> None:
        """One file."""
        self._changelogs.append(changelog)
        self._names.add(changelog.name)
        self._open.append(changelog)
        self.session.account = changelog.account
        self.session.builder.effort.allow(len(changelog.account.source.text))
        self.session.allowance.allow(len(changelog.account.source.text))
        self._properties.enter(changelog.account)
        for child in changelog.root.children:
            self._child(changelog, child)
        self._properties.leave()
        self._open.pop()
        if self._open:
            self.session.account = self._open[-1].account

    def _child(self, changelog: Changelog, element: Element) -> None:
        account = changelog.account
        self._reached = (account, element)
        if element.name == "property":
            try:
                self._properties.define(element, self._documents, changelog.name)
            except Unparsed as problem:
                account.complain(problem)
            return
        self._properties.expand(element)
        if element.name == "changeSet":
            self._change_set(changelog, element)
        elif element.name in {"include", "includeAll"}:
            self._include(changelog, element)
        elif element.name == "modifyChangeSets":
            for child in element.children:
                self._child(changelog, child)
        elif element.name == "preConditions":
            account.count("noted")
            if met(self.session, element, self._asked()) is False:
                message = "The preconditions of this changelog do not hold here, so Liquibase would not run it."
                account.say("READ-PRECONDITION", message, element.offset, help_="It is read as if.", severity="warning")
        elif element.name == "removeChangeSetProperty":
            account.count("noted")
        else:
            known = ("changeSet", "property", "include", "includeAll", "preConditions")
            self._changes.failed(self._changes.unknown(element, known))

    # What it includes

    def _include(self, changelog: Changelog, element: Element) -> None:
        account = changelog.account
        names = self._documents.included(element, changelog.name)
        if not names:
            optional = "errorIfMissing" if element.name == "include" else "errorIfMissingOrEmpty"
            is_optional = not flag(element, optional, default=True)
            account.count("noted" if is_optional else self._changes.lost(element))
            return
        read = [self._take_included(element, name) for name in names]
        account.count("noted" if all(read) else "failed")

    def _take_included(self, element: Element, name: str) -> bool:
        """Go on in another file; say whether that could be done."""
        account = self.session.account
        if name in self._names:
            return True  # its changeSets have run
        try:
            included = self._documents.open(name)
        except Unreadable as problem:
            account.take(element.offset, problem.diagnostic)
            return False
        except OSError as problem:
            message = f"{name} cannot be read: {problem}."
            account.complain(Unparsed(message, element.offset, code="READ-INCLUDE", help_="Hand it in as well."))
            return False
        if len(self._open) >= _DEEPEST:
            message = f"{name} is included over more than {_DEEPEST} levels."
            account.complain(Unparsed(message, element.offset, code="READ-INCLUDE", help_="It is not read."))
            return False
        self.take(included)
        return True

    # A changeSet

    def _change_set(self, changelog: Changelog, element: Element) -> None:
        attributes, session = element.attributes, self.session
        strategy = attributes.get("objectQuotingStrategy") or changelog.root.attributes.get("objectQuotingStrategy")
        session.quotes_all = strategy == _QUOTES_ALL
        file = attributes.get("logicalFilePath") or changelog.root.attributes.get("logicalFilePath")
        identity = (attributes.get("id", ""), attributes.get("author", ""), file or changelog.name or "")
        if identity in self._seen:
            message = f"There is already a changeSet with the id {identity[0]!r} of {identity[1]!r}."
            problem = Unparsed(message, element.offset, code="READ-DUPLICATE", help_="It is applied nevertheless.")
            changelog.account.complain(problem, "warning")
        fits = False if attributes.get("ignore") == "true" else applies(attributes.get("dbms"), session.dialect)
        if fits:
            fits = self._holds(element)
        self._seen.add(identity)
        self._changes.carry_out(element, applies_=fits, dbms=attributes.get("dbms"), beside=changelog.name)

    def _holds(self, change_set: Element) -> bool:
        """Whether the preconditions of a changeSet let it run; what only a database knows is taken to hold."""
        conditions = change_set.first("preConditions")
        if conditions is None:
            return True
        asked = self._asked()
        answer = met(self.session, conditions, asked)
        if answer is None:
            for name in asked.open:
                instead = "It is taken to hold, since only a database could say."
                self.session.lose(change_set.attributes.get("id", "?"), f"the precondition {name}", instead, conditions)
        on_fail = conditions.attributes.get("onFail", "HALT").strip().upper()
        if answer is not False or on_fail == "WARN":
            return True
        if on_fail == "HALT":
            message = "The preconditions do not hold here, and Liquibase would stop."
            advice = "The changeSet is left out, and the next are read."
            self.session.account.say("READ-PRECONDITION", message, conditions.offset, help_=advice, severity="warning")
        return False

    def _asked(self) -> Asked:
        return Asked(ran=frozenset(self._seen), properties=self._properties.names)

    # The end

    def result(self) -> Reading:
        """Everything together: findings file by file, in the order in which the files were read."""
        schema = self.session.freeze()
        accounts = [changelog.account for changelog in self._changelogs]
        by_file = {account.source.file: account for account in accounts}
        accounts[0].check_types(schema, by_file)
        readings = [account.result(schema) for account in accounts]
        total = {
            name: sum(getattr(reading.statements, name) for reading in readings) for name in Statements.model_fields
        }
        return Reading(
            schema=schema,
            diagnostics=tuple(each for reading in readings for each in reading.diagnostics),
            losses=tuple(each for reading in readings for each in reading.losses),
            statements=Statements(**total),
        )
