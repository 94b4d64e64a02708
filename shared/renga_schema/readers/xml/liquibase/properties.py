"""`${name}` in a changelog: what a property says, put in its place."""

import re
from typing import Final

from renga_schema.model import Dialect
from renga_schema.readers.sql.cursor import Unparsed
from renga_schema.readers.xml.account import Account, required
from renga_schema.readers.xml.liquibase.targets import applies
from renga_schema.readers.xml.tree import Element, unreadable

MOST_INSERTED: Final = 4_000_000
"""Characters that properties may add to a changelog, all together."""

_USE: Final = re.compile(r"\$\{([^${}]+)\}")


class Properties:
    """The properties defined so far. As in Liquibase, the first definition of a name holds."""

    def __init__(self, account: Account, dialect: Dialect | None) -> None:
        self._account = account
        self._dialect = dialect
        self._values: dict[str, str] = {}
        self._skipped: set[str] = set()
        self._missing: set[str] = set()
        self._inserted = 0

    def define(self, element: Element) -> None:
        """Take a `property`; one that is for other databases than ours is passed over.

        Raises:
            Unparsed: it has no name.
        """
        if "file" in element.attributes:
            file = element.attributes["file"]
            self._account.lose(file, "a file of properties", "It is not read.", element.offset)
            return
        name = required(element, "name")
        fits = applies(element.attributes.get("dbms"), self._dialect)
        if fits is False or name in self._values:
            return
        if fits is None and name not in self._skipped:
            self._skipped.add(name)
            dbms = element.attributes["dbms"]
            instead = f"The first value counts, which is for {dbms}. Say which dialect is meant."
            self._account.lose(f"${{{name}}}", "a value for each database", instead, element.offset)
        self._values[name] = self._expanded(element.attributes.get("value", ""), element)

    def expand(self, element: Element) -> None:
        """Put values in the place of names, in an element and in all it holds.

        Raises:
            Unreadable: the text would grow beyond `MOST_INSERTED`.
        """
        for name, value in element.attributes.items():
            if "${" in value:
                element.attributes[name] = self._expanded(value, element)
        if "${" in element.text:
            element.text = self._expanded(element.text, element)
        for child in element.children:
            self.expand(child)

    def _expanded(self, text: str, element: Element) -> str:
        def value(match: re.Match[str]) -> str:
            name = match[1].strip()
            if name not in self._values:
                self._complain(name, element)
                return match[0]
            self._inserted += len(self._values[name])
            if self._inserted > MOST_INSERTED:
                message = f"The properties in this text add more than {MOST_INSERTED} characters to it."
                raise unreadable(self._account.source, element.offset, message, "Write out what is meant.")
            return self._values[name]

        return _USE.sub(value, text)

    def _complain(self, name: str, element: Element) -> None:
        if name not in self._missing:
            self._missing.add(name)
            message = f"Nothing before this defines the property {name!r}."
            advice = f'Add <property name="{name}" value="..."/>, or define it in this file.'
            problem = Unparsed(message, element.offset, code="READ-PROPERTY", help_=advice)
            self._account.complain(problem, "warning")
