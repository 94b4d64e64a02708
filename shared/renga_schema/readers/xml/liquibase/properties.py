"""`${name}` in a changelog: what a property says, put in its place."""

import re
from typing import Final

from renga_schema.errors import Unreadable
from renga_schema.model import Dialect
from renga_schema.readers.sql.cursor import Unparsed
from renga_schema.readers.xml.account import Account, flag, required
from renga_schema.readers.xml.liquibase.documents import Documents
from renga_schema.readers.xml.liquibase.targets import applies
from renga_schema.readers.xml.tree import Element, unreadable

MOST_INSERTED: Final = 200_000
"""Characters that properties may add to a changelog, all together; to a longer one as many as it has."""

_USE: Final = re.compile(r"\$\{([^${}]+)\}")
_LINE: Final = re.compile(r"^[ \t]*(?P<name>[^#!\s:=][^\s:=]*)[ \t]*[:= \t][ \t]*(?P<value>[^\n\r]*)", re.MULTILINE)


class Properties:
    """The properties defined so far. As in Liquibase, the first definition of a name holds."""

    def __init__(self, dialect: Dialect | None) -> None:
        self._dialect = dialect
        self._values: dict[str, str] = {}
        self._local: list[tuple[Account, dict[str, str]]] = []
        """Of each file that is open, its own values."""
        self._skipped: set[str] = set()
        self._missing: set[str] = set()
        self._inserted = 0

    @property
    def names(self) -> frozenset[str]:
        """The names that mean something here."""
        return frozenset(self._values) | frozenset(self._local[-1][1] if self._local else ())

    def enter(self, account: Account) -> None:
        """Go on in another file."""
        self._local.append((account, {}))

    def leave(self) -> None:
        """Go back to the file before."""
        self._local.pop()

    def define(self, element: Element, documents: Documents, beside: str | None) -> None:
        """Take a `property`; one that is for other databases than ours is passed over.

        Raises:
            Unparsed: it has no name.
        """
        account, local = self._local[-1]
        values = self._values if flag(element, "global", default=True) else local
        if "file" in element.attributes:
            self._file(element, documents, beside, values)
            return
        name = required(element, "name")
        fits = applies(element.attributes.get("dbms"), self._dialect)
        if fits is False or name in values:
            return
        if fits is None and name not in self._skipped:
            self._skipped.add(name)
            dbms = element.attributes["dbms"]
            instead = f"The first value counts, which is for {dbms}. Say which dialect is meant."
            account.lose(f"${{{name}}}", "a value for each database", instead, element.offset)
        value = element.attributes.get("value", "") or element.text.strip()
        values[name] = self._expanded(value, element)

    def _file(self, element: Element, documents: Documents, beside: str | None, values: dict[str, str]) -> None:
        account = self._local[-1][0]
        name = element.attributes["file"]
        found = documents.find(element, "file", beside)
        if found is None or applies(element.attributes.get("dbms"), self._dialect) is False:
            account.lose(name, "a file of properties", "It is not read.", element.offset)
            return
        try:
            text = documents.text(found).text
        except (Unreadable, OSError):
            account.lose(name, "a file of properties", "It is not read.", element.offset)
            return
        for match in _LINE.finditer(text):
            values.setdefault(match["name"], match["value"].strip())

    def expand(self, element: Element) -> None:
        """Put values in the place of names, in an element and in all it holds.

        Raises:
            Unreadable: the text would grow beyond `MOST_INSERTED`.
        """
        for name, value in element.attributes.items():
            if "${" in value:
                element.attributes[name] = self._expanded(value, element)
        if "${" in element.text:
            element.text, element.text_at = self._expanded(element.text, element), None
        for child in element.children:
            self.expand(child)

    def _expanded(self, text: str, element: Element) -> str:
        account, local = self._local[-1]

        def value(match: re.Match[str]) -> str:
            name = match[1].strip()
            found = self._values.get(name, local.get(name))
            if found is None and name.startswith(":"):
                return f"${{{name[1:]}}}"  # so one writes a `${` that is meant
            if found is None:
                self._complain(name, element)
                return match[0]
            self._inserted += len(found)
            most = max(MOST_INSERTED, len(account.source.text))
            if self._inserted > most:
                message = f"The properties in this text add more than {most} characters to it."
                raise unreadable(account.source, element.offset, message, "Write out what is meant.")
            return found

        return _USE.sub(value, text)

    def _complain(self, name: str, element: Element) -> None:
        if name not in self._missing:
            self._missing.add(name)
            message = f"Nothing before this defines the property {name!r}."
            advice = f'Add <property name="{name}" value="..."/>, or define it in this file.'
            problem = Unparsed(message, element.offset, code="READ-PROPERTY", help_=advice)
            self._local[-1][0].complain(problem, "warning")
