"""A changelog while its changes are applied: what they have made, and how names, types and values are meant."""

import re
from typing import Final

from renga_schema.identifiers import RESERVED, literal
from renga_schema.model import Action, Column, DataType, Dialect, Expression, Origin, Ref, Schema
from renga_schema.readers.sql.builder import Builder
from renga_schema.readers.sql.cursor import Unparsed
from renga_schema.readers.sql.drafts import TableDraft
from renga_schema.readers.sql.expressions import Allowance
from renga_schema.readers.sql.freezing import freeze
from renga_schema.readers.sql.reader import Session as Script
from renga_schema.readers.xml.account import Account, names, required
from renga_schema.readers.xml.liquibase.types import translated
from renga_schema.readers.xml.tree import Element
from renga_schema.types import category

_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d+)?")
_FUNCTION: Final = re.compile(
    r"(?:current_?(?:date|time|timestamp|datetime)|now|sysdate|systimestamp|getdate|localtimestamp)\b.*"
    r"|[a-z_]\w*\(.*\)",
    re.IGNORECASE | re.DOTALL,
)
_ISO: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d)")
_PLAIN: Final = re.compile(r"[^\W\d]\w*")
"""A name that needs no quotes."""
_ACTIONS: Final[dict[str, Action]] = {
    "CASCADE": "cascade",
    "SET NULL": "set null",
    "SET DEFAULT": "set default",
    "RESTRICT": "restrict",
    "NO ACTION": "no action",
}
_VALUES: Final = ("", "Numeric", "Boolean", "Date", "Computed", "SequenceNext")


class Session:
    """What every change works on."""

    def __init__(self, account: Account, dialect: Dialect | None) -> None:
        self.account = account
        self.dialect = dialect
        # Without a dialect names are equal whatever their case, and nothing is named that the changelog does not name:
        # that is how the builder treats SQLite's.
        self.builder = Builder(dialect or "sqlite")
        self.script = Script(self.builder)
        """The session in which SQL runs."""
        self.path: list[str] = []
        """Where SQL looks up unqualified names; what else changes the schema does not look there."""
        self.expressions: Dialect = dialect or "postgres"
        """Expressions of no dialect are read as PostgreSQL's, the nearest to the standard."""
        self.allowance = Allowance()
        self.quotes_all = False
        """Under `objectQuotingStrategy="QUOTE_ALL_OBJECTS"` names mean exactly what they say."""

    # Names

    def spelled(self, name: str) -> str:
        """A name as the database has it: PostgreSQL folds the names that Liquibase leaves without quotes."""
        if self.dialect != "postgres" or self.quotes_all or name.upper() != name:
            return name
        quoted = _PLAIN.fullmatch(name) is None or name.lower() in RESERVED["postgres"]
        return name if quoted else name.lower()

    def ref(self, element: Element, name: str, schema: str = "schemaName") -> Ref:
        """The name of an object; in MySQL a catalogue is what others call a schema."""
        catalog = schema.replace("schema", "catalog").replace("Schema", "Catalog")
        namespace = element.attributes.get(schema, "").strip()
        if self.dialect == "mysql":
            namespace = element.attributes.get(catalog, "").strip() or namespace
        found = self.spelled(required(element, name))
        return Ref(name=found, namespace=self.spelled(namespace) if namespace else None)

    def names(self, element: Element, attribute: str) -> tuple[str, ...]:
        """A list of names."""
        return tuple(self.spelled(name) for name in names(element, attribute))

    def optional_name(self, element: Element, attribute: str) -> str | None:
        """A name that may be left out."""
        name = element.attributes.get(attribute, "").strip()
        return self.spelled(name) if name else None

    def table(self, element: Element, name: str = "tableName", schema: str = "schemaName") -> TableDraft:
        """The table that a change is about.

        Raises:
            Unparsed: no change before this made it.
        """
        return self.builder.table(self.ref(element, name, schema), element.offset)

    def column(self, table: TableDraft, element: Element, attribute: str = "columnName") -> Column:
        """The column that a change is about.

        Raises:
            Unparsed: the table has no such column.
        """
        return self.builder.column(table, self.spelled(required(element, attribute)), element.offset)

    def columns(self, table: TableDraft, element: Element, attribute: str = "columnNames") -> tuple[str, ...]:
        """Columns that a key is about, spelled as the table spells them.

        Raises:
            Unparsed: the table lacks one of them.
        """
        found = self.names(element, attribute)
        return tuple(self.builder.column(table, name, element.offset).name for name in found)

    def place(self, element: Element) -> Origin:
        """Where an element stands."""
        return self.account.place(element)

    def lose(self, object_: object, feature: str, instead: str, element: Element) -> None:
        """Enter something into the loss ledger."""
        self.account.lose(str(object_), feature, instead, element.offset)

    # Values

    def type(self, element: Element, attribute: str = "type") -> DataType:
        """A data type: the dialect's own, or one of those that Liquibase translates for every database."""
        return self.builder.resolve_type(translated(required(element, attribute), self.dialect))

    def default(self, element: Element, type_: DataType) -> Expression | None:
        """The default that the attributes `defaultValue...` give, or None."""
        for kind in _VALUES:
            value = element.attributes.get(f"defaultValue{kind}")
            if value is None or (value.upper() == "NULL" and kind != "Computed"):
                continue
            return self.allowance.default(self._value(kind, value, type_), type_, self.expressions)
        return None

    def _value(self, kind: str, value: str, type_: DataType) -> str:
        """The expression that Liquibase makes of a value."""
        text = value.strip()
        category_ = category(type_)
        if kind == "SequenceNext":
            return f"nextval({literal(text, self.expressions)})"
        if kind == "Boolean" or (category_ == "boolean" and text.lower() in {"true", "false", "1", "0"}):
            return "TRUE" if text.lower() in {"true", "1"} else "FALSE"
        if kind in {"Numeric", "Computed"}:
            return text
        if (kind == "Date" or category_ == "temporal") and _FUNCTION.fullmatch(text):
            return text
        if kind == "Date":
            value = _ISO.sub(r"\1 \2", text)
        if category_ in {"integer", "decimal", "float"} and (_NUMBER.fullmatch(text) or _FUNCTION.fullmatch(text)):
            return text
        return literal(value, self.expressions)

    def expression(self, text: str) -> Expression:
        """A SQL expression."""
        return self.allowance.expression(text, self.expressions)

    def action(self, element: Element, attribute: str) -> Action:
        """A referential action.

        Raises:
            Unparsed: there is no such action.
        """
        written = element.attributes.get(attribute, "").strip()
        action = _ACTIONS.get(" ".join(written.upper().split()) or "NO ACTION")
        if action is None:
            message = f"{attribute} is no referential action: {written!r}."
            raise Unparsed(message, element.offset, code="READ-XML", help_=f"There are {', '.join(_ACTIONS)}.")
        return action

    # The end

    def freeze(self) -> Schema:
        """The schema after the last change."""
        return freeze(self.builder).model_copy(update={"dialect": self.dialect})
